//! Commands, as they run and as they are told.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};

use super::{PublicUrl, Workspace, WorkspaceError};
use crate::{FieldError, Fields, Json, Label, PublicPath};

/// A command line that anybody may see: no argument of it is a path of a machine.
///
/// ```
/// use geno_provenance::release::{CommandLine, CommandLineError};
///
/// let line = CommandLine::new(["geno-lewm", "score", "--vcf", "demo/a b.vcf"])?;
/// assert_eq!(line.to_string(), "geno-lewm score --vcf 'demo/a b.vcf'");
/// let private = CommandLine::new(["cat", "/data/genome.vcf"]);
/// assert_eq!(private, Err(CommandLineError::Private { index: 1 }));
/// # Ok::<_, CommandLineError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct CommandLine(Vec<String>);

/// Why arguments are no [`CommandLine`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum CommandLineError {
    /// There is no program.
    #[error("command is empty")]
    Empty,
    /// An argument is empty, holds a control character or could be a path of a machine.
    #[error("argument {index} of the command is not for the public")]
    Private {
        /// Which, the program being 0.
        index: usize,
    },
}

impl Coded for CommandLineError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CommandLine {
    /// Checks arguments, the program first.
    ///
    /// # Errors
    ///
    /// [`CommandLineError`].
    pub fn new<T: Into<String>>(
        arguments: impl IntoIterator<Item = T>,
    ) -> Result<Self, CommandLineError> {
        let arguments: Vec<String> = arguments.into_iter().map(Into::into).collect();
        if arguments.is_empty() {
            return Err(CommandLineError::Empty);
        }
        match arguments.iter().position(|argument| !is_public(argument)) {
            Some(index) => Err(CommandLineError::Private { index }),
            None => Ok(Self(arguments)),
        }
    }

    /// The arguments, the program first.
    pub fn arguments(&self) -> &[String] {
        &self.0
    }

    pub(super) fn take(fields: &mut Fields, key: &str) -> Result<Self, FieldError> {
        let arguments = fields.labels(key)?;
        let arguments = arguments.iter().map(|argument| argument.as_str());
        Self::new(arguments).map_err(|source| FieldError::Command {
            field: key.to_owned(),
            source,
        })
    }
}

/// Whether an argument is a word, a number, a relative path that only descends, or an address.
///
/// `--flag=value` is refused altogether: it would have to be taken apart to be judged.
fn is_public(argument: &str) -> bool {
    let has_drive =
        argument.as_bytes().get(1) == Some(&b':') && argument.as_bytes()[0].is_ascii_alphabetic();
    let refused = argument.is_empty()
        || argument.contains(char::is_control)
        || argument.contains('\\')
        || argument.starts_with(['/', '~'])
        || argument.starts_with('-') && argument.contains(['=', '/'])
        || argument
            .split(['/', ',', '=', ':'])
            .any(|part| matches!(part, ".." | "~"))
        || [",/", "=/", ":/", ",~", "=~", ":~"]
            .iter()
            .any(|root| argument.contains(root))
        || has_drive;
    match argument.contains("://") {
        true => PublicUrl::new(argument).is_ok(),
        false => !refused,
    }
}

/// As a line for a POSIX shell.
impl fmt::Display for CommandLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, argument) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str(" ")?;
            }
            let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./:,+@%=".contains(&byte);
            match argument.bytes().all(plain) {
                true => f.write_str(argument)?,
                false => write!(f, "'{}'", argument.replace('\'', r"'\''"))?,
            }
        }
        Ok(())
    }
}

impl From<&CommandLine> for Json {
    fn from(line: &CommandLine) -> Self {
        let arguments = line.0.iter().map(|argument| Self::from(argument.as_str()));
        Self::Array(arguments.collect())
    }
}

/// What stands in public for an argument that is nobody's business.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Redaction {
    /// Bases.
    Window,
    /// A place or an allele of somebody's genome.
    Variant,
    /// A secret.
    Secret,
}

impl Redaction {
    /// What is shown.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Window => "<redacted-inline-window>",
            Self::Variant => "<redacted-variant>",
            Self::Secret => "<redacted-secret>",
        }
    }
}

/// A command that is run and told from one value: what is told is never cut out of what was run.
///
/// ```
/// use geno_provenance::release::{RecordedCommand, Redaction, Workspace};
///
/// # let folder = tempfile::tempdir()?;
/// let workspace = Workspace::new([("demo", folder.path())])?;
/// let vcf = folder.path().join("demo.vcf");
/// let command = RecordedCommand::new("geno-lewm", "/opt/bin/geno-lewm")?
///     .word("score")?
///     .word("--vcf")?
///     .file(&workspace, &vcf)?
///     .word("--window")?
///     .redacted("ACGT", Redaction::Window);
/// let told = command.line()?.to_string();
/// assert_eq!(told, "geno-lewm score --vcf demo/demo.vcf --window '<redacted-inline-window>'");
/// assert_eq!(command.arguments().nth(2).unwrap(), vcf);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct RecordedCommand {
    program: PathBuf,
    name: Label,
    arguments: Vec<Argument>,
}

#[derive(Clone)]
struct Argument {
    run: OsString,
    told: String,
}

impl RecordedCommand {
    /// Begins with a program: its name in public, and where it lies.
    ///
    /// # Errors
    ///
    /// [`CommandLineError`] for a name that is not for the public.
    pub fn new(name: &str, program: impl Into<PathBuf>) -> Result<Self, CommandLineError> {
        let private = CommandLineError::Private { index: 0 };
        let name = Label::new(name).ok().filter(|name| is_public(name));
        Ok(Self {
            program: program.into(),
            name: name.ok_or(private)?,
            arguments: Vec::new(),
        })
    }

    /// Adds a word, a flag or a number.
    ///
    /// # Errors
    ///
    /// [`CommandLineError`] for one that could be a path of a machine.
    pub fn word(self, word: impl Into<String>) -> Result<Self, CommandLineError> {
        let word = word.into();
        let index = self.arguments.len() + 1;
        match is_public(&word) {
            true => Ok(self.with(word.clone(), word)),
            false => Err(CommandLineError::Private { index }),
        }
    }

    /// Adds a file or a folder of the release.
    ///
    /// # Errors
    ///
    /// [`WorkspaceError`] for one outside of it.
    pub fn file(self, workspace: &Workspace, file: &Path) -> Result<Self, WorkspaceError> {
        let public = workspace.public(file)?;
        Ok(self.with(file, public.as_str()))
    }

    /// Adds a file that is known by another name, such as an input that is not part of the release.
    pub fn file_known_as(self, file: &Path, name: &PublicPath) -> Self {
        self.with(file, name.as_str())
    }

    /// Adds an address.
    pub fn url(self, url: &PublicUrl) -> Self {
        self.with(url.as_str(), url.as_str())
    }

    /// Adds an argument that is not told.
    pub fn redacted(self, argument: impl Into<OsString>, as_what: Redaction) -> Self {
        self.with(argument, as_what.as_str())
    }

    fn with(mut self, run: impl Into<OsString>, told: impl Into<String>) -> Self {
        let (run, told) = (run.into(), told.into());
        self.arguments.push(Argument { run, told });
        self
    }

    /// Where the program lies.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The arguments to run it with.
    pub fn arguments(&self) -> impl Iterator<Item = &OsStr> {
        self.arguments
            .iter()
            .map(|argument| argument.run.as_os_str())
    }

    /// What is told of it.
    ///
    /// # Errors
    ///
    /// [`CommandLineError`] if a file of the release has a name that could be a flag's.
    pub fn line(&self) -> Result<CommandLine, CommandLineError> {
        let told = self.arguments.iter().map(|argument| argument.told.as_str());
        CommandLine::new([&*self.name].into_iter().chain(told))
    }
}

/// Shows what is told.
impl fmt::Debug for RecordedCommand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let told = self.arguments.iter().map(|argument| &argument.told);
        f.debug_list().entry(&self.name).entries(told).finish()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arguments_that_could_name_a_place_of_a_machine_are_refused() {
        for argument in [
            "",
            "/etc/passwd",
            "~/genome.vcf",
            "~",
            "a/../../b",
            "..",
            "..\\b",
            "C:\\a",
            "c:a",
            "--vcf=/data/a.vcf",
            "--vcf=a.vcf",
            "-I/usr/include",
            "cadd=/data/cadd.tsv:phred",
            "a,/data/b",
            "host:/data",
            "x=~/a",
            "file:///etc/passwd",
            "https://user:word@host/a",
            "https://host/a?token=1",
            "a\nb",
        ] {
            assert!(CommandLine::new(["x", argument]).is_err(), "{argument:?}");
        }
        for argument in [
            "--vcf",
            "demo/demo.vcf",
            "5",
            "0.05",
            "-1",
            "20:1000:A:G",
            "cuda:0",
            "cadd=b.tsv:phred",
            "https://huggingface.co/a/b",
            "a,b",
            "SHA256SUMS",
            "<redacted-inline-window>",
        ] {
            assert!(CommandLine::new(["x", argument]).is_ok(), "{argument:?}");
        }
    }

    proptest! {
        #[test]
        fn a_line_never_begins_a_part_at_a_root(argument in r"[-=,:/\\~.a-c ]{0,10}") {
            if CommandLine::new(["x", &argument]).is_ok() {
                for part in argument.split(['=', ',', ':']) {
                    prop_assert!(!part.starts_with(['/', '~']), "{}", argument);
                    prop_assert!(part.split('/').all(|name| name != ".."), "{}", argument);
                }
            }
        }

        #[test]
        fn a_shell_reads_a_line_back(words in proptest::collection::vec("[ -.0-~]{1,8}", 1..4)) {
            prop_assume!(CommandLine::new(words.clone()).is_ok());
            let line = CommandLine::new(words.clone()).unwrap();
            let output = std::process::Command::new("sh")
                .args(["-c", &format!(r#"for a in {line}; do printf '%s\n' "$a"; done"#)])
                .output()
                .unwrap();
            let read = String::from_utf8(output.stdout).unwrap();
            prop_assert_eq!(read.lines().collect::<Vec<_>>(), words);
        }
    }
}
