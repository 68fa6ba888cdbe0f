//! Files of JSON objects, one a line, of which a few fields are read.

use std::{
    borrow::Cow,
    fmt,
    io::Read,
    path::{Path, PathBuf},
};

use serde::de::{
    Deserialize, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor,
};

use super::error::CorpusError;
use crate::input::{Input, Progress};

/// Longest line that is read, in bytes: room for the largest chromosome of a bacterium several times
/// over, and a bound on memory.
pub const MAX_CORPUS_LINE_LEN: usize = 1 << 26;

/// The lines of a file, plain, gzip or bgzip.
pub(super) struct JsonLines {
    path: PathBuf,
    input: Input,
    text: Vec<u8>,
    n_lines: u64,
}

/// A line that is not blank.
pub(super) struct JsonLine<'a> {
    /// Its number, 1-based.
    pub(super) number: u64,
    /// Its text; nothing if it is longer than [`MAX_CORPUS_LINE_LEN`].
    pub(super) text: Option<&'a [u8]>,
}

/// What a field holds, as far as it can be a name or a number.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Scalar<'a> {
    Null,
    Text(Cow<'a, str>),
    Natural(u64),
    Negative(i64),
    Other,
}

/// Why a line is no object.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct NotAnObject;

impl JsonLines {
    pub(super) fn open(path: &Path) -> Result<Self, CorpusError> {
        let input = Input::open(path).map_err(|error| CorpusError::of(path, error))?;
        Ok(Self::of(path.to_owned(), input))
    }

    pub(super) fn from_reader(
        path: &Path,
        reader: impl Read + Send + 'static,
    ) -> Result<Self, CorpusError> {
        let input = Input::new(Box::new(reader), None);
        let input = input.map_err(|error| CorpusError::of(path, error))?;
        Ok(Self::of(path.to_owned(), input))
    }

    fn of(path: PathBuf, input: Input) -> Self {
        Self {
            path,
            input,
            text: Vec::new(),
            n_lines: 0,
        }
    }

    pub(super) fn progress(&self) -> Progress {
        self.input.progress()
    }

    /// The next line that is not blank.
    pub(super) fn next(&mut self) -> Result<Option<JsonLine<'_>>, CorpusError> {
        loop {
            let line = self
                .input
                .read_line(&mut self.text, MAX_CORPUS_LINE_LEN)
                .map_err(|error| CorpusError::of(&self.path, error))?;
            let Some(line) = line else {
                let path = self.path.clone();
                return match self.n_lines {
                    0 => Err(CorpusError::Empty { path }),
                    _ => Ok(None),
                };
            };
            self.n_lines += 1;
            if self.n_lines == 1 && self.text.starts_with(b"\xef\xbb\xbf") {
                self.text.drain(..3);
            }
            if self.text.trim_ascii().is_empty() && line.len <= MAX_CORPUS_LINE_LEN as u64 {
                continue;
            }
            let is_whole = line.len <= MAX_CORPUS_LINE_LEN as u64;
            return Ok(Some(JsonLine {
                number: self.n_lines,
                text: is_whole.then_some(&self.text[..]),
            }));
        }
    }
}

/// Reads an object's fields of these names, in their order; the last of a name that comes twice.
pub(super) fn read_fields<'a, const N: usize>(
    text: &'a [u8],
    names: [&str; N],
) -> Result<[Scalar<'a>; N], NotAnObject> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let fields = Fields(names).deserialize(&mut json);
    match fields {
        Ok(fields) if json.end().is_ok() => Ok(fields),
        _ => Err(NotAnObject),
    }
}

struct Fields<'n, const N: usize>([&'n str; N]);

impl<'de, const N: usize> DeserializeSeed<'de> for Fields<'_, N> {
    type Value = [Scalar<'de>; N];

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de, const N: usize> Visitor<'de> for Fields<'_, N> {
    type Value = [Scalar<'de>; N];

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut fields = [const { Scalar::Null }; N];
        while let Some(Scalar::Text(key)) = map.next_key()? {
            match self.0.iter().position(|name| *name == key) {
                Some(i) => fields[i] = map.next_value()?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(fields)
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;

        impl<'de> Visitor<'de> for Any {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value")
            }

            fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
                Ok(Scalar::Null)
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Self::Value, E> {
                Ok(Scalar::Natural(number))
            }

            fn visit_i64<E: Error>(self, number: i64) -> Result<Self::Value, E> {
                Ok(Scalar::Negative(number))
            }

            fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }

            fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Scalar::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                while seq.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Scalar::Other)
            }
        }

        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_taken_by_name_and_the_rest_is_passed_over() {
        let text =
            br#" {"b": 7, "x": [1, {"a": 2}], "a": "\u00e9", "c": null, "a": "z", "d": 1.5} "#;
        let fields = read_fields(text, ["a", "b", "c", "d", "e"]).unwrap();
        let z = Scalar::Text("z".into());
        let expected = [
            z,
            Scalar::Natural(7),
            Scalar::Null,
            Scalar::Other,
            Scalar::Null,
        ];
        assert_eq!(fields, expected);
    }

    #[test]
    fn what_is_no_object_is_refused() {
        for text in [
            "",
            "[]",
            "7",
            "{",
            "{\"a\": 1} x",
            "{\"a\": nope}",
            "{\"\\ud800\": 1}",
        ] {
            assert_eq!(
                read_fields(text.as_bytes(), ["a"]),
                Err(NotAnObject),
                "{text}"
            );
        }
    }

    #[test]
    fn deep_values_are_passed_over_without_a_deep_stack() {
        let deep = format!("{{\"a\": {}{}}}", "[".repeat(200_000), "]".repeat(200_000));
        for names in [["a"], ["b"]] {
            let read = read_fields(deep.as_bytes(), names);
            assert!(matches!(
                read,
                Ok([Scalar::Other | Scalar::Null]) | Err(NotAnObject)
            ));
        }
    }
}
