//! What the INFO column of a row says of its alleles' surroundings.

use geno_core::{RegionClass, RepeatClass, classify_region, classify_repeat};

use super::reject::RejectReason;

/// Keys of the INFO column that state a region or a repeat.
const REGION: &str = "GENO_LEWM_REGION";
const REPEAT: &str = "GENO_LEWM_REPEAT";
const CSQ: &str = "CSQ";
const ANN: &str = "ANN";

/// All of them, for an error.
pub(super) const KEYS: [&str; 4] = [REGION, REPEAT, CSQ, ANN];

/// Columns of a row before INFO.
const N_BEFORE: usize = 7;

/// Region and repeat of an alternate allele, as far as its row states them.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct StatedContext {
    /// The functional class: of the consequence that comes first among all that are stated, in the order of
    /// [`classify_region`].
    pub region: Option<RegionClass>,
    /// The repeat class.
    pub repeat: Option<RepeatClass>,
}

/// The keys that a header declares: those of [`annotate_vcf`](crate::annotate_vcf), else `CSQ` of Ensembl's VEP,
/// else `ANN` of SnpEff.
#[derive(Clone, Debug, Default)]
pub(super) struct ContextKeys {
    region: bool,
    repeat: bool,
    csq: Option<CsqFields>,
    ann: bool,
}

/// Which fields of an entry of `CSQ` are needed.
#[derive(Clone, Copy, Debug)]
struct CsqFields {
    consequence: usize,
    allele: Option<usize>,
    allele_number: Option<usize>,
}

impl ContextKeys {
    /// Takes a line of the header.
    pub(super) fn declare(&mut self, line: &[u8]) {
        let Some(declared) = line.strip_prefix(b"##INFO=<ID=") else {
            return;
        };
        let declared = String::from_utf8_lossy(declared);
        let (key, rest) = declared.split_once(',').unwrap_or((&declared, ""));
        match key {
            REGION => self.region = true,
            REPEAT => self.repeat = true,
            CSQ => self.csq = CsqFields::of(rest),
            ANN => self.ann = true,
            _ => {}
        }
    }

    /// Whether rows can state anything.
    pub(super) fn is_any(&self) -> bool {
        self.region || self.repeat || self.csq.is_some() || self.ann
    }

    /// What a row states of each of its alternates.
    pub(super) fn read(
        &self,
        row: &[u8],
        reference: &str,
        alternates: &[&str],
    ) -> Result<Vec<StatedContext>, RejectReason> {
        let info = row.split(|&byte| byte == b'\t').nth(N_BEFORE);
        let info = std::str::from_utf8(info.unwrap_or_default());
        let info = info.map_err(|_| RejectReason::NotUtf8)?;
        let value = |key: &str| {
            let mut fields = info.split(';');
            fields.find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
        };
        let of_alternates = |key, is_declared: bool| match value(key).filter(|_| is_declared) {
            None => Ok(vec![None; alternates.len()]),
            Some(values) => {
                let values = values
                    .split(',')
                    .map(|value| (value != ".").then_some(value));
                let values: Vec<_> = values.collect();
                let (found, expected) = (values.len(), alternates.len());
                match found == expected {
                    true => Ok(values),
                    false => Err(RejectReason::InfoValues {
                        key,
                        found,
                        expected,
                    }),
                }
            }
        };
        let regions = of_alternates(REGION, self.region)?;
        let repeats = of_alternates(REPEAT, self.repeat)?;
        let contexts = (0..alternates.len()).map(|i| {
            let terms = match (regions[i], self.csq, self.ann) {
                (Some(term), _, _) => vec![term],
                (None, Some(fields), _) => fields.terms(value(CSQ), reference, alternates, i),
                (None, None, true) => ann_terms(value(ANN), alternates[i]),
                (None, None, false) => Vec::new(),
            };
            Ok(StatedContext {
                region: (!terms.is_empty()).then(|| classify_region(terms)),
                repeat: repeats[i].map(|term| classify_repeat([term])).transpose()?,
            })
        });
        contexts.collect()
    }
}

impl CsqFields {
    /// Of a declaration that ends in `Format: Allele|Consequence|…`.
    fn of(declaration: &str) -> Option<Self> {
        let (_, format) = declaration.split_once("Format: ")?;
        let format = format.trim_end_matches(['"', '>']);
        let place = |name| format.split('|').position(|field| field == name);
        Some(Self {
            consequence: place("Consequence")?,
            allele: place("Allele"),
            allele_number: place("ALLELE_NUM"),
        })
    }

    /// The consequences of an alternate, for every transcript.
    fn terms<'a>(
        self,
        entries: Option<&'a str>,
        reference: &str,
        alternates: &[&str],
        i: usize,
    ) -> Vec<&'a str> {
        let own = vep_allele(reference, alternates, alternates[i]);
        let is_own = |fields: &[&str]| {
            let field = |place: Option<usize>| place.and_then(|place| fields.get(place));
            match (field(self.allele_number), field(self.allele)) {
                (Some(number), _) => *number == (i + 1).to_string(),
                (None, Some(allele)) => alternates.len() == 1 || *allele == own,
                (None, None) => alternates.len() == 1,
            }
        };
        let entries = entries.unwrap_or_default().split(',');
        let terms = entries.filter_map(|entry| {
            let fields: Vec<_> = entry.split('|').collect();
            let term = fields.get(self.consequence).copied();
            term.filter(|term| !term.is_empty() && is_own(&fields))
        });
        terms.collect()
    }
}

/// An alternate as VEP writes it: without the first base, if all alleles share that and are not of one length;
/// `-` where nothing is left.
fn vep_allele<'a>(reference: &str, alternates: &[&str], alternate: &'a str) -> &'a str {
    let first = reference.get(..1).unwrap_or_default();
    let is_shared = alternates.iter().all(|other| other.starts_with(first));
    let is_one_length = alternates
        .iter()
        .all(|other| other.len() == reference.len());
    match alternate
        .strip_prefix(first)
        .filter(|_| is_shared && !is_one_length)
    {
        Some("") => "-",
        Some(rest) => rest,
        None => alternate,
    }
}

/// The annotations of an alternate: entries are `Allele|Annotation|…`.
fn ann_terms<'a>(entries: Option<&'a str>, alternate: &str) -> Vec<&'a str> {
    let entries = entries.unwrap_or_default().split(',');
    let terms = entries.filter_map(|entry| {
        let (allele, rest) = entry.split_once('|')?;
        let term = rest.split('|').next().filter(|term| !term.is_empty());
        term.filter(|_| allele == alternate)
    });
    terms.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(header: &[&str]) -> ContextKeys {
        let mut keys = ContextKeys::default();
        header.iter().for_each(|line| keys.declare(line.as_bytes()));
        keys
    }

    fn regions(
        keys: &ContextKeys,
        alleles: (&str, &[&str]),
        info: &str,
    ) -> Vec<Option<RegionClass>> {
        let row = format!(
            "1\t5\t.\t{}\t{}\t.\t.\t{info}\tGT",
            alleles.0,
            alleles.1.join(",")
        );
        let found = keys.read(row.as_bytes(), alleles.0, alleles.1).unwrap();
        found.into_iter().map(|found| found.region).collect()
    }

    const VEP: &str = "##INFO=<ID=CSQ,Number=.,Type=String,Description=\"Consequence annotations from \
                       Ensembl VEP. Format: Allele|Consequence|IMPACT|SYMBOL\">";

    #[test]
    fn own_keys_have_a_value_for_each_alternate() {
        let keys = keys(&[
            "##INFO=<ID=GENO_LEWM_REGION,Number=A>",
            "##INFO=<ID=GENO_LEWM_REPEAT,Number=A>",
        ]);
        let row =
            b"1\t5\t.\tA\tC,G\t.\t.\tAC=1;GENO_LEWM_REGION=splice,.;GENO_LEWM_REPEAT=.,simple";
        let found = keys.read(row, "A", &["C", "G"]).unwrap();
        let expected = [
            (Some(RegionClass::Splice), None),
            (None, Some(RepeatClass::Simple)),
        ];
        let expected = expected.map(|(region, repeat)| StatedContext { region, repeat });
        assert_eq!(found, expected);
        let fault = keys.read(row, "A", &["C", "G", "T"]).unwrap_err();
        assert_eq!(
            fault.to_string(),
            "`GENO_LEWM_REGION` has 2 values for 3 alternate alleles"
        );
        let row = b"1\t5\t.\tA\tC\t.\t.\tGENO_LEWM_REPEAT=odd";
        assert!(keys.read(row, "A", &["C"]).is_err());
    }

    #[test]
    fn the_first_class_of_all_transcripts_counts() {
        let keys = keys(&[VEP]);
        let info =
            "CSQ=T|intron_variant|MODIFIER|A,T|missense_variant&splice_region_variant||B,T|||";
        assert_eq!(
            regions(&keys, ("C", &["T"]), info),
            [Some(RegionClass::Splice)]
        );
        assert_eq!(regions(&keys, ("C", &["T"]), "CSQ=T||"), [None]);
        assert_eq!(regions(&keys, ("C", &["T"]), "."), [None]);
    }

    #[test]
    fn vep_trims_the_base_that_alleles_share() {
        let keys = keys(&[VEP]);
        let info = "CSQ=-|frameshift_variant,TT|intron_variant";
        let found = regions(&keys, ("CT", &["C", "CTT"]), info);
        assert_eq!(
            found,
            [Some(RegionClass::CodingNonsense), Some(RegionClass::Intron)]
        );
        // A substitution beside an insertion that does not begin with the same base.
        let found = regions(
            &keys,
            ("C", &["T", "CA"]),
            "CSQ=T|missense_variant,CA|intron_variant",
        );
        assert_eq!(
            found,
            [Some(RegionClass::CodingMissense), Some(RegionClass::Intron)]
        );
    }

    #[test]
    fn the_number_of_an_allele_decides_where_it_is_stated() {
        let line = VEP.replace("SYMBOL", "ALLELE_NUM");
        let info = "CSQ=A|missense_variant||2,A|intron_variant||1";
        let found = regions(&keys(&[&line]), ("C", &["G", "A"]), info);
        assert_eq!(
            found,
            [Some(RegionClass::Intron), Some(RegionClass::CodingMissense)]
        );
    }

    #[test]
    fn snpeff_names_its_alleles() {
        let keys =
            keys(&["##INFO=<ID=ANN,Number=.,Type=String,Description=\"Functional annotations\">"]);
        let info = "DP=3;ANN=T|synonymous_variant|LOW,G|stop_gained|HIGH";
        let found = regions(&keys, ("C", &["G", "T", "A"]), info);
        let expected = [
            Some(RegionClass::CodingNonsense),
            Some(RegionClass::CodingSynonymous),
            None,
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn a_header_without_any_of_the_keys_is_told() {
        assert!(!keys(&["##INFO=<ID=CSQ,Number=.>", "##INFO=<ID=ANNO>", "##ANN"]).is_any());
        assert!(keys(&[VEP]).is_any());
    }
}
