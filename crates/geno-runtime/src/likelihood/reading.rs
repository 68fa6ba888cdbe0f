//! One way to read windows: a direction and a phase.

use std::sync::Arc;

use geno_action::{RelEdit, Site, edited_window};
use geno_core::{StateContract, Window, reverse_complement};
use geno_encoder::{EncodeError, NativeLikelihood, SiteLikelihood, TOKEN_BP};

use super::{EditLikelihood, LikelihoodDelta, LikelihoodLevel, Strands, Sum};

const CONTRACT: StateContract = StateContract::L2NormalizedV2;

/// A direction and a phase.
#[derive(Clone, Copy)]
pub(super) struct Reading {
    level: LikelihoodLevel,
    is_reverse: bool,
    phase: usize,
}

/// Where the likelihoods of an edit are found among the windows of a reading.
struct Place {
    /// The window before the edit.
    reference: usize,
    /// The window after it.
    edited: Edited,
}

enum Edited {
    /// This edit of the same window.
    Shared(usize),
    /// A window by itself.
    Alone(usize),
}

/// The windows that a reading needs of one site.
struct Windows {
    /// As it is read: without what the phase leaves out.
    bases: Vec<u8>,
    right_flank: Vec<u8>,
    /// Edits of the window cut to whole 6-mers, and of the window that is not.
    shared: [Vec<RelEdit>; 2],
    alone: Vec<Vec<u8>>,
    /// Of each edit that the reading holds: 0 if its window is cut or else 1, and where it stands.
    places: Vec<Option<(usize, Edited)>>,
}

impl Reading {
    /// The readings whose average is asked for, in their order.
    pub(super) fn all(delta: LikelihoodDelta) -> impl Iterator<Item = Self> {
        let directions: &[bool] = match delta.strands {
            Strands::Forward => &[false],
            Strands::Both => &[false, true],
        };
        directions.iter().flat_map(move |is_reverse| {
            (0..delta.phases.get()).map(move |phase| Self {
                level: delta.level,
                is_reverse: *is_reverse,
                phase,
            })
        })
    }

    /// Adds what this reading finds of every edit that it holds.
    pub(super) fn add(
        self,
        carbon: &NativeLikelihood,
        sites: &[Site],
        sums: &mut [Vec<Sum>],
    ) -> Result<(), EncodeError> {
        let (mut windows, mut places) = (Vec::new(), Vec::new());
        for site in sites {
            places.push(self.windows(site)?.into_sites(&mut windows));
        }
        let found = carbon.sites(&windows, CONTRACT)?;
        for (places, sums) in places.into_iter().zip(sums) {
            for (place, sum) in places.into_iter().zip(sums) {
                if let Some(place) = place {
                    let is_full = matches!(place.edited, Edited::Alone(_));
                    sum.add(self.likelihood(&place, &found), is_full);
                }
            }
        }
        Ok(())
    }

    fn likelihood(self, place: &Place, found: &[SiteLikelihood]) -> EditLikelihood {
        let site = &found[place.reference];
        let edited = match place.edited {
            Edited::Shared(edit) => &site.edited[edit],
            Edited::Alone(window) => &found[window].reference,
        };
        EditLikelihood {
            reference: self.level.mean(&site.reference),
            alternate: self.level.mean(edited),
        }
    }

    /// The windows of a site as this reading has them.
    fn windows(self, site: &Site) -> Result<Windows, EncodeError> {
        let window = site.window();
        let mut windows = Windows {
            bases: self.read(window.bases()),
            right_flank: match self.is_reverse {
                false => window.right_flank().to_vec(),
                true => Vec::new(),
            },
            shared: Default::default(),
            alone: Vec::new(),
            places: Vec::new(),
        };
        for (i, edit) in site.edits().iter().enumerate() {
            let place = match self.start(edit, window.len()) {
                None => None,
                Some(start) => {
                    let end = start + edit.reference().len();
                    let is_cut = self.level == LikelihoodLevel::Token
                        && end <= whole_tokens(windows.bases.len());
                    let edited = self.edited(site, i, start, is_cut, &mut windows)?;
                    Some((usize::from(!is_cut), edited))
                }
            };
            windows.places.push(place);
        }
        Ok(windows)
    }

    /// The window after one edit: as an edit of the same window, or by itself.
    fn edited(
        self,
        site: &Site,
        i: usize,
        start: usize,
        is_cut: bool,
        windows: &mut Windows,
    ) -> Result<Edited, EncodeError> {
        let edit = &site.edits()[i];
        let keeps_length = edit.reference().len() == edit.alternate().len();
        if self.is_reverse && !keeps_length {
            // What was its right end is the first that is read, and stands elsewhere.
            let edited = edited_window(site.window(), edit, CONTRACT)
                .map_err(|source| EncodeError::Edit { edit: i, source })?;
            let mut edited = self.read(&edited);
            if is_cut && edited.len() > TOKEN_BP {
                edited.truncate(whole_tokens(edited.len()));
            }
            windows.alone.push(edited);
            return Ok(Edited::Alone(windows.alone.len() - 1));
        }
        let turned = |allele: &str| match self.is_reverse {
            false => allele.to_owned(),
            true => String::from_utf8(reverse_complement(allele.as_bytes())).expect("ASCII"),
        };
        let edit = RelEdit::new(start, &turned(edit.reference()), &turned(edit.alternate()));
        let shared = &mut windows.shared[usize::from(!is_cut)];
        shared.push(edit.expect("alleles that made an edit"));
        Ok(Edited::Shared(shared.len() - 1))
    }

    /// Bases in the direction of reading, without those that the phase leaves out.
    fn read(self, bases: &[u8]) -> Vec<u8> {
        let phase = self.phase.min(bases.len());
        match self.is_reverse {
            false => bases[phase..].to_vec(),
            true => reverse_complement(&bases[..bases.len() - phase]),
        }
    }

    /// Where an edit begins in what is read; `None` if that does not hold all of its bases.
    fn start(self, edit: &RelEdit, window_len: usize) -> Option<usize> {
        let before = match self.is_reverse {
            false => edit.rel_pos(),
            true => window_len - edit.end(),
        };
        before.checked_sub(self.phase)
    }
}

impl Windows {
    /// Adds the sites to compute; where each edit is found among them.
    fn into_sites(self, sites: &mut Vec<Site>) -> Vec<Option<Place>> {
        let mut numbers = [0; 2];
        let lens = [whole_tokens(self.bases.len()), self.bases.len()];
        for (cut, edits) in self.shared.into_iter().enumerate() {
            let is_needed = self.places.iter().flatten().any(|place| place.0 == cut);
            if is_needed {
                numbers[cut] = sites.len();
                let (bases, after) = self.bases.split_at(lens[cut]);
                let flank = [after, &self.right_flank].concat();
                sites.push(site(bases, flank, edits));
            }
        }
        let first_alone = sites.len();
        sites.extend(
            self.alone
                .iter()
                .map(|bases| site(bases, Vec::new(), Vec::new())),
        );
        let place = |(cut, edited): (usize, Edited)| Place {
            reference: numbers[cut],
            edited: match edited {
                Edited::Alone(i) => Edited::Alone(first_alone + i),
                shared => shared,
            },
        };
        self.places
            .into_iter()
            .map(|found| found.map(place))
            .collect()
    }
}

fn site(bases: &[u8], right_flank: Vec<u8>, edits: Vec<RelEdit>) -> Site {
    let window = Window::new(0, bases).and_then(|window| window.with_right_flank(right_flank));
    let window = Arc::new(window.expect("bases of a window"));
    Site::new(window, edits).expect("edits of that window")
}

/// The bases of the whole 6-mers among so many.
fn whole_tokens(len: usize) -> usize {
    len - len % TOKEN_BP
}
