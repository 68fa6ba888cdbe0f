//! An example as a line of a file.

use std::borrow::Cow;

use geno_action::{EditError, RelEdit};
use serde::{Deserialize, Serialize};

use super::{Example, ExampleEdit, ExampleFault, ExampleKind, ExamplePlace, ExampleSource};

/// Why a line is no example.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExampleLineError {
    /// It is another JSON value or none.
    #[error("not an example")]
    Json(#[from] serde_json::Error),
    /// An edit is none.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// The edits make no example.
    #[error(transparent)]
    Example(#[from] ExampleFault),
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Line<'a> {
    kind: ExampleKind,
    source: ExampleSource,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<Cow<'a, ExamplePlace>>,
    locus: u32,
    #[serde(borrow)]
    edits: Vec<EditField<'a>>,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EditField<'a> {
    rel_pos: u32,
    #[serde(rename = "ref", borrow)]
    reference: Cow<'a, str>,
    #[serde(rename = "alt", borrow)]
    alternate: Cow<'a, str>,
    #[serde(borrow)]
    token: Cow<'a, str>,
}

impl<'a> EditField<'a> {
    fn of(of_example: &'a ExampleEdit) -> Self {
        let edit = of_example.edit();
        Self {
            rel_pos: in_window(edit.rel_pos()),
            reference: edit.reference().into(),
            alternate: edit.alternate().into(),
            token: of_example.token().into(),
        }
    }

    fn read(self) -> Result<ExampleEdit, EditError> {
        let edit = RelEdit::new(self.rel_pos as usize, &self.reference, &self.alternate)?;
        Ok(ExampleEdit::new(edit, self.token.into_owned()))
    }
}

/// A place in a window that an encoder took: far below what 32 bits hold.
fn in_window(bases: usize) -> u32 {
    u32::try_from(bases).expect("a window that was encoded")
}

impl Example {
    /// The example as one line, without its end.
    pub(super) fn to_line(&self) -> String {
        let line = Line {
            kind: self.kind(),
            source: self.source(),
            place: self.place().map(Cow::Borrowed),
            locus: in_window(self.locus()),
            edits: self.edits().iter().map(EditField::of).collect(),
        };
        serde_json::to_string(&line).expect("texts and numbers")
    }

    /// Reads a line.
    pub(super) fn of_line(line: &[u8]) -> Result<Self, ExampleLineError> {
        let line: Line<'_> = serde_json::from_slice(line)?;
        let edits = line.edits.into_iter().map(EditField::read);
        Ok(Self::new(
            line.kind,
            line.source,
            line.place.map(Cow::into_owned),
            line.locus as usize,
            edits.collect::<Result<_, _>>()?,
        )?)
    }
}

#[cfg(test)]
mod tests {
    use geno_data::EditSource;

    use super::*;

    #[test]
    fn a_line_reads_back_as_it_was_written() {
        let edit = |at, reference, alternate| {
            let edit = RelEdit::new(at, reference, alternate).unwrap();
            ExampleEdit::in_window(edit, b"AAAAAACGTACGTTTTTTGG")
        };
        let place = ExamplePlace {
            contig: "20".to_owned(),
            window_start: 1_000,
            window_bp: 20,
        };
        let edits = vec![edit(6, "C", "A"), edit(9, "ACG", "A")];
        let (kind, source) = (
            ExampleKind::Trajectory,
            ExampleSource::Tuple(EditSource::Phased),
        );
        let example = Example::new(kind, source, Some(place), 6, edits).unwrap();
        let line = example.to_line();
        assert_eq!(
            line,
            r#"{"kind":"trajectory","source":"phased","place":{"contig":"20","window_start":1000,"window_bp":20},"locus":6,"edits":[{"rel_pos":6,"ref":"C","alt":"A","token":"CGTACG"},{"rel_pos":9,"ref":"ACG","alt":"A","token":"CGTACG"}]}"#
        );
        assert_eq!(Example::of_line(line.as_bytes()).unwrap(), example);
        for (from, to) in [
            ("locus", "place"),
            ("phased", "other"),
            ("\"A\"", "\"X\""),
            ("[", ""),
        ] {
            let line = line.replacen(from, to, 1);
            assert!(Example::of_line(line.as_bytes()).is_err(), "{line}");
        }
    }
}
