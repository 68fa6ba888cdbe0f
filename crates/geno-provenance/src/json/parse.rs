//! A strict reader of JSON.

use std::collections::{BTreeMap, btree_map::Entry};

use geno_core::{Coded, ErrorCode};

use super::{Finite, Integer, Json};

/// How deep arrays and objects may nest.
pub const MAX_JSON_DEPTH: usize = 64;

/// Why bytes are not the JSON read here. Offsets count bytes from the start of the document.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum JsonError {
    /// The bytes are not UTF-8.
    #[error("text is not UTF-8 at byte {offset}")]
    NotUtf8 {
        /// First byte that is not.
        offset: usize,
    },
    /// The document ends too early.
    #[error("JSON ends in the middle of a value")]
    UnexpectedEnd,
    /// A character that cannot stand here.
    #[error("JSON is malformed at byte {offset}")]
    Unexpected {
        /// Where it stands.
        offset: usize,
    },
    /// Half of a surrogate pair, which no Unicode text holds.
    #[error("lone surrogate at byte {offset}")]
    LoneSurrogate {
        /// Where its escape begins.
        offset: usize,
    },
    /// `NaN`, `Infinity` or a number too large for a double.
    #[error("number at byte {offset} is not finite")]
    NotFinite {
        /// Where it begins.
        offset: usize,
    },
    /// An object names a key twice.
    #[error("key `{key}` stands twice in one object, again at byte {offset}")]
    DuplicateKey {
        /// The key.
        key: String,
        /// Where it stands for the second time.
        offset: usize,
    },
    /// Arrays and objects nest deeper than [`MAX_JSON_DEPTH`].
    #[error("JSON nests deeper than {MAX_JSON_DEPTH} at byte {offset}")]
    TooDeep {
        /// Where the first value that is too deep begins.
        offset: usize,
    },
}

impl Coded for JsonError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Json {
    /// Reads one document: RFC 8259, one value with white space around it and nothing else.
    ///
    /// # Errors
    ///
    /// [`JsonError`] for all that RFC 8259 refuses, and for duplicate keys, lone surrogates,
    /// numbers past the range of a double, and nesting deeper than [`MAX_JSON_DEPTH`].
    pub fn parse(bytes: &[u8]) -> Result<Self, JsonError> {
        let text = str::from_utf8(bytes).map_err(|error| JsonError::NotUtf8 {
            offset: error.valid_up_to(),
        })?;
        let mut parser = Parser { text, at: 0 };
        let value = parser.value(0)?;
        parser.skip_space();
        match parser.peek() {
            None => Ok(value),
            Some(_) => Err(parser.unexpected()),
        }
    }
}

/// A place in a document. `at` never passes its end and always lies between characters.
struct Parser<'a> {
    text: &'a str,
    at: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn unexpected(&self) -> JsonError {
        match self.peek() {
            Some(_) => JsonError::Unexpected { offset: self.at },
            None => JsonError::UnexpectedEnd,
        }
    }

    fn skip_space(&mut self) {
        while let Some(b' ' | b'\t' | b'\n' | b'\r') = self.peek() {
            self.at += 1;
        }
    }

    /// Passes an ASCII byte if it stands here.
    fn eat(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, word: &str) -> Result<(), JsonError> {
        for byte in word.bytes() {
            if !self.eat(byte) {
                return Err(self.unexpected());
            }
        }
        Ok(())
    }

    fn value(&mut self, depth: usize) -> Result<Json, JsonError> {
        self.skip_space();
        match self.peek() {
            Some(b'n') => self.expect("null").map(|()| Json::Null),
            Some(b't') => self.expect("true").map(|()| Json::Bool(true)),
            Some(b'f') => self.expect("false").map(|()| Json::Bool(false)),
            Some(b'"') => self.string().map(Json::String),
            Some(b'-' | b'0'..=b'9' | b'N' | b'I') => self.number(),
            Some(b'[' | b'{') if depth == MAX_JSON_DEPTH => {
                Err(JsonError::TooDeep { offset: self.at })
            }
            Some(b'[') => self.array(depth),
            Some(b'{') => self.object(depth),
            _ => Err(self.unexpected()),
        }
    }

    fn array(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut items = Vec::new();
        self.expect("[")?;
        self.skip_space();
        if self.eat(b']') {
            return Ok(Json::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.skip_space();
            if self.eat(b']') {
                return Ok(Json::Array(items));
            }
            self.expect(",")?;
        }
    }

    fn object(&mut self, depth: usize) -> Result<Json, JsonError> {
        let mut fields = BTreeMap::new();
        self.expect("{")?;
        self.skip_space();
        if self.eat(b'}') {
            return Ok(Json::Object(fields));
        }
        loop {
            self.skip_space();
            let offset = self.at;
            let key = self.string()?;
            self.skip_space();
            self.expect(":")?;
            let value = self.value(depth + 1)?;
            match fields.entry(key) {
                Entry::Vacant(entry) => entry.insert(value),
                Entry::Occupied(entry) => {
                    let key = entry.key().clone();
                    return Err(JsonError::DuplicateKey { key, offset });
                }
            };
            self.skip_space();
            if self.eat(b'}') {
                return Ok(Json::Object(fields));
            }
            self.expect(",")?;
        }
    }

    fn string(&mut self) -> Result<String, JsonError> {
        self.expect("\"")?;
        let mut text = String::new();
        loop {
            let start = self.at;
            while let Some(b' '..=b'!' | b'#'..=b'[' | b']'..) = self.peek() {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            if self.eat(b'"') {
                return Ok(text);
            }
            self.expect("\\")?;
            text.push(self.escape()?);
        }
    }

    /// Reads an escape behind its backslash.
    fn escape(&mut self) -> Result<char, JsonError> {
        let offset = self.at.saturating_sub(1);
        let char = match self.peek() {
            Some(b'u') => return self.unicode_escape(offset),
            Some(byte @ (b'"' | b'\\' | b'/')) => char::from(byte),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.unexpected()),
        };
        self.at += 1;
        Ok(char)
    }

    fn unicode_escape(&mut self, offset: usize) -> Result<char, JsonError> {
        let mut units = vec![self.unit()?];
        let is_high = (0xd800..0xdc00).contains(&units[0]);
        if is_high && self.eat(b'\\') {
            if self.peek() != Some(b'u') {
                return Err(JsonError::LoneSurrogate { offset });
            }
            units.push(self.unit()?);
        }
        let mut chars = char::decode_utf16(units);
        match (chars.next(), chars.next()) {
            (Some(Ok(char)), None) => Ok(char),
            _ => Err(JsonError::LoneSurrogate { offset }),
        }
    }

    /// Reads `u` and four hexadecimal digits.
    fn unit(&mut self) -> Result<u16, JsonError> {
        self.expect("u")?;
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
            let Some(digit) = digit.and_then(|digit| u16::try_from(digit).ok()) else {
                return Err(self.unexpected());
            };
            unit = unit << 4 | digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Json, JsonError> {
        let start = self.at;
        let negative = self.eat(b'-');
        match self.peek() {
            Some(b'N') if !negative => return self.not_finite("NaN", start),
            Some(b'I') => return self.not_finite("Infinity", start),
            Some(b'0') => self.at += 1,
            _ => self.digits()?,
        }
        let mut is_float = false;
        if self.eat(b'.') {
            is_float = true;
            self.digits()?;
        }
        if self.eat(b'e') || self.eat(b'E') {
            is_float = true;
            if !self.eat(b'+') {
                self.eat(b'-');
            }
            self.digits()?;
        }

        let text = &self.text[start..self.at];
        if !is_float {
            let text = if text == "-0" { "0" } else { text };
            return Ok(Json::Int(Integer(text.to_owned())));
        }
        let value: Option<f64> = text.parse().ok();
        match value.and_then(|value| Finite::new(value).ok()) {
            Some(value) => Ok(Json::Float(value)),
            None => Err(JsonError::NotFinite { offset: start }),
        }
    }

    fn not_finite(&mut self, word: &str, offset: usize) -> Result<Json, JsonError> {
        self.expect(word)?;
        Err(JsonError::NotFinite { offset })
    }

    /// Passes one or more digits.
    fn digits(&mut self) -> Result<(), JsonError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Err(self.unexpected());
        }
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn malformed_documents_are_located() {
        let cases: [(&[u8], _); 16] = [
            (b"", JsonError::UnexpectedEnd),
            (b"[1,", JsonError::UnexpectedEnd),
            (b"\"a", JsonError::UnexpectedEnd),
            (b"[1,]", JsonError::Unexpected { offset: 3 }),
            (b"{\"a\" 1}", JsonError::Unexpected { offset: 5 }),
            (b"{a:1}", JsonError::Unexpected { offset: 1 }),
            (b"01", JsonError::Unexpected { offset: 1 }),
            (b"+1", JsonError::Unexpected { offset: 0 }),
            (b"1.", JsonError::UnexpectedEnd),
            (b"null null", JsonError::Unexpected { offset: 5 }),
            (b"\"\n\"", JsonError::Unexpected { offset: 1 }),
            (b"\"\\x\"", JsonError::Unexpected { offset: 2 }),
            (
                b"\"\\ud800\\u0041\"",
                JsonError::LoneSurrogate { offset: 1 },
            ),
            (b"\"\\udc00\"", JsonError::LoneSurrogate { offset: 1 }),
            (b" -1e999", JsonError::NotFinite { offset: 1 }),
            (b"\"a\xff\"", JsonError::NotUtf8 { offset: 2 }),
        ];
        for (bytes, error) in cases {
            assert_eq!(Json::parse(bytes), Err(error), "{bytes:?}");
        }
    }

    #[test]
    fn a_byte_order_mark_is_refused() {
        let error = Json::parse(b"\xef\xbb\xbf{}").unwrap_err();
        assert_eq!(error, JsonError::Unexpected { offset: 0 });
    }

    #[test]
    fn a_key_may_stand_once() {
        let error = Json::parse(br#"{"a":1,"\u0061":2}"#).unwrap_err();
        let key = "a".to_owned();
        assert_eq!(error, JsonError::DuplicateKey { key, offset: 7 });
    }

    #[test]
    fn nesting_has_a_limit() {
        let nested = |depth| [vec![b'['; depth], vec![b']'; depth]].concat();
        assert!(Json::parse(&nested(MAX_JSON_DEPTH)).is_ok());
        let offset = MAX_JSON_DEPTH;
        let error = JsonError::TooDeep { offset };
        assert_eq!(Json::parse(&nested(MAX_JSON_DEPTH + 1)), Err(error));
        assert!(Json::parse(&vec![b'['; 1 << 20]).is_err());
    }
}
