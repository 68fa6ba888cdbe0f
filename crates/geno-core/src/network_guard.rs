//! What keeps a process off the network.

use std::fmt;

/// What keeps a process from opening network sockets, as logs and receipts name it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum NetworkGuard {
    /// A seccomp filter of the Linux kernel refuses them.
    Seccomp,
    /// Nothing does, beside the absence of code that would.
    None,
}

impl NetworkGuard {
    /// The name used in logs and receipts.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Seccomp => "seccomp",
            Self::None => "none",
        }
    }
}

impl fmt::Display for NetworkGuard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
