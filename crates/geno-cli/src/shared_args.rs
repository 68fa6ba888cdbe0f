//! Arguments that every command takes, and the configuration they lead to.

use std::{env, path::PathBuf};

use geno_app::config::{Key, Layers};

#[derive(clap::Args)]
#[command(next_help_heading = "Shared options")]
pub(crate) struct SharedArgs {
    /// Configuration to read; of several the later one wins, key by key
    #[arg(long, global = true, value_name = "FILE")]
    config: Vec<PathBuf>,

    /// Value of a key of the configuration; wins over files and the environment
    #[arg(long, global = true, value_name = "KEY=VALUE")]
    set: Vec<String>,

    #[arg(long, global = true, value_name = "N", help = help_of("seed"))]
    seed: Option<u64>,

    #[arg(
        long,
        global = true,
        value_name = "N",
        help = help_of("runtime.threads"),
        value_parser = clap::value_parser!(u64).range(1..=65_535)
    )]
    threads: Option<u64>,

    #[arg(long, global = true, value_name = "LEVEL", help = help_of("observability.log_level"))]
    log_level: Option<String>,

    #[arg(long, global = true, value_name = "FORMAT", help = help_of("observability.log_format"))]
    log_format: Option<String>,

    #[arg(long, global = true, value_name = "FILE", help = help_of("observability.metrics"))]
    metrics: Option<PathBuf>,

    #[arg(long, global = true, value_name = "ID", help = help_of("run_id"))]
    run_id: Option<String>,

    /// Run without the sandbox [key: runtime.sandbox]
    #[arg(long, global = true)]
    no_sandbox: bool,

    /// Write no receipts and no envelope, whatever a configuration says
    #[arg(long, global = true)]
    no_receipt: bool,

    /// Print neither progress nor a summary [key: observability.quiet]
    #[arg(long, short, global = true)]
    quiet: bool,

    /// Print the value of every key and where it comes from, and do nothing else
    #[arg(long, global = true)]
    pub(crate) print_config: bool,

    /// Explain a key or a section of the configuration, and do nothing else
    #[arg(long, global = true, value_name = "KEY")]
    pub(crate) explain: Option<String>,
}

impl SharedArgs {
    /// Files, environment, `--set` and the flags here, as layers; a command adds its own flags.
    pub(crate) fn layers(&self) -> Layers {
        let mut layers = Layers::default();
        for file in &self.config {
            layers.file(file);
        }
        layers.environment(env::vars_os());
        for given in &self.set {
            layers.set(given);
        }
        layers.flag_if("seed", "--seed", self.seed);
        layers.flag_if("runtime.threads", "--threads", self.threads);
        let level = self.log_level.as_deref();
        layers.flag_if("observability.log_level", "--log-level", level);
        let format = self.log_format.as_deref();
        layers.flag_if("observability.log_format", "--log-format", format);
        let metrics = self.metrics.as_deref();
        layers.flag_if("observability.metrics", "--metrics", metrics);
        layers.flag_if("run_id", "--run-id", self.run_id.as_deref());
        let no_sandbox = self.no_sandbox.then_some(false);
        layers.flag_if("runtime.sandbox", "--no-sandbox", no_sandbox);
        let no_receipt = self.no_receipt.then_some(false);
        layers.flag_if("score.receipts", "--no-receipt", no_receipt);
        layers.flag_if("provenance.envelope", "--no-receipt", no_receipt);
        let quiet = self.quiet.then_some(true);
        layers.flag_if("observability.quiet", "--quiet", quiet);
        layers
    }
}

/// The help of a flag that stands for a key: what the table of keys says.
pub(crate) fn help_of(path: &str) -> String {
    let Some(key) = Key::find(path) else {
        panic!("no key `{path}`");
    };
    let default = match key.default {
        "null" => String::new(),
        default => format!(" [default: {default}]"),
    };
    format!("{}{default} [key: {path}]", key.meaning)
}
