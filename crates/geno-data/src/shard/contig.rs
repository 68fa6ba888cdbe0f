//! How shards spell contigs.

/// A contig as shards spell it: without `chr`, the mitochondrion `MT`, and `X`, `Y`, `XY` and `MT`
/// in upper case. Other names stay as they are, accessions among them.
///
/// # Source
///
/// `normalize_chrom` of the Python package, whose shards it has to match.
pub(super) fn shard_contig(name: &str) -> &str {
    let name = name.trim();
    let bare = match name.get(..3) {
        Some(prefix) if prefix.eq_ignore_ascii_case("chr") => &name[3..],
        _ => name,
    };
    if bare.eq_ignore_ascii_case("M") {
        return "MT";
    }
    let upper = ["X", "Y", "XY", "MT"];
    let upper = upper.into_iter().find(|u| bare.eq_ignore_ascii_case(u));
    upper.unwrap_or(bare)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contigs_are_spelled_as_in_shards_of_the_python_package() {
        for (name, expected) in [
            ("chr20", "20"),
            ("CHR20", "20"),
            ("20", "20"),
            ("chrM", "MT"),
            ("m", "MT"),
            ("chrmt", "MT"),
            ("chrx", "X"),
            ("xy", "XY"),
            ("chr1_KI270706v1_random", "1_KI270706v1_random"),
            ("NC_000020.11", "NC_000020.11"),
            (" 7 ", "7"),
            ("é1", "é1"),
        ] {
            assert_eq!(shard_contig(name), expected);
        }
    }
}
