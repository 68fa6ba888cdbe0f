//! Genomic edits, the actions of the world model.
//!
//! ```
//! use geno_action::{EditSpec, EditType, Site};
//! use geno_core::Window;
//!
//! let edit = EditSpec::new("20", 1_004, "G", "GTT")?;
//! assert_eq!(edit.edit_type(), EditType::Ins);
//!
//! let window = Window::new(1_000, b"AACGT".as_slice())?;
//! let site = Site::new(window.into(), vec![edit.relative_to(1_000)?])?;
//! assert_eq!(site.edits()[0].rel_pos(), 3);
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod apply;
mod edit;
mod edit_type;
mod haplotype;
mod left_align;
pub mod legacy;
mod quota;
mod shape;
mod site;
mod synthetic;

pub use self::{
    apply::{ApplyError, apply, apply_all, edited_window},
    edit::{EditError, EditSpec, RelEdit},
    edit_type::{EditType, MAX_ALLELE_LEN},
    haplotype::{Haplotype, HaplotypeError},
    legacy::apply_preserving_length,
    quota::exact_quotas,
    shape::EditShape,
    site::Site,
    synthetic::{
        DEFAULT_EDGE_MARGIN, LengthWeights, LengthWeightsError, SampleError, SyntheticEdits,
        SyntheticError,
    },
};
