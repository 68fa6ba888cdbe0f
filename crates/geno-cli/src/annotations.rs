//! Arguments about the surroundings of all variants.

use geno_app::config::{Layers, Settings};
use geno_runtime::Annotations;

use crate::shared_args::help_of;

#[derive(clap::Args)]
pub(crate) struct AnnotationArgs {
    #[arg(long, value_name = "TERM", help = help_of("score.region"))]
    region: Option<String>,

    #[arg(long, value_name = "TERM", help = help_of("score.repeat"))]
    repeat: Option<String>,
}

impl AnnotationArgs {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("score.region", "--region", self.region.as_deref());
        layers.flag_if("score.repeat", "--repeat", self.repeat.as_deref());
    }
}

/// What a configuration says of all variants.
pub(crate) fn annotations(settings: &Settings) -> Annotations<'_> {
    Annotations {
        region: settings.score.region.as_deref(),
        repeat: settings.score.repeat.as_deref(),
    }
}
