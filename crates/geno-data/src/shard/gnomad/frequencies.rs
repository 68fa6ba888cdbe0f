//! Frequencies and counts of an INFO column, by gnomAD's keys.

use std::str::FromStr;

use super::super::info::{of_allele, pairs, text};

/// A group of people that gnomAD gives frequencies of.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Population {
    /// African and African American.
    Afr,
    /// Amish.
    Ami,
    /// Admixed American.
    Amr,
    /// Ashkenazi Jewish.
    Asj,
    /// East Asian.
    Eas,
    /// Finnish.
    Fin,
    /// Non-Finnish European.
    Nfe,
    /// None of the others, up to gnomAD 3.
    Oth,
    /// South Asian.
    Sas,
    /// Middle Eastern, from gnomAD 4 on.
    Mid,
    /// None of the others, from gnomAD 4 on.
    Remaining,
}

impl Population {
    /// All of them, in the order of a shard's columns.
    pub const ALL: [Self; 11] = [
        Self::Afr,
        Self::Ami,
        Self::Amr,
        Self::Asj,
        Self::Eas,
        Self::Fin,
        Self::Nfe,
        Self::Oth,
        Self::Sas,
        Self::Mid,
        Self::Remaining,
    ];

    /// As gnomAD writes it in keys.
    pub fn as_str(self) -> &'static str {
        &self.column()["af_".len()..]
    }

    /// The column of its frequency in a shard.
    pub(super) fn column(self) -> &'static str {
        match self {
            Self::Afr => "af_afr",
            Self::Ami => "af_ami",
            Self::Amr => "af_amr",
            Self::Asj => "af_asj",
            Self::Eas => "af_eas",
            Self::Fin => "af_fin",
            Self::Nfe => "af_nfe",
            Self::Oth => "af_oth",
            Self::Sas => "af_sas",
            Self::Mid => "af_mid",
            Self::Remaining => "af_remaining",
        }
    }
}

/// Names that one number may have, the better ones first.
const MAX_NAMES: usize = 4;

/// The numbers that are looked for, populations first.
const N_NUMBERS: usize = Population::ALL.len() + 5;
const GLOBAL: usize = Population::ALL.len();
const GRPMAX: usize = GLOBAL + 1;
const AC: usize = GLOBAL + 2;
const AN: usize = GLOBAL + 3;
const NHOMALT: usize = GLOBAL + 4;

/// The values of one row, still text, for all its alleles.
pub(super) struct Frequencies<'a> {
    values: [[Option<&'a [u8]>; MAX_NAMES]; N_NUMBERS],
}

impl<'a> Frequencies<'a> {
    pub(super) fn of(info: &'a [u8]) -> Self {
        let mut values = [[None; MAX_NAMES]; N_NUMBERS];
        for (key, value) in pairs(info) {
            if let Some((number, name)) = place(key) {
                values[number][name] = Some(value);
            }
        }
        Self { values }
    }

    /// The frequency among everybody of an alternate allele, counted from 0.
    pub(super) fn global(&self, allele: usize) -> Option<f64> {
        self.frequency(GLOBAL, allele)
    }

    pub(super) fn grpmax(&self, allele: usize) -> Option<f64> {
        self.frequency(GRPMAX, allele)
    }

    pub(super) fn of_population(&self, population: Population, allele: usize) -> Option<f64> {
        self.frequency(population as usize, allele)
    }

    pub(super) fn ac(&self, allele: usize) -> Option<i64> {
        self.number(AC, allele)
    }

    pub(super) fn an(&self, allele: usize) -> Option<i64> {
        self.number(AN, allele)
    }

    pub(super) fn nhomalt(&self, allele: usize) -> Option<i64> {
        self.number(NHOMALT, allele)
    }

    fn frequency(&self, number: usize, allele: usize) -> Option<f64> {
        self.number(number, allele)
            .filter(|frequency| (0. ..=1.).contains(frequency))
    }

    /// The first value that there is for an allele, if it is a number.
    fn number<T: FromStr>(&self, number: usize, allele: usize) -> Option<T> {
        let values = self.values[number].into_iter().flatten();
        let value = values.filter_map(|value| of_allele(value, allele)).next()?;
        text(value)?.parse().ok()
    }
}

/// Which number a key is a name of, and how good a name.
fn place(key: &[u8]) -> Option<(usize, usize)> {
    Some(match key {
        b"AF" => (GLOBAL, 0),
        b"AF_global" => (GLOBAL, 1),
        b"AF_GLOBAL" => (GLOBAL, 2),
        b"AF_joint" => (GLOBAL, 3),
        b"AF_grpmax" => (GRPMAX, 0),
        b"AF_grpmax_joint" => (GRPMAX, 1),
        b"AF_popmax" => (GRPMAX, 2),
        b"AC" => (AC, 0),
        b"AC_joint" => (AC, 1),
        b"AN" => (AN, 0),
        b"AN_joint" => (AN, 1),
        b"nhomalt" => (NHOMALT, 0),
        b"nhomalt_joint" => (NHOMALT, 1),
        _ => {
            let name = key.strip_prefix(b"AF_")?;
            let joint = name.strip_prefix(b"joint_");
            let population = Population::ALL.into_iter().find(|p| {
                joint
                    .unwrap_or(name)
                    .eq_ignore_ascii_case(p.as_str().as_bytes())
            })?;
            let rank = match (joint, name[0].is_ascii_lowercase()) {
                (None, true) => 0,
                (None, false) => 1,
                (Some(_), _) => 2,
            };
            (population as usize, rank)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn populations_stand_at_their_own_places() {
        for (i, population) in Population::ALL.into_iter().enumerate() {
            assert_eq!(population as usize, i);
        }
    }

    #[test]
    fn the_better_name_wins_wherever_it_stands() {
        let info = b"AF_joint=0.5;AF_AFR=0.1;AF_afr=0.25;AF_joint_mid=0.75;AF=0.125";
        let frequencies = Frequencies::of(info);
        assert_eq!(frequencies.global(0), Some(0.125));
        assert_eq!(frequencies.of_population(Population::Afr, 0), Some(0.25));
        assert_eq!(frequencies.of_population(Population::Mid, 0), Some(0.75));
        assert_eq!(frequencies.of_population(Population::Remaining, 0), None);
        assert_eq!(Frequencies::of(b"AF_joint=0.5").global(0), Some(0.5));
    }

    #[test]
    fn values_belong_to_their_alleles() {
        let frequencies = Frequencies::of(b"AF=.,0.0114;AC=1,2;AN=5;nhomalt=0,x");
        assert_eq!(
            (frequencies.global(0), frequencies.global(1)),
            (None, Some(0.0114))
        );
        assert_eq!((frequencies.ac(1), frequencies.an(1)), (Some(2), Some(5)));
        assert_eq!(
            (frequencies.nhomalt(0), frequencies.nhomalt(1)),
            (Some(0), None)
        );
    }

    #[test]
    fn what_is_no_frequency_is_none() {
        for value in ["nan", "inf", "-0.1", "1.5", "", ".", "0.1.2", "0x1"] {
            let info = format!("AF={value}");
            assert_eq!(Frequencies::of(info.as_bytes()).global(0), None, "{value}");
        }
        assert_eq!(Frequencies::of(b"AF=1e-3").global(0), Some(1e-3));
    }

    #[test]
    fn keys_of_subsets_are_others() {
        for key in [
            "AF_afr_XX",
            "AF_joint_afr_XY",
            "AF_",
            "AF_non_ukb_afr",
            "AF_raw",
            "XAF",
        ] {
            assert_eq!(place(key.as_bytes()), None, "{key}");
        }
    }
}
