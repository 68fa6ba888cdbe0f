//! The lines of `cargo xtask bench`.

use std::{fmt, fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// Fields that tell works of one name apart. A field that is on one side alone makes another work.
const ABOUT: &[&str] = &[
    "backend",
    "contract",
    "kernel",
    "layout",
    "model",
    "objective",
    "shape",
    "solver",
];

/// What one benchmark took.
#[derive(Clone, Debug)]
pub(super) struct Timing {
    pub(super) work: Work,
    /// Nothing if the line does not name it.
    pub(super) machine: Option<Machine>,
    /// At least one.
    pub(super) seconds: Vec<f64>,
}

/// What was done.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Work {
    pub(super) name: String,
    pub(super) work: String,
    /// Such as `shape=nano`.
    pub(super) about: Vec<String>,
}

/// The kind of machine: never which one.
#[derive(Clone, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Machine {
    cpu: String,
    threads: u64,
    dtypes: Vec<String>,
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}", self.name, self.work)?;
        for about in &self.about {
            write!(f, ", {about}")?;
        }
        f.write_str(")")
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {} threads", self.cpu, self.threads)?;
        for dtype in &self.dtypes {
            write!(f, ", {dtype}")?;
        }
        Ok(())
    }
}

/// Reads a file of lines, or every `.json` and `.jsonl` of a folder.
pub(super) fn read(path: &Path) -> Result<Vec<Timing>> {
    let cannot = || format!("cannot read `{}`", path.display());
    if !path.is_dir() {
        return lines(path, &fs::read_to_string(path).with_context(cannot)?);
    }
    let mut files = Vec::new();
    for entry in fs::read_dir(path).with_context(cannot)? {
        let path = entry?.path();
        let ending = path.extension().and_then(|ending| ending.to_str());
        if matches!(ending, Some("json" | "jsonl")) {
            files.push(path);
        }
    }
    files.sort();
    let mut timings = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read `{}`", path.display()))?;
        timings.extend(lines(&path, &text)?);
    }
    Ok(timings)
}

fn lines(path: &Path, text: &str) -> Result<Vec<Timing>> {
    let lines = text.lines().enumerate();
    let lines = lines.filter(|(_, line)| !line.trim().is_empty());
    let timings = lines.map(|(i, line)| {
        let timing = serde_json::from_str(line)
            .map_err(Into::into)
            .and_then(|value| parse(&value));
        timing.with_context(|| format!("`{}`, line {}", path.display(), i + 1))
    });
    timings.collect()
}

/// Reads a line: its repeats, or without them what it says of the slowest, the median and the
/// fastest.
pub(super) fn parse(line: &Value) -> Result<Timing> {
    let text = |key: &str| line[key].as_str().map(str::to_owned);
    let samples = line["samples"]
        .as_array()
        .map(|samples| samples.iter().collect());
    let three = ["fastest", "seconds", "slowest"].map(|key| &line[key]);
    let three: Vec<&Value> = three.into_iter().filter(|value| !value.is_null()).collect();
    let seconds: Vec<_> = samples
        .unwrap_or(three)
        .into_iter()
        .map(Value::as_f64)
        .collect();
    let seconds: Option<Vec<f64>> = seconds.into_iter().collect();
    let seconds = seconds.context("a time is no number")?;
    ensure!(!seconds.is_empty(), "no time");
    let is_time = |seconds: &f64| seconds.is_finite() && *seconds > 0.0;
    ensure!(seconds.iter().all(is_time), "a time is not above 0");

    let about = ABOUT
        .iter()
        .filter_map(|key| Some(format!("{key}={}", text(key)?)));
    let dtypes = ["dtype", "predictor_dtype"]
        .iter()
        .filter_map(|key| text(key));
    let machine = text("cpu")
        .zip(line["threads"].as_u64())
        .map(|(cpu, threads)| Machine {
            cpu,
            threads,
            dtypes: dtypes.collect(),
        });
    Ok(Timing {
        work: Work {
            name: text("name").context("no `name`")?,
            work: text("work").unwrap_or_default(),
            about: about.collect(),
        },
        machine,
        seconds,
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_line_gives_its_repeats_or_what_it_says_of_them() {
        let line = json!({ "name": "a", "work": "w", "seconds": 2.0, "fastest": 1.0,
            "slowest": 4.0, "cpu": "x", "threads": 2, "shape": "nano", "dtype": "bf16" });
        let timing = parse(&line).unwrap();
        assert_eq!(timing.seconds, [1.0, 2.0, 4.0]);
        assert_eq!(timing.work.to_string(), "a (w, shape=nano)");
        assert_eq!(timing.machine.unwrap().to_string(), "x, 2 threads, bf16");
        let mut line = line;
        line["samples"] = json!([3.0, 5.0]);
        assert_eq!(parse(&line).unwrap().seconds, [3.0, 5.0]);
    }

    #[test]
    fn a_line_that_says_no_time_is_refused_with_its_place() {
        for line in [
            "{",
            "{\"name\":\"a\"}",
            "{\"name\":\"a\",\"seconds\":0}",
            "{\"seconds\":1}",
        ] {
            let refusal = lines(Path::new("f"), &format!("\n{line}\n"))
                .unwrap_err()
                .to_string();
            assert_eq!(refusal, "`f`, line 2", "{line}");
        }
        assert!(lines(Path::new("f"), "\n").unwrap().is_empty());
    }

    #[test]
    fn a_folder_is_read_by_the_endings_of_its_files() {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [
            ("b.json", "{\"name\":\"b\",\"seconds\":1}"),
            (
                "a.jsonl",
                "{\"name\":\"a\",\"seconds\":1}\n{\"name\":\"c\",\"seconds\":1}\n",
            ),
            ("README.md", "no line of JSON"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        let names: Vec<_> = read(folder.path())
            .unwrap()
            .into_iter()
            .map(|t| t.work.name)
            .collect();
        assert_eq!(names, ["a", "c", "b"]);
        assert!(read(&folder.path().join("none.json")).is_err());
    }
}
