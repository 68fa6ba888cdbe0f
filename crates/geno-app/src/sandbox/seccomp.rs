//! The filter of system calls.

use std::{collections::BTreeMap, env::consts::ARCH};

use seccompiler::{
    BackendError, BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp,
    SeccompCondition, SeccompFilter, SeccompRule, apply_filter_all_threads,
};

/// On x86-64 the kernel may also take the numbers of the x32 interface, which carry this bit.
const X32: i64 = 0x4000_0000;

pub(super) fn install() -> Result<(), Error> {
    apply_filter_all_threads(&filter()?)
}

fn filter() -> Result<BpfProgram, BackendError> {
    let filter = SeccompFilter::new(
        refused()?,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EACCES as u32),
        ARCH.try_into()?,
    )?;
    filter.try_into()
}

/// The system calls that are refused, each when one of its rules holds; no rule means always.
fn refused() -> Result<BTreeMap<i64, Vec<SeccompRule>>, BackendError> {
    let mut refused = BTreeMap::from([
        (libc::SYS_socket, vec![other_families()?]),
        (libc::SYS_io_uring_setup, Vec::new()),
    ]);
    if ARCH == "x86_64" {
        let again: Vec<_> = refused.clone().into_iter().collect();
        refused.extend(again.into_iter().map(|(call, rules)| (call | X32, rules)));
    }
    Ok(refused)
}

/// Holds for every address family but the two that do not lead off the machine.
fn other_families() -> Result<SeccompRule, BackendError> {
    let is_not = |family: i32| {
        let (argument, length) = (0, SeccompCmpArgLen::Dword);
        SeccompCondition::new(argument, length, SeccompCmpOp::Ne, family as u64)
    };
    SeccompRule::new(vec![is_not(libc::AF_UNIX)?, is_not(libc::AF_NETLINK)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rings_are_refused_whatever_their_arguments_and_sockets_by_family() {
        let refused = refused().unwrap();
        assert_eq!(refused[&libc::SYS_io_uring_setup], []);
        assert_eq!(refused[&libc::SYS_socket], [other_families().unwrap()]);
        assert!(!filter().unwrap().is_empty());
    }

    #[cfg(target_arch = "x86_64")]
    #[test]
    fn what_is_refused_is_refused_under_x32_numbers_too() {
        let refused = refused().unwrap();
        for (call, rules) in &refused {
            assert_eq!(refused.get(&(call | X32)), Some(rules), "{call}");
        }
    }
}
