//! One sample's genotype.

/// The alleles of one sample at one row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Call {
    /// The allele of each chromosome copy: 0 is the reference. A haploid call has one.
    Phased(u32, Option<u32>),
    /// Two different alleles, and which copy has which is not known.
    Unphased,
    /// An allele is missing, or the text is no call of one or two alleles.
    Missing,
}

impl Call {
    /// Reads a GT field such as `0|1`, `1/1` or `1`.
    pub(crate) fn parse(text: &[u8]) -> Self {
        // A leading separator says whether the first allele is phased.
        let text = text
            .strip_prefix(b"|")
            .or(text.strip_prefix(b"/"))
            .unwrap_or(text);
        let Some(separator) = text.iter().position(|byte| b"|/".contains(byte)) else {
            return allele(text).map_or(Self::Missing, |allele| Self::Phased(allele, None));
        };
        let (first, second) = (allele(&text[..separator]), allele(&text[separator + 1..]));
        match (first, second) {
            (Some(a), Some(b)) if a == b || text[separator] == b'|' => Self::Phased(a, Some(b)),
            (Some(_), Some(_)) => Self::Unphased,
            _ => Self::Missing,
        }
    }
}

fn allele(text: &[u8]) -> Option<u32> {
    let digit = |number: u32, &byte: &u8| {
        let digit = byte.is_ascii_digit().then(|| u32::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    };
    (!text.is_empty()).then(|| text.iter().try_fold(0, digit))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn genotypes_of_every_kind_are_read() {
        for (text, expected) in [
            ("0|1", Call::Phased(0, Some(1))),
            ("12|0", Call::Phased(12, Some(0))),
            ("1/1", Call::Phased(1, Some(1))),
            ("0/1", Call::Unphased),
            ("|0|1", Call::Phased(0, Some(1))),
            ("/0/1", Call::Unphased),
            ("1", Call::Phased(1, None)),
            (".", Call::Missing),
            ("./.", Call::Missing),
            ("0|.", Call::Missing),
            ("0|1|1", Call::Missing),
            ("", Call::Missing),
            ("a|b", Call::Missing),
            ("99999999999|0", Call::Missing),
        ] {
            assert_eq!(Call::parse(text.as_bytes()), expected, "{text}");
        }
    }
}
