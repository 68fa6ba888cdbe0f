//! Checking a sealed receipt where it lies, without taking it apart.
//!
//! A sealed receipt has one form, so it can be hashed as it stands: everything before and
//! everything behind the entry with the digest. What is left is to see that the bytes are that
//! form. This says yes only where reading and checking the receipt would; on anything unusual
//! (escapes, text beyond ASCII, deep nesting, a later edition) it says no, which means only that
//! somebody else has to decide.

mod hex;
mod scan;
mod shape;

use geno_core::{Digest, DigestHasher};

pub(super) use self::shape::Shape;
use self::{
    hex::to_hex,
    scan::Scanner,
    shape::{Marks, Part},
};
use crate::receipt::DIGEST_KEY;

/// How deep values of the details may nest; reading allows more.
const MAX_DEPTH: usize = 16;

/// Bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;

/// From behind the output up to the commitment to it.
const BEHIND_OUTPUT: &[u8] = br#","output_commitment":"#;

/// The form of the sealed receipts of one model.
#[derive(Clone)]
pub(super) struct SealedForm {
    /// From the start up to the commitment to the input.
    start: Vec<u8>,
    /// The whole blocks of the start, hashed.
    hashed: (usize, DigestHasher),
    /// From behind that commitment up to the output.
    to_output: Vec<u8>,
    /// Details with one possible value, as JSON.
    details: [(&'static str, Vec<u8>); 2],
}

impl SealedForm {
    pub(super) fn new(
        model_id: Digest,
        calibration_hash: Digest,
        details: [(&'static str, Digest); 2],
    ) -> Self {
        let start = format!(r#"{{"calibration_hash":"{calibration_hash}","input_commitment":"#);
        let to_output = format!(r#","model_id":"{model_id}","output":"#);
        let n_hashed = start.len() / BLOCK * BLOCK;
        let mut hasher = DigestHasher::default();
        hasher.update(&start.as_bytes()[..n_hashed]);
        Self {
            start: start.into_bytes(),
            hashed: (n_hashed, hasher),
            to_output: to_output.into_bytes(),
            details: details.map(|(key, digest)| (key, format!("\"{digest}\"").into_bytes())),
        }
    }

    /// Whether a line, its newline included, is a sealed receipt that holds. No means maybe.
    ///
    /// `shape` is that of a line before it, if there is one, and becomes that of this line where
    /// the two are not of one shape.
    pub(super) fn surely_holds<'a>(&self, line: &'a [u8], shape: &mut Option<Shape<'a>>) -> bool {
        let passed = shape.as_ref().and_then(|shape| shape.pass(line));
        let marks = passed.or_else(|| {
            let new = self.pass(line)?;
            Some(shape.insert(new).marks())
        });
        marks.is_some_and(|marks| self.holds(line, &marks))
    }

    /// Passes a whole line of any shape.
    fn pass<'a>(&self, line: &'a [u8]) -> Option<Shape<'a>> {
        let mut scan = Scanner::new(line);
        scan.literal(&self.start)?;
        scan.noted(Part::InputCommitment)?;
        scan.literal(&self.to_output)?;
        scan.output()?;
        scan.literal(BEHIND_OUTPUT)?;
        scan.noted(Part::OutputCommitment)?;
        scan.literal(br#","provenance":{"details":"#)?;
        self.details(&mut scan)?;
        scan.literal(br#","kind":"checksum_only"},"runtime":{"backend":"#)?;
        scan.label()?;
        scan.literal(br#","carbon_revision":"#)?;
        scan.label()?;
        scan.literal(br#","device":"#)?;
        scan.label()?;
        scan.literal(br#","geno_lewm_version":"#)?;
        scan.label()?;
        scan.literal(br#"},"schema_version":"1.0.0","timestamp":"#)?;
        scan.noted(Part::Timestamp)?;
        scan.literal(b"}\n")?;
        let is_end = scan.at() == line.len();
        is_end.then(|| Shape::new(line, scan.into_parts()))
    }

    /// Passes the details, which must hold the digest.
    fn details(&self, scan: &mut Scanner<'_>) -> Option<()> {
        let mut is_sealed = false;
        let mut last: Option<&[u8]> = None;
        scan.literal(b"{")?;
        loop {
            let key = scan.key_after(last)?;
            let mut known = self.details.iter();
            let known = known.find(|(name, _)| name.as_bytes() == key);
            if key == DIGEST_KEY.as_bytes() {
                scan.noted(Part::ReceiptDigest)?;
                is_sealed = true;
            } else if let Some((_, value)) = known {
                scan.literal(value)?;
            } else {
                scan.value(MAX_DEPTH)?;
            }
            last = Some(key);
            if scan.eat(b'}') {
                return is_sealed.then_some(());
            }
            scan.literal(b",")?;
        }
    }

    /// Whether a line that was passed says the digests of its output and of itself.
    fn holds(&self, line: &[u8], marks: &Marks) -> bool {
        let start = marks.input_commitment.end + self.to_output.len();
        let end = marks.output_commitment.start - BEHIND_OUTPUT.len();
        let output = Digest::of(&line[start..end]);
        is_spelled(&output, &line[marks.output_commitment.clone()])
            && is_spelled(
                &self.digest(line, marks),
                &line[marks.receipt_digest.clone()],
            )
    }

    /// The digest of a line without its newline and without the entry of the digest.
    fn digest(&self, line: &[u8], marks: &Marks) -> Digest {
        let said = &marks.receipt_digest;
        let mut from = said.start - DIGEST_KEY.len() - r#""":"#.len();
        let mut to = said.end;
        if line[to] == b',' {
            to += 1;
        } else if line[from - 1] == b',' {
            from -= 1;
        }
        let (n_hashed, hasher) = &self.hashed;
        let mut hasher = hasher.clone();
        hasher.update(&line[*n_hashed..from]);
        hasher.update(&line[to..line.len() - 1]);
        hasher.finish()
    }
}

/// Whether JSON is a digest. It ends in the digits and a quote.
fn is_spelled(digest: &Digest, json: &[u8]) -> bool {
    json.strip_suffix(b"\"")
        .is_some_and(|json| json.ends_with(&to_hex(digest)))
}

impl std::fmt::Debug for SealedForm {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SealedForm").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Label, ReceiptDraft, ReceiptOutput, Timestamp};

    #[test]
    fn a_receipt_as_it_is_written_is_checked_where_it_lies() {
        let [model_id, calibration_hash, file, weights] =
            ["model", "calibration", "file", "weights"].map(|text| Digest::of(text.as_bytes()));
        let details = [("manifest_sha256", file), ("weights_id", weights)];
        let label = |text| Label::new(text).unwrap();
        for (first, last) in [("a", "z"), ("s", "t"), ("a", "b")] {
            let facts = [first, last].map(|key| (key.to_owned(), crate::Json::from(7)));
            let known = details.map(|(key, digest)| (key.to_owned(), digest.into()));
            let draft = ReceiptDraft {
                model_id,
                input_commitment: Digest::of(b"input"),
                output: ReceiptOutput::new(0.1, 1e-9, label("*"), 0.25, true).unwrap(),
                calibration_hash,
                backend: label("cpu"),
                device: label("cpu/x86_64"),
                carbon_revision: label("r1"),
                timestamp: Timestamp::from_unix_seconds(0).unwrap(),
                details: facts.into_iter().chain(known).collect(),
            };
            let line = draft.seal().unwrap().to_line();
            let form = SealedForm::new(model_id, calibration_hash, details);
            assert!(
                form.surely_holds(&line, &mut None),
                "{}",
                String::from_utf8_lossy(&line)
            );
            let other = SealedForm::new(
                model_id,
                calibration_hash,
                details.map(|(key, _)| (key, file)),
            );
            assert!(!other.surely_holds(&line, &mut None));
        }
    }
}
