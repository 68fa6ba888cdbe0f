//! Folders of targets, opened to be trained on.

use std::path::{Path, PathBuf};

use super::{
    DrawnIdentity, Example, LeftOut, OpenTargetsError, StatesIdentity, TargetCounts,
    TargetIdentity, manifest::Manifest, part::Part,
};
use crate::IdentityDifference;

/// Examples and their states, from one folder or several.
///
/// States lie in mapped files: memory holds 16 bytes an example, and of the files what the system
/// can take back at any time.
///
/// # Examples
///
/// ```
/// # use std::collections::BTreeMap;
/// # use geno_action::RelEdit;
/// # use geno_core::{Digest, Dtype, Layout, PoolType, StateContract};
/// use geno_training::{
///     Example, ExampleEdit, ExampleKind, ExampleSource, ExampleStates, LeftOut, TargetSet,
///     TargetWriter,
/// };
/// # use geno_training::{
/// #     DrawnIdentity, EncoderDigests, StatesIdentity, TargetIdentity, TargetWindows,
/// # };
///
/// # let folder = tempfile::tempdir()?;
/// # let folder = folder.path().join("targets");
/// # let identity = TargetIdentity {
/// #     states: StatesIdentity {
/// #         encoder: EncoderDigests { weights: Digest::of(b""), config: None, dna_config: None },
/// #         state_layer: 4,
/// #         pool_type: PoolType::DownstreamMean,
/// #         pool_radius: 8,
/// #         state_contract: StateContract::L2NormalizedV2,
/// #         dtype: Dtype::F32,
/// #         products: Dtype::F32,
/// #         kernel: "portable".to_owned(),
/// #         d_state: 2,
/// #     },
/// #     drawn: DrawnIdentity {
/// #         seed: 0,
/// #         windows: TargetWindows::AsDrawn,
/// #         n_windows: 1,
/// #         windows_digest: Digest::of(b""),
/// #         part_windows: 1,
/// #         max_unknown: 0.0,
/// #         excludes_windows_of_variants: false,
/// #         tokens: None,
/// #         tuples: None,
/// #         inputs: BTreeMap::new(),
/// #     },
/// # };
/// let edit = ExampleEdit::in_window(RelEdit::new(7, "C", "G")?, b"AAAAAAACGTTT");
/// let (kind, source) = (ExampleKind::Alternatives, ExampleSource::Saturated);
/// let example = Example::new(kind, source, None, 7, vec![edit])?;
/// let states = vec![1., 0., 0., 1.];
/// let mut writer = TargetWriter::create(&folder, identity)?;
/// writer.write(&[ExampleStates { example: example.clone(), states }], &LeftOut::default())?;
/// writer.finish()?;
///
/// let set = TargetSet::open(&folder)?;
/// assert_eq!((set.len(), set.example(0)?), (1, example));
/// assert_eq!((set.source(0), set.edited(0)), ([1., 0.].as_slice(), [0., 1.].as_slice()));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TargetSet {
    folders: Vec<TargetFolder>,
    /// All parts in order, each with the number of its first example.
    parts: Vec<(usize, Part)>,
    len: usize,
    n_edits: usize,
    d_state: usize,
}

/// One folder of a set.
#[derive(Clone, Debug)]
pub struct TargetFolder {
    path: PathBuf,
    identity: TargetIdentity,
    counts: TargetCounts,
    left_out: LeftOut,
}

impl TargetFolder {
    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What its states are, and what they were drawn from.
    pub fn identity(&self) -> &TargetIdentity {
        &self.identity
    }

    /// What its examples were drawn from.
    pub fn drawn(&self) -> &DrawnIdentity {
        &self.identity.drawn
    }

    /// How many examples and edits of each kind it holds.
    pub fn counts(&self) -> &TargetCounts {
        &self.counts
    }

    /// What was drawn for it and gave no example.
    pub fn left_out(&self) -> &LeftOut {
        &self.left_out
    }
}

impl TargetSet {
    /// Opens one folder. Every file's size and every line are checked; digests only by
    /// [`verify`](Self::verify).
    ///
    /// # Errors
    ///
    /// [`OpenTargetsError`].
    pub fn open(folder: &Path) -> Result<Self, OpenTargetsError> {
        Self::open_all(&[folder])
    }

    /// Opens several folders as one set, in this order. Their states must be of one kind; what they
    /// were drawn from, and in which layout, may differ.
    ///
    /// # Errors
    ///
    /// [`OpenTargetsError`].
    pub fn open_all(paths: &[impl AsRef<Path>]) -> Result<Self, OpenTargetsError> {
        let mut set = Self {
            folders: Vec::new(),
            parts: Vec::new(),
            len: 0,
            n_edits: 0,
            d_state: 0,
        };
        for path in paths {
            set.add(path.as_ref())?;
        }
        match set.folders.is_empty() {
            true => Err(OpenTargetsError::NoFolder),
            false => Ok(set),
        }
    }

    fn add(&mut self, path: &Path) -> Result<(), OpenTargetsError> {
        let manifest = Manifest::read(path)?;
        let path = path.to_owned();
        if !manifest.is_complete {
            return Err(OpenTargetsError::Incomplete { path });
        }
        let states = &manifest.identity.states;
        if let Some(first) = self.folders.first()
            && let Some(difference) = IdentityDifference::between(states, &first.identity.states)
        {
            return Err(OpenTargetsError::OtherStates { path, difference });
        }
        self.d_state = states.d_state;
        let mut counts = TargetCounts::default();
        for record in &manifest.parts {
            let part = Part::open(&path, record, self.d_state, &mut counts)?;
            let len = part.len();
            self.parts.push((self.len, part));
            self.len += len;
        }
        if counts != manifest.counts {
            let what = "counts";
            return Err(OpenTargetsError::Counts { path, what });
        }
        self.n_edits += counts.edits as usize;
        self.folders.push(TargetFolder {
            path,
            identity: manifest.identity,
            counts,
            left_out: manifest.left_out,
        });
        Ok(())
    }

    /// Reads all files and compares their digests; every state is finite then.
    ///
    /// # Errors
    ///
    /// [`OpenTargetsError::Digest`], [`OpenTargetsError::NotFinite`].
    pub fn verify(&self) -> Result<(), OpenTargetsError> {
        self.parts.iter().try_for_each(|(_, part)| part.verify())
    }

    /// What the states of all folders are.
    pub fn identity(&self) -> &StatesIdentity {
        &self.folders[0].identity.states
    }

    /// The folders.
    pub fn folders(&self) -> &[TargetFolder] {
        &self.folders
    }

    /// How many examples and edits of each kind all folders hold.
    pub fn counts(&self) -> TargetCounts {
        let mut counts = TargetCounts::default();
        for folder in &self.folders {
            counts.add(&folder.counts);
        }
        counts
    }

    /// Width of a state.
    pub fn d_state(&self) -> usize {
        self.d_state
    }

    /// How many examples there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// How many edits all examples have.
    pub fn n_edits(&self) -> usize {
        self.n_edits
    }

    /// How many edits an example has.
    ///
    /// # Panics
    ///
    /// If there is no such example.
    pub fn n_edits_of(&self, index: usize) -> usize {
        let (part, index) = self.part(index);
        part.n_edits(index)
    }

    /// The edits of an example, read from its line.
    ///
    /// # Errors
    ///
    /// [`OpenTargetsError::Line`] if the file was written since it was opened.
    ///
    /// # Panics
    ///
    /// If there is no such example.
    pub fn example(&self, index: usize) -> Result<Example, OpenTargetsError> {
        let (part, index) = self.part(index);
        part.example(index)
    }

    /// The source state of an example, `[d_state]`.
    ///
    /// # Panics
    ///
    /// If there is no such example.
    pub fn source(&self, index: usize) -> &[f32] {
        &self.states(index)[..self.d_state]
    }

    /// The edited states of an example, `[n_edits, d_state]`.
    ///
    /// # Panics
    ///
    /// If there is no such example.
    pub fn edited(&self, index: usize) -> &[f32] {
        &self.states(index)[self.d_state..]
    }

    /// The source state of an example and its edited states, `[1 + n_edits, d_state]`.
    pub(crate) fn states(&self, index: usize) -> &[f32] {
        let (part, index) = self.part(index);
        part.rows(index, self.d_state)
    }

    fn part(&self, index: usize) -> (&Part, usize) {
        let len = self.len;
        assert!(index < len, "example {index} of {len}");
        // Of parts that begin at one example, all but the last are empty.
        let after = self.parts.partition_point(|(first, _)| *first <= index);
        let (first, part) = &self.parts[after - 1];
        (part, index - first)
    }
}
