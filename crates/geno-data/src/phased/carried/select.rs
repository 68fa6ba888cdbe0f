//! Whose genotypes are read.

use super::PhasedError;

/// The samples of a file that are read.
pub(in crate::phased) struct Selected {
    /// For each sample of the file its number among those that are read.
    in_file: Vec<Option<usize>>,
    n_selected: usize,
}

impl Selected {
    /// Finds samples in the last line of a header.
    pub(in crate::phased) fn of(
        columns: &[u8],
        names: Option<&[String]>,
    ) -> Result<Self, PhasedError> {
        let in_file: Vec<&[u8]> = columns.split(|&byte| byte == b'\t').skip(9).collect();
        if in_file.is_empty() {
            return Err(PhasedError::NoSamples);
        }
        for (i, name) in names.unwrap_or_default().iter().enumerate() {
            if !in_file.contains(&name.as_bytes()) {
                return Err(PhasedError::UnknownSample { number: i + 1 });
            }
        }
        let mut n_selected = 0;
        let mut number = |sample: &&[u8]| {
            let is_named = |names: &[String]| names.iter().any(|name| name.as_bytes() == *sample);
            let is_selected = names.is_none_or(is_named);
            n_selected += usize::from(is_selected);
            is_selected.then(|| n_selected - 1)
        };
        let in_file: Vec<_> = in_file.iter().map(&mut number).collect();
        Ok(Self {
            in_file,
            n_selected,
        })
    }

    /// How many are read.
    pub(in crate::phased) fn len(&self) -> usize {
        self.n_selected
    }

    /// The samples of the file in order, each with its number among those that are read.
    pub(in crate::phased) fn in_file(&self) -> impl Iterator<Item = Option<usize>> {
        self.in_file.iter().copied()
    }
}
