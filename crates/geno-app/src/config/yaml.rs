//! YAML as a tree in which everything knows its line.
//!
//! The events come from `granit-parser`, which holds its position and limits its depth. Aliases are
//! refused: no configuration needs them, and without them a file cannot grow while it is read.

use granit_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span, options};

/// A place in a file.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(super) struct Mark {
    /// 1-based.
    pub(super) line: usize,
    /// 1-based, in characters.
    pub(super) column: usize,
}

/// A value and where it begins.
#[derive(Debug)]
pub(super) struct Node {
    pub(super) mark: Mark,
    pub(super) content: Content,
}

#[derive(Debug)]
pub(super) enum Content {
    Word { text: String, quoted: bool },
    List(Vec<Node>),
    Map(Vec<Entry>),
}

/// One line of a mapping.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) mark: Mark,
    pub(super) value: Node,
}

/// Why a text is not read as YAML.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SyntaxError {
    /// It is not YAML, or nested too deeply.
    #[error("not YAML: {0}")]
    Malformed(String),
    /// An alias, `*name`.
    #[error("aliases are not supported: write the value out")]
    Alias,
    /// A tag, `!name`.
    #[error("tags are not supported")]
    Tag,
    /// A key that is a list or a mapping.
    #[error("a key must be a word")]
    Key,
    /// More than one document.
    #[error("a second document begins, one is expected")]
    SecondDocument,
}

/// Sections, keys, lists: nothing is deeper than three.
const MAX_DEPTH: usize = 16;

/// Reads a document; none at all is `None`.
pub(super) fn parse(text: &str) -> Result<Option<Node>, (Mark, SyntaxError)> {
    let mut limits = options! {
        flow_nesting_limit: MAX_DEPTH,
        block_nesting_limit: MAX_DEPTH,
    };
    limits.set_emit_comments(false);
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut reader = Reader(Parser::new_from_str_with_options(text, limits));

    let mut root = None;
    loop {
        let (event, span) = reader.next()?;
        match event {
            Event::StreamEnd => return Ok(root),
            Event::DocumentStart(..) if root.is_some() => {
                return Err((mark(span.start), SyntaxError::SecondDocument));
            }
            event if event.is_node() => root = Some(reader.node(event, span)?),
            _ => {}
        }
    }
}

struct Reader<'a, I: granit_parser::BorrowedInput<'a>>(Parser<'a, I>);

impl<'a, I: granit_parser::BorrowedInput<'a>> Reader<'a, I> {
    fn next(&mut self) -> Result<(Event<'a>, Span), (Mark, SyntaxError)> {
        let end = || ScanError::new(Marker::new(0, 1, 0), "unexpected end");
        self.0
            .next_event()
            .unwrap_or_else(|| Err(end()))
            .map_err(|error| {
                let message = SyntaxError::Malformed(error.kind().to_string());
                (mark(*error.marker()), message)
            })
    }

    /// Reads the node that an event begins. As deep as the parser allows nodes to be.
    fn node(&mut self, event: Event<'a>, span: Span) -> Result<Node, (Mark, SyntaxError)> {
        let mark = mark(span.start);
        if event.tag().is_some() {
            return Err((mark, SyntaxError::Tag));
        }
        let content = match event {
            Event::Scalar(text, style, ..) => Content::Word {
                text: text.into_owned(),
                quoted: style != ScalarStyle::Plain,
            },
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, _) => break Content::List(items),
                        (event, span) => items.push(self.node(event, span)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut entries = Vec::new();
                loop {
                    match self.next()? {
                        (Event::MappingEnd, _) => break Content::Map(entries),
                        (event, span) => entries.push(self.entry(event, span)?),
                    }
                }
            }
            _ => return Err((mark, SyntaxError::Alias)),
        };
        Ok(Node { mark, content })
    }

    fn entry(&mut self, event: Event<'a>, span: Span) -> Result<Entry, (Mark, SyntaxError)> {
        let Node { mark, content } = self.node(event, span)?;
        let Content::Word { text: key, .. } = content else {
            return Err((mark, SyntaxError::Key));
        };
        let (event, span) = self.next()?;
        let value = self.node(event, span)?;
        Ok(Entry { key, mark, value })
    }
}

fn mark(marker: Marker) -> Mark {
    Mark {
        line: marker.line(),
        column: marker.col() + 1,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_knows_where_it_begins() {
        let root = parse("\u{feff}# a comment\nscore:\r\n  strict: yes\n")
            .unwrap()
            .unwrap();
        let Content::Map(sections) = root.content else {
            panic!("no mapping")
        };
        let Content::Map(entries) = &sections[0].value.content else {
            panic!("no mapping")
        };
        assert_eq!(entries[0].mark, Mark { line: 3, column: 3 });
        assert_eq!(
            entries[0].value.mark,
            Mark {
                line: 3,
                column: 11
            }
        );
    }

    #[test]
    fn what_a_configuration_does_not_need_is_refused() {
        let error = |text: &str| parse(text).unwrap_err().1;
        assert_eq!(error("a: &a 1\nb: *a"), SyntaxError::Alias);
        assert_eq!(error("a: !!python/object:os.system x"), SyntaxError::Tag);
        assert_eq!(error("a: 1\n---\nb: 1"), SyntaxError::SecondDocument);
        assert_eq!(error("[a, b]: 1"), SyntaxError::Key);
        for text in [
            "a: [1",
            "a: 1\n b: 2",
            "a:\n  b: 1\n\tc: 2",
            &"[".repeat(100_000),
            "a: \0",
        ] {
            assert!(
                matches!(error(text), SyntaxError::Malformed(_)),
                "{text:.20}"
            );
        }
        let deep: String = (0..1000)
            .map(|n| format!("{}a:\n", " ".repeat(n)))
            .collect();
        assert!(matches!(error(&deep), SyntaxError::Malformed(_)));
    }

    #[test]
    fn no_document_and_an_empty_one_are_told_from_a_word() {
        assert!(parse("").unwrap().is_none());
        assert!(parse("# nothing\n").unwrap().is_none());
        assert!(parse("...\n").unwrap().is_none());
        assert!(parse("word").unwrap().is_some());
    }
}
