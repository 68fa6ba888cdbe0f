//! Contigs as small numbers, the same for every spelling of a name.

use std::collections::HashMap;

use geno_core::contig_aliases;

/// The one spelling of a contig that stands for all of them: the shortest.
///
/// ```
/// assert_eq!(geno_data::canonical_contig("NC_000020.11"), "20");
/// ```
pub fn canonical_contig(name: &str) -> String {
    let aliases = contig_aliases(name);
    let shortest = aliases.into_iter().min_by_key(String::len);
    shortest.expect("a name is a spelling of itself")
}

/// Numbers contigs in the order in which they come.
#[derive(Clone, Debug, Default)]
pub(crate) struct ContigTable {
    /// Canonical names, and every other spelling met so far.
    by_name: HashMap<String, u32>,
    n_contigs: u32,
}

impl ContigTable {
    /// The number of a contig, new if no spelling of it was met before.
    pub(crate) fn intern(&mut self, name: &str) -> u32 {
        if let Some(&id) = self.by_name.get(name) {
            return id;
        }
        let canonical = canonical_contig(name);
        let id = *self.by_name.entry(canonical).or_insert(self.n_contigs);
        if id == self.n_contigs {
            self.n_contigs += 1;
        }
        self.by_name.insert(name.to_owned(), id);
        id
    }

    /// The number of a contig, if any spelling of it was met.
    pub(crate) fn get(&self, name: &str) -> Option<u32> {
        let by_canonical = || self.by_name.get(&canonical_contig(name));
        self.by_name.get(name).or_else(by_canonical).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_a_contig_share_a_number() {
        let mut table = ContigTable::default();
        let id = table.intern("chr20");
        for name in ["20", "CHR20", "NC_000020.10", "NC_000020.11"] {
            assert_eq!(
                (table.get(name), table.intern(name)),
                (Some(id), id),
                "{name}"
            );
        }
        assert_eq!(table.get("2"), None);
        assert_ne!(table.intern("2"), id);
        assert_eq!(table.intern("chrM"), table.intern("MT"));
    }
}
