//! Names of contigs, which every project spells its own way.

/// The spellings under which a contig may be found, the given one first.
///
/// With and without the `chr` prefix, and the mitochondrion as `M`, `MT`, `chrM` or `chrMT`. No
/// spelling comes twice.
///
/// ```
/// use geno_core::contig_aliases;
///
/// assert_eq!(contig_aliases("20"), ["20", "chr20"]);
/// assert_eq!(contig_aliases("chrM"), ["chrM", "M", "MT", "chrMT"]);
/// ```
pub fn contig_aliases(name: &str) -> Vec<String> {
    let bare = match name.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("chr") && name.len() > 3 => &name[3..],
        _ => name,
    };
    let is_mitochondrion = ["M", "MT"].contains(&bare);
    let spellings: &[&str] = if is_mitochondrion {
        &["M", "MT"]
    } else {
        &[bare]
    };

    let mut aliases = vec![name.to_owned()];
    let bare_first = spellings.iter().map(|spelling| (*spelling).to_owned());
    let prefixed = spellings.iter().map(|spelling| format!("chr{spelling}"));
    for alias in bare_first.chain(prefixed) {
        if !aliases.contains(&alias) {
            aliases.push(alias);
        }
    }
    aliases
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_dropped_whatever_its_case() {
        assert_eq!(contig_aliases("CHR7"), ["CHR7", "7", "chr7"]);
    }

    #[test]
    fn a_name_that_is_only_a_prefix_is_kept_whole() {
        assert_eq!(contig_aliases("chr"), ["chr", "chrchr"]);
    }

    #[test]
    fn names_outside_ascii_do_not_panic() {
        assert_eq!(contig_aliases("é1"), ["é1", "chré1"]);
    }
}
