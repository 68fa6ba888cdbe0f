//! The dictionary at the head of a `.npy` file.

use super::NpyError;

/// What a header says of the values behind it.
pub(super) struct Header {
    /// Whether they are `f64`; `f32` otherwise.
    pub(super) wide: bool,
    pub(super) shape: Vec<usize>,
}

/// What is left of a header: the part of Python's literals that NumPy writes there.
struct Literal<'h>(&'h [u8]);

impl Header {
    /// Reads a dictionary with `descr`, `fortran_order` and `shape`, each once and in any order.
    pub(super) fn parse(text: &[u8]) -> Result<Self, NpyError> {
        let mut text = Literal(text);
        let (descr, fortran_order, shape) = text.dictionary().ok_or(NpyError::Header)?;
        let wide = match descr {
            b"<f4" => false,
            b"<f8" => true,
            _ => return Err(NpyError::Dtype),
        };
        if fortran_order && shape.len() > 1 {
            return Err(NpyError::FortranOrder);
        }
        Ok(Self { wide, shape })
    }
}

impl<'h> Literal<'h> {
    fn dictionary(&mut self) -> Option<(&'h [u8], bool, Vec<usize>)> {
        let (mut descr, mut fortran_order, mut shape) = (None, None, None);
        self.expect(b'{')?;
        while !self.take(b'}') {
            let key = self.text()?;
            self.expect(b':')?;
            let is_new = match key {
                b"descr" => descr.replace(self.text()?).is_none(),
                b"fortran_order" => fortran_order.replace(self.truth()?).is_none(),
                b"shape" => shape.replace(self.numbers()?).is_none(),
                _ => false,
            };
            if !is_new {
                return None;
            }
            if !self.take(b',') {
                self.expect(b'}')?;
                break;
            }
        }
        self.skip_space();
        self.0.is_empty().then_some(())?;
        Some((descr?, fortran_order?, shape?))
    }

    fn text(&mut self) -> Option<&'h [u8]> {
        self.skip_space();
        let (&quote, rest) = self.0.split_first()?;
        let is_quote = matches!(quote, b'\'' | b'"');
        let len = rest.iter().position(|&byte| byte == quote);
        let (text, rest) = rest.split_at(len.filter(|_| is_quote)?);
        self.0 = &rest[1..];
        (!text.contains(&b'\\')).then_some(text)
    }

    fn truth(&mut self) -> Option<bool> {
        self.skip_space();
        for (word, value) in [(b"True".as_slice(), true), (b"False", false)] {
            if let Some(rest) = self.0.strip_prefix(word) {
                self.0 = rest;
                return Some(value);
            }
        }
        None
    }

    /// A tuple of whole numbers.
    fn numbers(&mut self) -> Option<Vec<usize>> {
        let mut numbers = Vec::new();
        self.expect(b'(')?;
        while !self.take(b')') {
            numbers.push(self.number()?);
            if !self.take(b',') {
                // One number in parentheses is no tuple.
                (numbers.len() > 1).then_some(())?;
                self.expect(b')')?;
                break;
            }
        }
        Some(numbers)
    }

    fn number(&mut self) -> Option<usize> {
        self.skip_space();
        let n_digits = self
            .0
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        let (digits, rest) = self.0.split_at(n_digits);
        self.0 = rest;
        str::from_utf8(digits).ok()?.parse().ok()
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn take(&mut self, byte: u8) -> bool {
        self.skip_space();
        let rest = self.0.strip_prefix(&[byte]);
        self.0 = rest.unwrap_or(self.0);
        rest.is_some()
    }

    fn skip_space(&mut self) {
        self.0 = self.0.trim_ascii_start();
    }
}
