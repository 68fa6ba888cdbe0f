//! Checking a sealed receipt where it lies, without taking it apart.
//!
//! A sealed receipt has one form, so it can be hashed as it stands: everything before and
//! everything behind the entry with the digest. What is left is to see that the bytes are that
//! form. This says yes only where reading and checking the receipt would; on anything unusual
//! (escapes, text beyond ASCII, deep nesting, a later edition) it says no, which means only that
//! somebody else has to decide.

mod scan;

use geno_core::{Digest, DigestHasher};

use self::scan::Scanner;
use crate::{Timestamp, receipt::DIGEST_KEY};

/// How deep values of the details may nest; reading allows more.
const MAX_DEPTH: usize = 16;

/// The form of the sealed receipts of one model.
#[derive(Clone, Debug)]
pub(super) struct SealedForm {
    /// From the start up to the commitment to the input.
    start: Vec<u8>,
    /// From behind that commitment up to the output.
    to_output: Vec<u8>,
    /// Details with one possible value, as JSON.
    details: [(&'static str, Vec<u8>); 2],
}

/// The digest of a receipt and the bytes it does not cover.
struct Seal {
    said: Digest,
    from: usize,
    to: usize,
}

impl SealedForm {
    pub(super) fn new(
        model_id: Digest,
        calibration_hash: Digest,
        details: [(&'static str, Digest); 2],
    ) -> Self {
        let start = format!(r#"{{"calibration_hash":"{calibration_hash}","input_commitment":"#);
        let to_output = format!(r#","model_id":"{model_id}","output":"#);
        Self {
            start: start.into_bytes(),
            to_output: to_output.into_bytes(),
            details: details.map(|(key, digest)| (key, format!("\"{digest}\"").into_bytes())),
        }
    }

    /// Whether a line, its newline included, is a sealed receipt that holds. No means maybe.
    pub(super) fn surely_holds(&self, line: &[u8]) -> bool {
        self.check(line).is_some()
    }

    fn check(&self, line: &[u8]) -> Option<()> {
        let mut scan = Scanner::new(line);
        scan.literal(&self.start)?;
        scan.digest()?;
        scan.literal(&self.to_output)?;
        let output = scan.at();
        scan.output()?;
        let output = &line[output..scan.at()];
        scan.literal(br#","output_commitment":"#)?;
        let said = scan.digest()?;
        scan.literal(br#","provenance":{"details":"#)?;
        let seal = self.details(&mut scan)?;
        scan.literal(br#","kind":"checksum_only"},"runtime":{"backend":"#)?;
        scan.label()?;
        scan.literal(br#","carbon_revision":"#)?;
        scan.label()?;
        scan.literal(br#","device":"#)?;
        scan.label()?;
        scan.literal(br#","geno_lewm_version":"#)?;
        scan.label()?;
        scan.literal(br#"},"schema_version":"1.0.0","timestamp":"#)?;
        let timestamp = str::from_utf8(scan.label()?).ok()?;
        timestamp.parse::<Timestamp>().ok()?;
        scan.literal(b"}\n")?;

        let is_end = scan.at() == line.len();
        (is_end && Digest::of(output) == said && seal.holds(line)).then_some(())
    }

    /// Passes the details, which must hold the digest.
    fn details(&self, scan: &mut Scanner<'_>) -> Option<Seal> {
        let mut seal = None;
        let mut last: Option<&[u8]> = None;
        scan.literal(b"{")?;
        loop {
            let from = scan.at();
            let key = scan.key_after(last)?;
            if key == DIGEST_KEY.as_bytes() {
                let said = scan.digest()?;
                let to = scan.at();
                seal = Some(match (scan.peek(), last) {
                    (Some(b','), _) => Seal {
                        said,
                        from,
                        to: to + 1,
                    },
                    (_, Some(_)) => Seal {
                        said,
                        from: from - 1,
                        to,
                    },
                    (_, None) => Seal { said, from, to },
                });
            } else if let Some((_, value)) =
                self.details.iter().find(|(name, _)| name.as_bytes() == key)
            {
                scan.literal(value)?;
            } else {
                scan.value(MAX_DEPTH)?;
            }
            last = Some(key);
            if scan.eat(b'}') {
                return seal;
            }
            scan.literal(b",")?;
        }
    }
}

impl Seal {
    /// Whether the digest is that of a line without its newline and without the digest's entry.
    fn holds(&self, line: &[u8]) -> bool {
        let mut hasher = DigestHasher::default();
        hasher.update(&line[..self.from]);
        hasher.update(&line[self.to..line.len() - 1]);
        hasher.finish() == self.said
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
                form.surely_holds(&line),
                "{}",
                String::from_utf8_lossy(&line)
            );
            let other = SealedForm::new(
                model_id,
                calibration_hash,
                details.map(|(key, _)| (key, file)),
            );
            assert!(!other.surely_holds(&line));
        }
    }
}
