//! Consequences on real genes, compared with a translation of the whole coding sequence.

use std::{
    collections::{BTreeMap, HashMap},
    error::Error,
    io::Read,
    path::Path,
    sync::LazyLock,
};

use flate2::read::MultiGzDecoder;
use geno_action::EditSpec;
use geno_data::{
    AnnotationSources, Annotator, Consequence, DEFAULT_UPSTREAM, Fasta, Genes, Strand, Transcript,
    VcfReader, VcfRow,
};
use geno_kits::kit;

type Outcome = Result<(), Box<dyn Error>>;

/// The position before the first base of the kit's piece of chromosome 21.
const KIT3_OFFSET: usize = 24_985_580;

fn annotator(fasta: &Path, genes: Genes) -> Result<Annotator, Box<dyn Error>> {
    Ok(Annotator::new(AnnotationSources {
        fasta: Some(Fasta::open(fasta)?.into()),
        genes: Some(genes),
        upstream: DEFAULT_UPSTREAM,
        regions: None,
        repeats: None,
        tandem_repeats: false,
        soft_mask: false,
    }))
}

fn text_of(name: &str) -> Result<String, Box<dyn Error>> {
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(kit(name))?).read_to_string(&mut text)?;
    Ok(text)
}

/// The codons of each amino acid.
const CODONS: [(char, &str); 21] = [
    ('*', "TAA TAG TGA"),
    ('A', "GCA GCC GCG GCT"),
    ('C', "TGC TGT"),
    ('D', "GAC GAT"),
    ('E', "GAA GAG"),
    ('F', "TTC TTT"),
    ('G', "GGA GGC GGG GGT"),
    ('H', "CAC CAT"),
    ('I', "ATA ATC ATT"),
    ('K', "AAA AAG"),
    ('L', "CTA CTC CTG CTT TTA TTG"),
    ('M', "ATG"),
    ('N', "AAC AAT"),
    ('P', "CCA CCC CCG CCT"),
    ('Q', "CAA CAG"),
    ('R', "AGA AGG CGA CGC CGG CGT"),
    ('S', "AGC AGT TCA TCC TCG TCT"),
    ('T', "ACA ACC ACG ACT"),
    ('V', "GTA GTC GTG GTT"),
    ('W', "TGG"),
    ('Y', "TAC TAT"),
];

static AMINO_ACIDS: LazyLock<HashMap<&str, char>> = LazyLock::new(|| {
    let of_one = |(amino_acid, codons): &(char, &'static str)| {
        let amino_acid = *amino_acid;
        codons.split(' ').map(move |codon| (codon, amino_acid))
    };
    CODONS.iter().flat_map(of_one).collect()
});

fn protein(coding: &str) -> String {
    let codons = (0..coding.len() / 3).map(|i| &coding[3 * i..3 * i + 3]);
    codons.map(|codon| AMINO_ACIDS[codon]).collect()
}

/// A coding sequence, as the file has it: its parts from left to right, and its strand.
#[derive(Default)]
struct Coding {
    parts: Vec<(usize, usize)>,
    is_reverse: bool,
}

impl Coding {
    /// The sequence in reading direction.
    fn read(&self, genome: &[u8]) -> String {
        let bases: Vec<u8> = self
            .parts
            .iter()
            .flat_map(|&(start, end)| genome[start..end].to_vec())
            .collect();
        let text = String::from_utf8(bases).unwrap();
        match self.is_reverse {
            false => text,
            true => text
                .chars()
                .rev()
                .map(|base| "ACGT".chars().nth(3 - "ACGT".find(base).unwrap()).unwrap())
                .collect(),
        }
    }

    /// Bases before the first whole codon: the frame without a stop before the end.
    fn phase(&self, genome: &[u8]) -> usize {
        let coding = self.read(genome);
        let is_open = |phase: &usize| {
            let protein = protein(&coding[*phase..]);
            !protein[..protein.len() - 1].contains('*')
        };
        (0..3).find(is_open).expect("a frame without a stop")
    }
}

/// What an edit of one base does, by translating all before and after it.
fn expected(old: &str, new: &str, phase: usize) -> Consequence {
    let changed = (0..old.len())
        .find(|&i| old.as_bytes()[i] != new.as_bytes()[i])
        .unwrap();
    let n_codons = (old.len() - phase) / 3;
    if changed < phase {
        return Consequence::CodingSequence;
    }
    if changed >= phase + 3 * n_codons {
        return Consequence::IncompleteTerminalCodon;
    }
    let (old, new) = (protein(&old[phase..]), protein(&new[phase..]));
    let has_start = phase == 0 && old.starts_with('M');
    let stop_of = |protein: &str| protein.find('*');
    if has_start && !new.starts_with('M') {
        Consequence::StartLost
    } else if old == new && (changed - phase) / 3 == n_codons - 1 && old.ends_with('*') {
        Consequence::StopRetained
    } else if old == new {
        Consequence::Synonymous
    } else {
        match (stop_of(&old), stop_of(&new)) {
            (Some(_), None) => Consequence::StopLost,
            (None, Some(_)) => Consequence::StopGained,
            (Some(old), Some(new)) if new < old => Consequence::StopGained,
            _ => Consequence::Missense,
        }
    }
}

#[test]
fn every_change_of_a_coding_base_has_the_effect_of_a_whole_translation() -> Outcome {
    // The kit's sequence is a piece; the rows are moved to where they lie in it.
    let folder = tempfile::tempdir()?;
    let sequence: String = text_of("kit3/ref/GRCh38.21.24985581-26000306.fa.gz")?
        .lines()
        .skip(1)
        .collect();
    let genome = sequence.to_uppercase().into_bytes();
    let fasta = folder.path().join("21.fa");
    std::fs::write(&fasta, format!(">21\n{sequence}\n"))?;

    let mut codings: BTreeMap<String, Coding> = BTreeMap::new();
    let mut moved = String::new();
    for row in text_of("kit3/annot/ensembl84.gtf.gz")?.lines() {
        let mut columns: Vec<String> = row.split('\t').map(str::to_owned).collect();
        let (start, end): (usize, usize) = (columns[3].parse()?, columns[4].parse()?);
        let (start, end) = (start - KIT3_OFFSET, end - KIT3_OFFSET);
        (columns[3], columns[4]) = (start.to_string(), end.to_string());
        if columns[2] == "CDS" {
            let id = columns[8].split("transcript_id \"").nth(1).unwrap();
            let id = id.split('"').next().unwrap().to_owned();
            let coding = codings.entry(id).or_default();
            coding.parts.push((start - 1, end));
            coding.is_reverse = columns[6] == "-";
        }
        moved += &(columns.join("\t") + "\n");
    }
    let gtf = folder.path().join("moved.gtf");
    std::fs::write(&gtf, moved)?;
    let genes = Genes::open(&gtf)?;
    assert_eq!((genes.transcripts.len(), genes.bad_rows.n), (53, 0));
    assert_eq!(codings.len(), 16);
    let mut annotator = annotator(&fasta, genes)?;

    let mut counts: BTreeMap<Consequence, u32> = BTreeMap::new();
    for (id, coding) in &mut codings {
        coding.parts.sort_unstable();
        let phase = coding.phase(&genome);
        let original = coding.read(&genome);
        let mut edited = genome.clone();
        for i in coding.parts.iter().flat_map(|&(start, end)| start..end) {
            for alternate in b"ACGT".iter().filter(|base| **base != genome[i]) {
                edited[i] = *alternate;
                let wanted = expected(&original, &coding.read(&edited), phase);

                let [reference, alternate] =
                    [genome[i], *alternate].map(|b| char::from(b).to_string());
                let edit = EditSpec::new("chr21", i as u64 + 1, &reference, &alternate)?;
                let effects = annotator.effects(&edit)?.unwrap();
                let (_, found) = effects.iter().find(|(t, _)| t.id == *id).unwrap();
                let coding_effects: Vec<Consequence> = found
                    .iter()
                    .filter(|consequence| *consequence != Consequence::SpliceRegion)
                    .collect();
                assert_eq!(coding_effects, [wanted], "{id} {} {alternate}", i + 1);
                *counts.entry(wanted).or_default() += 1;
            }
            edited[i] = genome[i];
        }
    }
    assert_eq!(counts.values().sum::<u32>(), 34_368);
    let of_kinds = [
        (Consequence::StopGained, 1_590),
        (Consequence::StopLost, 115),
        (Consequence::StartLost, 135),
        (Consequence::Missense, 24_920),
        (Consequence::StopRetained, 20),
        (Consequence::Synonymous, 7_582),
        (Consequence::CodingSequence, 6),
    ];
    assert_eq!(counts, of_kinds.into());
    Ok(())
}

fn kit1_exons() -> Result<Genes, Box<dyn Error>> {
    Ok(Genes::open(kit("kit1/annot/exons.gencode_lift37.bed.gz"))?)
}

fn kit1_fasta() -> std::path::PathBuf {
    kit("kit1/ref/GRCh37.20.1-4010000.fa.gz")
}

#[test]
fn exons_without_frames_make_transcripts() -> Outcome {
    let genes = kit1_exons()?;
    let n_exons: usize = genes.transcripts.iter().map(|t| t.exons.len()).sum();
    assert_eq!((n_exons, genes.bad_rows.n), (3_062, 0));
    assert_eq!(genes.transcripts.len(), 480);
    let mut names: Vec<_> = genes.transcripts.iter().map(|t| &t.gene).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), 132);
    Ok(())
}

#[test]
fn splice_sites_are_where_introns_begin_with_gt_and_end_with_ag() -> Outcome {
    let genes = kit1_exons()?;
    let fasta = Fasta::open(kit1_fasta())?;
    let contig = fasta.resolve("chr20").unwrap();
    let transcripts: Vec<Transcript> = genes.transcripts.clone();
    let mut annotator = annotator(&kit1_fasta(), genes)?;

    let (mut n_introns, mut n_canonical) = (0, 0);
    for transcript in &transcripts {
        for intron in transcript.introns() {
            n_introns += 1;
            let left = fasta.fetch(contig, intron.start, intron.start + 2)?;
            let right = fasta.fetch(contig, intron.end - 2, intron.end)?;
            let sites = (left.as_slice(), right.as_slice());
            let (is_canonical, terms) = match transcript.strand {
                Strand::Forward => (
                    matches!(sites, (b"GT" | b"GC", b"AG")),
                    [Consequence::SpliceDonor, Consequence::SpliceAcceptor],
                ),
                Strand::Reverse => (
                    matches!(sites, (b"CT", b"AC" | b"GC")),
                    [Consequence::SpliceAcceptor, Consequence::SpliceDonor],
                ),
            };
            n_canonical += u32::from(is_canonical);
            if intron.end - intron.start <= 12 {
                continue;
            }
            let bases = left.iter().chain(&right);
            let places = [
                intron.start,
                intron.start + 1,
                intron.end - 2,
                intron.end - 1,
            ];
            for (i, (place, base)) in places.into_iter().zip(bases).enumerate() {
                let reference = char::from(*base).to_string();
                let alternate = if reference == "A" { "C" } else { "A" };
                let edit = EditSpec::new("20", place + 1, &reference, alternate)?;
                let effects = annotator.effects(&edit)?.unwrap();
                let of_this = effects.iter().find(|(t, _)| t.id == transcript.id);
                assert_eq!(of_this.unwrap().1.worst(), Some(terms[i / 2]), "{place}");
            }
        }
    }
    assert_eq!((n_introns, n_canonical), (2_582, 2_571));
    Ok(())
}

#[test]
fn variants_among_exons_without_frames_have_four_kinds_of_place() -> Outcome {
    let mut annotator = annotator(&kit1_fasta(), kit1_exons()?)?;
    let mut counts: BTreeMap<Consequence, u32> = BTreeMap::new();
    for row in VcfReader::open(kit("kit1/variants/common.eur.sites.vcf.gz"))? {
        if let VcfRow::Variant(variant) = row? {
            let annotation = annotator.annotate(variant.edit())?.unwrap();
            let worst = annotation.consequences.unwrap().worst().unwrap();
            *counts.entry(worst).or_default() += 1;
        }
    }
    let of_kinds = [
        (Consequence::SpliceAcceptor, 5),
        (Consequence::SpliceDonor, 4),
        (Consequence::SpliceRegion, 67),
        (Consequence::CodingSequence, 2_148),
        (Consequence::Intron, 15_158),
        (Consequence::Intergenic, 7_567),
    ];
    assert_eq!(counts, of_kinds.into());
    Ok(())
}
