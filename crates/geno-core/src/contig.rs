//! Names of contigs, which every project spells its own way.

/// The spellings under which a contig may be found, the given one first.
///
/// With and without the `chr` prefix, the mitochondrion as `M`, `MT`, `chrM` or `chrMT`, and the
/// human chromosomes also as RefSeq names them in GRCh37 and GRCh38. Two accessions of one
/// chromosome are two builds, so neither is a spelling of the other. No spelling comes twice.
///
/// ```
/// use geno_core::contig_aliases;
///
/// assert_eq!(contig_aliases("GL000220.1"), ["GL000220.1", "chrGL000220.1"]);
/// assert_eq!(contig_aliases("20"), ["20", "chr20", "NC_000020.10", "NC_000020.11"]);
/// assert_eq!(contig_aliases("NC_000020.11"), ["NC_000020.11", "20", "chr20"]);
/// assert_eq!(contig_aliases("chrM"), ["chrM", "M", "MT", "chrMT", "NC_012920.1"]);
/// ```
pub fn contig_aliases(name: &str) -> Vec<String> {
    let of_accession = chromosome_of_accession(name);
    let bare = match (of_accession, name.get(..3)) {
        (Some(chromosome), _) => chromosome,
        (None, Some(prefix)) if prefix.eq_ignore_ascii_case("chr") && name.len() > 3 => &name[3..],
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
    if of_accession.is_none() {
        aliases.extend(accessions(bare));
    }
    aliases
}

/// The nuclear chromosomes of the human genome, each with the version of its RefSeq accession in
/// GRCh37. GRCh38 has the next one.
const CHROMOSOMES: [(&str, u32); 24] = [
    ("1", 10),
    ("2", 11),
    ("3", 11),
    ("4", 11),
    ("5", 9),
    ("6", 11),
    ("7", 13),
    ("8", 10),
    ("9", 11),
    ("10", 10),
    ("11", 9),
    ("12", 11),
    ("13", 10),
    ("14", 8),
    ("15", 9),
    ("16", 9),
    ("17", 10),
    ("18", 9),
    ("19", 9),
    ("20", 10),
    ("21", 8),
    ("22", 10),
    ("X", 10),
    ("Y", 9),
];

/// The mitochondrion of both builds.
const MITOCHONDRION: &str = "NC_012920.1";

/// The accessions of a chromosome, GRCh37 first.
fn accessions(bare: &str) -> Vec<String> {
    if ["M", "MT"].contains(&bare) {
        return vec![MITOCHONDRION.to_owned()];
    }
    let place = CHROMOSOMES.iter().position(|(name, _)| *name == bare);
    place.map_or(Vec::new(), |i| {
        let version = CHROMOSOMES[i].1;
        [version, version + 1]
            .map(|version| format!("NC_{:06}.{version}", i + 1))
            .into()
    })
}

fn chromosome_of_accession(name: &str) -> Option<&'static str> {
    if name == MITOCHONDRION {
        return Some("MT");
    }
    let (number, version) = name.strip_prefix("NC_")?.split_once('.')?;
    let number: usize = number.parse().ok().filter(|_| number.len() == 6)?;
    let (chromosome, grch37) = CHROMOSOMES.get(number.checked_sub(1)?)?;
    let version: u32 = version.parse().ok()?;
    (version == *grch37 || version == grch37 + 1).then_some(chromosome)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_is_dropped_whatever_its_case() {
        assert_eq!(contig_aliases("CHR7")[..3], ["CHR7", "7", "chr7"]);
    }

    #[test]
    fn a_name_that_is_only_a_prefix_is_kept_whole() {
        assert_eq!(contig_aliases("chr"), ["chr", "chrchr"]);
    }

    #[test]
    fn names_outside_ascii_do_not_panic() {
        assert_eq!(contig_aliases("é1"), ["é1", "chré1"]);
    }

    #[test]
    fn accessions_of_two_builds_are_not_each_other() {
        assert_eq!(
            contig_aliases("NC_000023.10"),
            ["NC_000023.10", "X", "chrX"]
        );
        let aliases = contig_aliases("chrX");
        assert!(aliases.contains(&"NC_000023.10".to_owned()));
        assert!(aliases.contains(&"NC_000023.11".to_owned()));
    }

    #[test]
    fn accessions_of_other_builds_and_molecules_stand_for_themselves() {
        for name in ["NC_000001.9", "NC_000025.1", "NC_1.10", "NC_", "NW_003.1"] {
            assert_eq!(
                contig_aliases(name),
                [name.to_owned(), format!("chr{name}")]
            );
        }
    }

    #[test]
    fn the_mitochondrion_has_one_accession() {
        assert_eq!(
            contig_aliases("NC_012920.1"),
            ["NC_012920.1", "M", "MT", "chrM", "chrMT"]
        );
    }
}
