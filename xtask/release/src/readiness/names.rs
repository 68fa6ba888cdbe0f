//! Names of the files that readiness follows from, in the folder of its report.

use anyhow::Result;
use geno_provenance::{PublicPath, release::CommandLine};

/// Flags of the command, and in the same order the files that they name.
const FLAGS: [&str; 6] = [
    "--model-dir",
    "--metrics-json",
    "--efficiency-report",
    "--rollout-speed-report",
    "--rollout-speed-scope-report",
    "--suite-report",
];

/// The files, by what they are.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// The manifest in the model's folder.
    pub(super) manifest: Option<PublicPath>,
    pub(super) metrics: Option<PublicPath>,
    pub(super) efficiency: Option<PublicPath>,
    pub(super) speed: Option<PublicPath>,
    pub(super) scope: Option<PublicPath>,
    pub(super) suite: Option<PublicPath>,
}

impl Names {
    /// All of them, in the order of the flags.
    pub(super) fn all(&self) -> [&Option<PublicPath>; 6] {
        let Self {
            manifest,
            metrics,
            efficiency,
            speed,
            scope,
            suite,
        } = self;
        [manifest, metrics, efficiency, speed, scope, suite]
    }

    /// The command that names them, and the report.
    pub(super) fn command(&self, report: &PublicPath) -> Result<CommandLine> {
        let mut words = ["cargo", "xtask", "v02", "readiness"]
            .map(str::to_owned)
            .to_vec();
        for (flag, name) in FLAGS.into_iter().zip(self.all()) {
            let Some(name) = name else { continue };
            let name = match flag {
                "--model-dir" => folder(name.as_str()),
                _ => name.as_str(),
            };
            words.extend([flag.to_owned(), name.to_owned()]);
        }
        words.extend(["--output-json".to_owned(), report.to_string()]);
        Ok(CommandLine::new(words)?)
    }

    /// What a command names.
    pub(super) fn of_command(command: &CommandLine) -> Result<Self> {
        let words = command.arguments();
        let name = |flag: &str| {
            let at = words.iter().position(|word| word == flag)?;
            words.get(at + 1)
        };
        let file = |flag| name(flag).map(PublicPath::new).transpose();
        let manifest = name(FLAGS[0]).map(|folder| match folder.as_str() {
            "." => PublicPath::new("manifest.json"),
            folder => PublicPath::new(format!("{folder}/manifest.json")),
        });
        Ok(Self {
            manifest: manifest.transpose()?,
            metrics: file(FLAGS[1])?,
            efficiency: file(FLAGS[2])?,
            speed: file(FLAGS[3])?,
            scope: file(FLAGS[4])?,
            suite: file(FLAGS[5])?,
        })
    }
}

/// The folder of a file.
fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or(".", |(folder, _)| folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_names_the_files_again() {
        let path = |text: &str| PublicPath::new(text).unwrap();
        for manifest in ["manifest.json", "a/model/manifest.json"] {
            let names = Names {
                manifest: Some(path(manifest)),
                metrics: Some(path("eval_metrics.json")),
                suite: Some(path("suite.json")),
                ..Names::default()
            };
            let command = names.command(&path("readiness.json")).unwrap();
            let again = Names::of_command(&command).unwrap();
            assert_eq!(again.all(), names.all());
        }
    }
}
