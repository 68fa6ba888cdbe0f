//! States of examples.

use std::{collections::HashMap, ops::Range, sync::Arc};

use burn::tensor::Tensor;
use geno_action::{Haplotype, RelEdit, Site};
use geno_core::Window;
use geno_encoder::{EncodeError, SiteEncoder, SiteStates};
use geno_runtime::FrozenEncoder;

use super::{
    super::{Example, ExampleKind, ExampleStates},
    BuildTargetsError, Planned,
};

/// Windows that are encoded between two reports.
const WINDOWS_A_REPORT: usize = 32;

/// Examples that are encoded in one pass over their window.
pub(crate) struct Pass {
    work: Work,
    pub(crate) members: Vec<Member>,
}

enum Work {
    /// Alternatives of one window.
    Site(Site),
    /// One example.
    Trajectory(Haplotype),
}

/// An example, and which edits of a pass are its own.
type Member = (usize, Range<usize>);

/// A window whose alternatives are being collected.
struct Collected {
    window: Arc<Window>,
    edits: Vec<RelEdit>,
    members: Vec<Member>,
}

/// Encodes examples, those of one window together. None if `goes_on` says no, which is asked with
/// the numbers of examples and edits encoded.
///
/// # Panics
///
/// If an encoder gives the alternatives of a token different source states.
pub(super) fn encode(
    encoder: &FrozenEncoder,
    planned: Vec<Planned>,
    mut goes_on: impl FnMut(u64, u64) -> bool,
) -> Result<Option<Vec<ExampleStates>>, BuildTargetsError> {
    let passes = passes(&planned);
    let mut states: Vec<Vec<f32>> = vec![Vec::new(); planned.len()];
    let (mut n_examples, mut n_edits) = (0, 0);
    for passes in passes.chunks(WINDOWS_A_REPORT) {
        if !goes_on(n_examples, n_edits) {
            return Ok(None);
        }
        let encoded = encode_passes(encoder.encoder(), passes)?;
        for (pass, encoded) in passes.iter().zip(encoded) {
            let rows = Rows::of(encoded);
            for (i, edits) in &pass.members {
                n_examples += 1;
                n_edits += planned[*i].example.edits().len() as u64;
                states[*i] = rows.rows(edits.clone());
            }
        }
    }
    // What is encoded is worth writing, whatever the answer.
    goes_on(n_examples, n_edits);
    let encoded = planned.into_iter().zip(states);
    let encoded =
        encoded.map(|(Planned { example, .. }, states)| ExampleStates { example, states });
    Ok(Some(encoded.collect()))
}

/// The passes that examples are encoded in.
pub(crate) fn passes(planned: &[Planned]) -> Vec<Pass> {
    let edits = |example: &Example| -> Vec<RelEdit> {
        let edits = example.edits().iter();
        edits.map(|of_example| of_example.edit().clone()).collect()
    };
    let mut sites: Vec<Collected> = Vec::new();
    let mut known: HashMap<*const Window, usize> = HashMap::new();
    let mut passes = Vec::new();
    for (i, Planned { example, window }) in planned.iter().enumerate() {
        match example.kind() {
            ExampleKind::Alternatives => {
                let site = *known.entry(Arc::as_ptr(window)).or_insert_with(|| {
                    sites.push(Collected {
                        window: Arc::clone(window),
                        edits: Vec::new(),
                        members: Vec::new(),
                    });
                    sites.len() - 1
                });
                let site = &mut sites[site];
                let first = site.edits.len();
                site.edits.extend(edits(example));
                site.members.push((i, first..site.edits.len()));
            }
            ExampleKind::Trajectory => {
                let haplotype = Haplotype::new(Arc::clone(window), edits(example));
                let haplotype = haplotype.expect("edits of this window");
                passes.push(Pass {
                    members: vec![(i, 0..haplotype.edits().len())],
                    work: Work::Trajectory(haplotype),
                });
            }
        }
    }
    passes.extend(sites.into_iter().map(|collected| {
        let site = Site::new(collected.window, collected.edits);
        Pass {
            work: Work::Site(site.expect("edits of this window")),
            members: collected.members,
        }
    }));
    passes
}

/// The states of some passes.
pub(crate) fn encode_passes(
    encoder: &dyn SiteEncoder,
    passes: &[Pass],
) -> Result<Vec<SiteStates>, EncodeError> {
    let (mut sites, mut haplotypes) = (Vec::new(), Vec::new());
    for pass in passes {
        match &pass.work {
            Work::Site(site) => sites.push(site.clone()),
            Work::Trajectory(haplotype) => haplotypes.push(haplotype.clone()),
        }
    }
    let mut of_sites = encoder.encode_sites(&sites)?.into_iter();
    let mut of_haplotypes = encoder.encode_trajectories(&haplotypes)?.into_iter();
    let encoded = passes.iter().map(|pass| {
        let states = match pass.work {
            Work::Site(_) => of_sites.next(),
            Work::Trajectory(_) => of_haplotypes.next(),
        };
        states.expect("states of every window that was given")
    });
    Ok(encoded.collect())
}

/// The states of a window.
struct Rows {
    reference: Vec<f32>,
    edited: Vec<f32>,
    width: usize,
}

impl Rows {
    fn of(states: SiteStates) -> Self {
        let SiteStates {
            reference, edited, ..
        } = states;
        let values = |states: Tensor<2>| states.into_data().iter::<f32>().collect();
        Self {
            width: reference.dims()[1],
            reference: values(reference),
            edited: values(edited),
        }
    }

    /// The source state of some edits that share it, then theirs.
    fn rows(&self, edits: Range<usize>) -> Vec<f32> {
        let values = edits.start * self.width..edits.end * self.width;
        let mut sources = self.reference[values.clone()].chunks(self.width);
        let source = sources.next().expect("an edit");
        assert!(
            sources.all(|other| other == source),
            "states of one token are pooled alike"
        );
        [source, &self.edited[values]].concat()
    }
}
