//! The values that an event's fields may hold.

use std::fmt;

use crate::{Digest, ErrorCode, Metric, NetworkGuard};

/// A value that may be logged.
///
/// There is no way from a text made at run time to one of these:
///
/// ```compile_fail
/// use geno_core::Event;
///
/// let sample = String::from("NA12878");
/// Event::InferenceFileOpen { role: &sample, size_bytes: Some(1) }.emit();
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum EventValue {
    /// `true` or `false`.
    Flag(bool),
    /// A count or a size.
    Count(u64),
    /// A measured number.
    Number(f64),
    /// A name known at compile time.
    Name(&'static str),
    /// A digest.
    Digest(Digest),
    /// An error's code.
    Code(ErrorCode),
}

/// What a field's type becomes; an absent option is left out.
pub(super) trait Loggable {
    fn value(self) -> Option<EventValue>;
}

macro_rules! loggable {
    ($($type:ty => $variant:ident),* $(,)?) => {
        $(impl Loggable for $type {
            fn value(self) -> Option<EventValue> {
                Some(EventValue::$variant(self))
            }
        })*
    };
}

loggable! {
    bool => Flag,
    u64 => Count,
    f64 => Number,
    &'static str => Name,
    Digest => Digest,
    ErrorCode => Code,
}

impl Loggable for Metric {
    fn value(self) -> Option<EventValue> {
        self.name().value()
    }
}

impl Loggable for NetworkGuard {
    fn value(self) -> Option<EventValue> {
        self.as_str().value()
    }
}

impl<T: Loggable> Loggable for Option<T> {
    fn value(self) -> Option<EventValue> {
        self.and_then(T::value)
    }
}

impl fmt::Display for EventValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Count(count) => count.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Name(name) => name.fmt(f),
            Self::Digest(digest) => digest.fmt(f),
            Self::Code(code) => code.fmt(f),
        }
    }
}
