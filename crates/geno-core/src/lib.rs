//! The vocabulary that every other crate speaks: DNA, windows, classes of surroundings, state
//! contracts, digests, error codes, events and metrics, and random streams.
//!
//! Nothing here reads a clock, a file or the environment, and nothing holds a tensor.
//!
//! ```
//! use geno_core::{Digest, Window, WindowSpan};
//!
//! let span = WindowSpan::centered(18_000, 9_000, 4_096);
//! assert_eq!((span.start, span.end), (6_952, 11_048));
//!
//! let window = Window::new(span.start, b"acgtN".as_slice())?;
//! assert_eq!(window.bases(), b"ACGTN");
//! assert!(Digest::of(window.bases()).to_string().starts_with("sha256:"));
//! # Ok::<_, geno_core::WindowError>(())
//! ```

mod code;
mod context;
mod contig;
mod contract;
mod digest;
mod dna;
mod event;
mod hmac;
mod metric;
mod network_guard;
mod python_random;
mod random;
mod window;

pub use self::{
    code::{Coded, ErrorCode, Family},
    context::{
        region::{RegionClass, classify_region},
        repeat::{RepeatClass, UnknownRepeat, classify_repeat},
    },
    contig::contig_aliases,
    contract::{Dtype, Layout, PoolType, StateContract, UnknownName},
    digest::{Digest, DigestHasher, ParseDigestError},
    dna::{Base, gc_fraction, is_acgt, reverse_complement},
    event::{EVENT_TARGET, Event, EventValue, Severity},
    hmac::hmac_sha256,
    metric::{DURATION_BUCKETS_MS, Metric, MetricKind},
    network_guard::NetworkGuard,
    python_random::PythonRandom,
    random::RandomStream,
    window::{DEFAULT_WINDOW_BP, TOKEN_BP, Window, WindowError, WindowSpan},
};
