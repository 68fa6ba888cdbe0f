//! `cargo xtask local-hub`: both hosts of a release on this machine, for rehearsals and tests.
//!
//! It does the part of either API that a release needs, on a folder, and goes wrong where a script
//! says so. What it serves is no evidence of anything.

mod fault;
mod github;
mod host;
mod hugging_face;
mod incoming;
mod send;
mod server;

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::Verdict;

pub(crate) use self::{
    fault::Fault,
    host::{Host, Incoming, Upload},
    incoming::{bearer, query, take_apart},
    send::open,
    server::Server,
};
#[cfg(test)]
pub(crate) use self::{host::Bearer, server::Record};

#[derive(clap::Args)]
#[command(after_help = "\
Faults: `[METHOD] PATH KIND [xCOUNT] [+SKIP]`, where KIND is drop-up=BYTES, lose,
drop-down=BYTES, cut=BYTES, length=BYTES, flip, redirect, status=CODE[:RETRY-AFTER],
hide=NAME or extra=NAME.

Example:
  cargo xtask local-hub --folder target/hub --port 8765 \\
      --fault 'PUT /lfs-storage/ drop-up=1000 x2'

Tokens are told by how they begin: `hf_` for Hugging Face, `gh` for GitHub. What arrives is
noted in `requests.log` of the folder, without tokens.")]
pub(crate) struct Args {
    /// Folder that holds what is published
    #[arg(long, value_name = "DIR")]
    folder: PathBuf,
    /// Something that goes wrong; may be given several times, the first that fits counts
    #[arg(long = "fault", value_name = "FAULT")]
    faults: Vec<Fault>,
    /// Port of Hugging Face; GitHub has the next one. With 0, any two
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let server = Server::start(&args.folder, args.port, args.faults.clone());
    let server = server.with_context(|| format!("cannot serve `{}`", args.folder.display()))?;
    println!("hugging_face {}", server.hugging_face);
    println!("github {}", server.github);
    server.wait();
    Ok(Verdict::Holds)
}
