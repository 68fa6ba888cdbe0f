//! Laying configuration over configuration.

use std::{
    ffi::{OsStr, OsString},
    fmt,
    path::{Path, PathBuf},
};

use super::{
    effective::{Effective, Entry},
    fault::{ConfigError, Fault, Problem},
    file::{self, Setting},
    key::{Key, PREFIX, nearest_name},
    keys::KEYS,
    kind::Kind,
    origin::Origin,
    value::Value,
};

/// What is laid over the defaults, lowest layer first: files, environment, `--set`, flags.
///
/// Nothing is read before [`Layers::resolve`], whatever the order of the calls.
///
/// ```
/// use geno_app::config::{Layers, Value};
///
/// let mut layers = Layers::default();
/// layers.set("score.batch_size=16");
/// layers.flag("score.strict", "--strict", true);
/// let effective = layers.resolve()?;
/// assert_eq!(effective.get("score.batch_size"), Some(&Value::Int(16)));
/// assert!(effective.settings().score.strict);
/// # Ok::<_, geno_app::config::ConfigError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Layers {
    files: Vec<PathBuf>,
    variables: Vec<(OsString, OsString)>,
    sets: Vec<String>,
    flags: Vec<(&'static str, &'static str, Value)>,
}

/// Something that has no effect, which the user may not expect.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum Warning {
    /// A variable with our prefix that is none of ours.
    UnknownVariable {
        /// Its name.
        name: String,
        /// The name most like it.
        suggested: Option<String>,
    },
    /// A flag or `--set` for a key that the command does not read.
    NoEffect {
        /// What was given.
        given: String,
        /// The command.
        command: String,
        /// Who reads the key, in words.
        readers: String,
    },
}

impl Layers {
    /// Adds a file. Of two, the later one wins, key by key.
    pub fn file(&mut self, path: &Path) {
        self.files.push(path.to_owned());
    }

    /// Adds the environment; variables without the prefix `GENO_LEWM_` are passed over, and so are
    /// empty ones.
    pub fn environment(&mut self, variables: impl IntoIterator<Item = (OsString, OsString)>) {
        let ours = variables.into_iter().filter(|(name, value)| {
            !value.is_empty() && name.as_encoded_bytes().starts_with(PREFIX.as_bytes())
        });
        self.variables.extend(ours);
        self.variables.sort();
    }

    /// Adds what was given to `--set`: `KEY=VALUE`.
    pub fn set(&mut self, given: &str) {
        self.sets.push(given.to_owned());
    }

    /// Adds the value of a flag that stands for a key.
    pub fn flag(&mut self, path: &'static str, flag: &'static str, value: impl Into<Value>) {
        self.flags.push((path, flag, value.into()));
    }

    /// Adds the value of a flag, if it was given.
    pub fn flag_if(
        &mut self,
        path: &'static str,
        flag: &'static str,
        value: Option<impl Into<Value>>,
    ) {
        if let Some(value) = value {
            self.flag(path, flag, value);
        }
    }

    /// Reads everything and says what holds.
    ///
    /// # Errors
    ///
    /// [`ConfigError`] with everything that is wrong in any layer.
    ///
    /// # Panics
    ///
    /// If a flag names a key that does not exist: flags are part of the program.
    pub fn resolve(self) -> Result<Effective, ConfigError> {
        let (mut settings, mut faults) = (Vec::new(), Vec::new());
        let mut files = Vec::new();
        for path in self.files {
            let contents = file::read(&path);
            settings.extend(contents.settings);
            faults.extend(contents.faults);
            files.extend(contents.digest.map(|digest| (path, digest)));
        }
        let warnings = from_variables(&self.variables, &mut settings, &mut faults);
        for given in &self.sets {
            let origin = Origin::Set(given.clone());
            add(from_set(given), origin, &mut settings, &mut faults);
        }
        for (path, flag, value) in self.flags {
            let key = Key::find(path).unwrap_or_else(|| panic!("`{flag}` sets no key `{path}`"));
            let checked = check(key, value);
            add(checked, Origin::Flag(flag), &mut settings, &mut faults);
        }
        ConfigError::of(faults)?;

        let mut entries: Vec<Entry> = KEYS.iter().map(Entry::default_of).collect();
        for Setting { key, value, origin } in settings {
            if let Some(entry) = entries.iter_mut().find(|entry| entry.key.path == key.path) {
                (entry.value, entry.origin) = (value, origin);
            }
        }
        Ok(Effective::new(entries, files, warnings))
    }
}

type Read = Result<(&'static Key, Value), Problem>;

fn add(read: Read, origin: Origin, settings: &mut Vec<Setting>, faults: &mut Vec<Fault>) {
    match read {
        Ok((key, value)) => settings.push(Setting { key, value, origin }),
        Err(problem) => faults.push(Fault { origin, problem }),
    }
}

fn from_set(given: &str) -> Read {
    let (path, text) = given.split_once('=').ok_or(Problem::NoValue)?;
    let path = path.trim();
    let key = Key::find(path).ok_or_else(|| Problem::unknown_key(path))?;
    let value = key.read_word(text);
    Ok((
        key,
        value.map_err(|refusal| Problem::of_value(key, refusal))?,
    ))
}

/// Flags are typed by the parser of the command line; ranges and names are checked here.
fn check(key: &'static Key, value: Value) -> Read {
    let value = match value {
        Value::Path(_) | Value::Null => value,
        Value::Text(text) => key
            .read_word(&text)
            .map_err(|refusal| Problem::of_value(key, refusal))?,
        other => key
            .read_word(&other.to_yaml())
            .map_err(|refusal| Problem::of_value(key, refusal))?,
    };
    Ok((key, value))
}

/// The Python package's names first, so that a key's own name wins.
fn from_variables(
    variables: &[(OsString, OsString)],
    settings: &mut Vec<Setting>,
    faults: &mut Vec<Fault>,
) -> Vec<Warning> {
    let find = |name: &str| variables.iter().find(|(other, _)| other == name);
    let mut known: Vec<String> = Vec::new();
    for key in KEYS {
        let others = key.other_variables.iter().map(|name| (*name).to_owned());
        for name in others.chain([key.variable()]) {
            if let Some((_, raw)) = find(&name) {
                let read = from_variable(key, raw);
                add(read, Origin::Variable(name.clone()), settings, faults);
            }
            known.push(name);
        }
    }
    variables
        .iter()
        .map(|(name, _)| name.to_string_lossy().into_owned())
        .filter(|name| !known.contains(name))
        .map(|name| Warning::UnknownVariable {
            suggested: nearest_name(&name, known.iter().map(String::as_str)).map(str::to_owned),
            name,
        })
        .collect()
}

fn from_variable(key: &'static Key, raw: &OsStr) -> Read {
    if key.kind == Kind::Path {
        return Ok((key, Value::Path(raw.into())));
    }
    let text = raw.to_str().ok_or(Problem::NotUtf8)?;
    let value = key.read_word(text);
    Ok((
        key,
        value.map_err(|refusal| Problem::of_value(key, refusal))?,
    ))
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownVariable { name, suggested } => {
                write!(f, "environment variable `{name}` has no effect")?;
                match suggested {
                    Some(other) => write!(f, ": did you mean `{other}`?"),
                    None => Ok(()),
                }
            }
            Self::NoEffect {
                given,
                command,
                readers,
            } => write!(
                f,
                "`{given}` has no effect on `{command}`: read by {readers}"
            ),
        }
    }
}
