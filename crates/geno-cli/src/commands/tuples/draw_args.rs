//! How many tuples of which edits a window gives.

use geno_data::{DEFAULT_MAX_GAP, EditSource, TupleSettings, UnknownEditSource};

#[derive(clap::Args)]
pub(in crate::commands) struct DrawArgs {
    /// Tuples of each source that a window gives
    #[arg(long, value_name = "SOURCE=N,…", value_parser = mix)]
    pub(in crate::commands) mix: Option<Mix>,

    /// What makes up for a source that falls short; `none` for nothing
    #[arg(long, value_name = "SOURCE=SOURCE,…", value_parser = fallbacks)]
    fallback: Option<Fallbacks>,

    /// Weights of 1, 2, 3, … edits in a tuple of made-up edits
    #[arg(long, value_name = "W,…", value_delimiter = ',', default_value = "1")]
    edit_counts: Vec<f64>,

    /// Most edits of a tuple
    #[arg(long, value_name = "N", default_value_t = 16)]
    max_edits: usize,

    /// Most bases between neighbouring edits of a tuple
    #[arg(long, value_name = "BP", default_value_t = DEFAULT_MAX_GAP)]
    pub(in crate::commands) max_gap: u64,

    /// Draw the type of an edit first, by weights of SNV, INS, DEL, MNV and INDEL
    #[arg(
        long,
        value_name = "W,W,W,W,W",
        value_parser = type_weights,
        num_args = 0..=1,
        default_missing_value = "0.4,0.2,0.2,0.1,0.1"
    )]
    balance: Option<TypeWeights>,

    /// Bases at either end of a window that no edit touches
    #[arg(long, value_name = "BP", default_value_t = 64)]
    pub(in crate::commands) margin: usize,

    /// Fail where a window gives fewer tuples than the mix asks for
    #[arg(long)]
    strict: bool,

    /// How often every window is drawn from
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub(in crate::commands) epochs: u32,
}

/// Sources and how many tuples they give.
type Mix = Vec<(EditSource, u32)>;
/// Sources and what makes up for them.
type Fallbacks = Vec<(EditSource, EditSource)>;
/// Weights of the types of edits.
pub(in super::super) type TypeWeights = [f64; 5];

impl DrawArgs {
    /// The settings, beside those that other arguments give.
    pub(in crate::commands) fn settings(&self) -> TupleSettings {
        let default = TupleSettings::default();
        TupleSettings {
            mix: self.mix.clone().unwrap_or(default.mix),
            fallbacks: self.fallback.clone().unwrap_or(default.fallbacks),
            edit_count_weights: self.edit_counts.clone(),
            max_edits: self.max_edits,
            max_gap: self.max_gap,
            type_weights: self.balance,
            margin: self.margin,
            strict: self.strict,
            ..default
        }
    }
}

fn mix(text: &str) -> Result<Mix, String> {
    let entry = |entry: &str| {
        let (source, count) = entry.split_once('=').ok_or("expected SOURCE=N")?;
        let source = source
            .parse()
            .map_err(|error: UnknownEditSource| error.to_string())?;
        let count = count.parse().map_err(|_| "expected a number of tuples")?;
        Ok((source, count))
    };
    text.split(',').map(entry).collect()
}

fn fallbacks(text: &str) -> Result<Fallbacks, String> {
    let source = |text: &str| {
        text.parse()
            .map_err(|error: UnknownEditSource| error.to_string())
    };
    let entry = |entry: &str| {
        let (from, to) = entry.split_once('=').ok_or("expected SOURCE=SOURCE")?;
        Ok((source(from)?, source(to)?))
    };
    match text {
        "none" => Ok(Vec::new()),
        _ => text.split(',').map(entry).collect(),
    }
}

/// Reads weights of SNV, INS, DEL, MNV and INDEL.
pub(in super::super) fn type_weights(text: &str) -> Result<TypeWeights, String> {
    let weights: Result<Vec<f64>, _> = text.split(',').map(str::parse).collect();
    let weights = weights.ok().and_then(|weights| weights.try_into().ok());
    weights.ok_or_else(|| "expected five weights".to_owned())
}
