//! Keeping the process off the network.
//!
//! On Linux a seccomp filter, which binds every thread and every child process and cannot be taken
//! off again, refuses sockets of every family but two: `AF_UNIX`, which reaches this machine alone,
//! and `AF_NETLINK`, in which programs ask the kernel itself, as drivers of GPUs do. `io_uring` is
//! refused too, since it opens sockets without the system call that the filter watches. A system call
//! of another architecture, whose numbers the filter does not know, ends the process.
//!
//! What stays possible: a service of this machine that listens on a Unix socket may itself use the
//! network, and a socket that was open before the filter stays open.

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
mod seccomp;

use std::{fmt, sync::OnceLock};

use geno_core::NetworkGuard;

/// Whether this process can open network sockets.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Sandbox {
    /// It cannot, and neither can its children.
    On,
    /// Nothing stops it.
    Off(SandboxOff),
}

/// Why there is no sandbox.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SandboxOff {
    /// Nobody asked for one, or the user asked for none.
    NotAsked,
    /// The program has none for this system.
    Unsupported,
    /// The kernel refused the filter.
    Refused,
}

/// A filter holds for the whole process, so its status does too.
static STATUS: OnceLock<Sandbox> = OnceLock::new();

impl Sandbox {
    /// Installs the sandbox for every thread of this process, for good.
    ///
    /// For a program's `main` and never for a library: who calls a library decides about its process.
    /// It goes before anything else, so that no socket is open yet.
    pub fn install() -> Self {
        *STATUS.get_or_init(install)
    }

    /// What [`Sandbox::install`] came to, if it was called.
    pub fn current() -> Self {
        let status = STATUS.get().copied();
        status.unwrap_or(Self::Off(SandboxOff::NotAsked))
    }

    /// What keeps the process off the network, as logs and receipts name it.
    pub fn guard(self) -> NetworkGuard {
        match self {
            Self::On => NetworkGuard::Seccomp,
            Self::Off(_) => NetworkGuard::None,
        }
    }
}

impl SandboxOff {
    /// The reason in a few words.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotAsked => "not asked for",
            Self::Unsupported => "not available on this system",
            Self::Refused => "refused by the kernel",
        }
    }
}

impl fmt::Display for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::On => f.write_str("on (seccomp)"),
            Self::Off(reason) => write!(f, "off: {}", reason.as_str()),
        }
    }
}

#[cfg(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn install() -> Sandbox {
    match seccomp::install() {
        Ok(()) => Sandbox::On,
        Err(_) => Sandbox::Off(SandboxOff::Refused),
    }
}

#[cfg(not(all(
    target_os = "linux",
    any(target_arch = "x86_64", target_arch = "aarch64")
)))]
fn install() -> Sandbox {
    Sandbox::Off(SandboxOff::Unsupported)
}
