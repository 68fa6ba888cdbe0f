//! Pages of made-up scores.

use std::{
    fmt::Write,
    fs::{self, File},
    io::BufWriter,
    path::{Path, PathBuf},
};

use geno_report::{LookUps, Provenance, Report, ScoreFile};
use tempfile::TempDir;

/// A text that would run, were it not escaped.
pub const HOSTILE: &str =
    "</script><script>window.hacked=1</script><img src=x onerror=window.hacked=1>\"'&";

/// A page in a folder of its own.
pub struct ScoredPage {
    _folder: TempDir,
    path: PathBuf,
}

impl ScoredPage {
    /// So many variants on five contigs. Row `i`, from 0, has the percentile `i / n`, and a position that
    /// grows with it on its contig.
    pub fn of(n: u32) -> Self {
        Self::with_percentiles(n, |i| f64::from(i) / f64::from(n))
    }

    /// The same variants, with percentiles all over the place: many low ones and few high ones.
    pub fn scattered(n: u32) -> Self {
        let golden = (5f64.sqrt() - 1.0) / 2.0;
        Self::with_percentiles(n, |i| (f64::from(i) * golden).fract().powi(2))
    }

    fn with_percentiles(n: u32, percentile: impl Fn(u32) -> f64) -> Self {
        let mut lines = String::new();
        for i in 0..n {
            let contig = ["chr1", "chr2", "chr10", "chr20", "chrX"][i as usize % 5];
            let bucket = [
                "intron|mid|none",
                "coding_missense|low|none",
                "intergenic|high|transposon",
            ];
            let bucket = bucket[i as usize % 3];
            let (pos, percentile) = (1_000_000 + 37 * i, percentile(i));
            let confidence = if i % 7 == 0 { 0.4 } else { 1.0 };
            let label = if i % 2 == 0 { "benign" } else { "pathogenic" };
            writeln!(
                lines,
                r#"{{"chrom":"{contig}","pos":{pos},"ref":"C","alt":"T","sigma_raw":{},"sigma_calibrated":{percentile},"bucket_id":"{bucket}","confidence":{confidence},"low_confidence":{},"label":"{label}","n_calibration":{}}}"#,
                f64::from(n - i) / 1e6,
                confidence < 1.0,
                i % 1_000
            )
            .expect("a string takes everything");
        }
        Self::of_lines("Made-up scores", &lines)
    }

    /// Scores of which every text is hostile.
    pub fn hostile() -> Self {
        let text = serde_json::to_string(HOSTILE).expect("a text is JSON");
        let line = |pos: u32| {
            format!(
                r#"{{"chrom":{text},"pos":{pos},"ref":{text},"alt":{text},"sigma_raw":0.1,"sigma_calibrated":0.5,"bucket_id":{text},"confidence":1.0,"low_confidence":false,{text}:{text},"label":{text}}}"#
            )
        };
        let lines: Vec<String> = (1..4).map(line).collect();
        Self::of_lines(HOSTILE, &lines.join("\n"))
    }

    fn of_lines(title: &str, lines: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        let scores = folder.path().join("scores.jsonl");
        fs::write(&scores, lines).expect("scores can be written");
        let scores = ScoreFile {
            path: &scores,
            max_rows: 1_000_000,
        };
        let scores = scores.read(LookUps::default()).expect("scores can be read");
        let report = Report {
            title,
            scores: &scores,
            provenance: &Provenance::default(),
            metrics: &[],
            evaluations: &[],
            annotation: None,
            locus: None,
        };
        let path = folder.path().join("report.html");
        let file = File::create(&path).expect("a page can be created");
        report
            .write_html(BufWriter::new(file))
            .expect("a page can be written");
        Self {
            _folder: folder,
            path,
        }
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }
}
