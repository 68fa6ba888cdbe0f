//! The browser that pages are tested in.

use std::{env, process::Command};

use anyhow::{Result, bail, ensure};

/// What the tests run, and the packages of Debian that have it.
const PROGRAMS: [&str; 2] = ["chromium", "chromedriver"];
const PACKAGES: [&str; 2] = ["chromium", "chromium-driver"];

/// Installs a browser where there is none, if the system is Debian's and its packages may be installed.
pub(crate) fn install() -> Result<()> {
    if PROGRAMS.into_iter().all(is_found) {
        return Ok(());
    }
    if !is_found("apt-get") || !is_root()? {
        bail!(
            "the tests of pages need {}: on Debian, the packages {}",
            PROGRAMS.join(" and "),
            PACKAGES.join(" and "),
        );
    }
    apt_get(&["update"])?;
    apt_get(&[&["install", "-y", "--no-install-recommends"][..], &PACKAGES].concat())
}

fn apt_get(args: &[&str]) -> Result<()> {
    println!("==> apt-get {}", args.join(" "));
    let mut command = Command::new("apt-get");
    let command = command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
    ensure!(command.status()?.success(), "apt-get failed");
    Ok(())
}

fn is_found(program: &str) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn is_root() -> Result<bool> {
    let id = Command::new("id").arg("-u").output()?;
    Ok(id.stdout.trim_ascii() == b"0")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_looked_up_on_the_path() {
        assert!(is_found("cargo"));
        assert!(!is_found("no-such-program"));
    }
}
