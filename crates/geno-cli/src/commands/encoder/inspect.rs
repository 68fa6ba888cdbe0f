//! `geno-lewm encoder inspect`: what a checkpoint holds.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use geno_core::Dtype;
use geno_encoder::{CarbonConfig, DnaTokenizer};
use geno_provenance::{Json, summary_json};
use geno_runtime::{EncoderInspection, InspectedGroup, inspect_encoder};

use super::measured_lines::lines;
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The folder of a checkpoint, a GGUF file, or a safetensors file alone
    place: PathBuf,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<(), Failure> {
    let inspection = inspect_encoder(&args.place)?;
    let text = match args.json {
        true => format!("{}\n", summary_json(&to_json(&inspection))),
        false => to_text(&inspection),
    };
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::stdout)
}

fn to_text(inspection: &EncoderInspection) -> String {
    let mut text = String::new();
    let mut line = |label: &str, rest: String| text += &format!("{label:<10}{rest}\n");
    for file in &inspection.files {
        line(
            "file",
            format!("{}  {}  {}", file.digest, file.size, file.name),
        );
    }
    line("encoder", inspection.digest.to_string());
    if let Some((config, tokenizer)) = &inspection.network {
        shape(config, tokenizer, &mut line);
    }
    line("values", inspection.parameters().to_string());
    for group in &inspection.groups {
        let InspectedGroup {
            format,
            tensors,
            values,
            non_finite,
            ..
        } = group;
        let part = part(group);
        let spoiled = match non_finite {
            0 => String::new(),
            n => format!(", {n} not finite"),
        };
        let counts = format!("{part:<13} {format:<5} {tensors:>4} tensors {values:>12} values");
        line("", counts + &spoiled);
    }
    for (dtype, bytes) in memory(inspection) {
        line("memory", format!("{dtype:<4} {bytes:>14} bytes"));
    }
    for step in inspection.lineage.iter().flat_map(|lineage| &lineage.steps) {
        line(
            "made from",
            format!("{}: {} ({})", step.from, step.did, step.by),
        );
    }
    match &inspection.measured {
        None => {}
        Some(Ok(measured)) => {
            for text in lines(measured) {
                line("measured", text);
            }
        }
        Some(Err(error)) => line("measured", error.to_string()),
    }
    for fault in &inspection.faults {
        line("fault", fault.clone());
    }
    text
}

fn shape(config: &CarbonConfig, tokenizer: &DnaTokenizer, line: &mut impl FnMut(&str, String)) {
    let CarbonConfig {
        hidden_size,
        n_layers,
        n_heads,
        n_kv_heads,
        head_dim,
        ffn_dim,
        vocab_size,
        rope_theta,
        ..
    } = config;
    line(
        "shape",
        format!(
            "hidden {hidden_size}, {n_layers} layers, {n_heads} heads of {head_dim} \
             ({n_kv_heads} of keys), gated layer {ffn_dim}"
        ),
    );
    let scaled = match &config.yarn {
        None => String::new(),
        Some(yarn) => format!(
            ", YaRN {} over {} tokens",
            yarn.factor, yarn.original_max_positions
        ),
    };
    line(
        "positions",
        format!(
            "{}, windows up to {} bases, rotary base {rope_theta}{scaled}",
            config.max_positions,
            config.max_window_bp()
        ),
    );
    let rows = match tokenizer.embedding_row_offset() {
        0 => "all rows".to_owned(),
        first => format!("rows from {first} on"),
    };
    let tied = match config.tied {
        true => "tied",
        false => "with an output layer",
    };
    line("tokens", format!("{vocab_size}, {rows}, {tied}"));
}

fn part(group: &InspectedGroup) -> &'static str {
    group.part.map_or("other", |part| part.as_str())
}

fn memory(inspection: &EncoderInspection) -> Vec<(Dtype, u64)> {
    let bytes = |dtype| Some((dtype, inspection.working_bytes(dtype)?));
    [Dtype::F32, Dtype::Bf16, Dtype::Int8]
        .into_iter()
        .filter_map(bytes)
        .collect()
}

fn to_json(inspection: &EncoderInspection) -> Json {
    let files = inspection.files.iter().map(|file| {
        Json::object([
            ("name", Json::from(&*file.name)),
            ("size", file.size.into()),
            ("hash", file.digest.into()),
        ])
    });
    let groups = inspection.groups.iter().map(|group| {
        Json::object([
            ("part", Json::from(part(group))),
            ("format", group.format.as_str().into()),
            ("tensors", group.tensors.into()),
            ("values", group.values.into()),
            ("non_finite", group.non_finite.into()),
        ])
    });
    let network = inspection.network.as_ref().map(|(config, tokenizer)| {
        Json::object([
            ("hidden_size", Json::from(config.hidden_size)),
            ("n_layers", config.n_layers.into()),
            ("n_heads", config.n_heads.into()),
            ("n_kv_heads", config.n_kv_heads.into()),
            ("head_dim", config.head_dim.into()),
            ("ffn_dim", config.ffn_dim.into()),
            ("vocab_size", config.vocab_size.into()),
            ("first_row", tokenizer.embedding_row_offset().into()),
            ("tied", config.tied.into()),
            ("max_positions", config.max_positions.into()),
            ("max_window_bp", config.max_window_bp().into()),
        ])
    });
    let memory = memory(inspection);
    let memory = memory
        .iter()
        .map(|(dtype, bytes)| (dtype.as_str(), Json::from(*bytes)));
    let lineage = inspection.lineage.iter().flat_map(|lineage| &lineage.steps);
    let lineage = lineage.map(|step| {
        Json::object([
            ("from", Json::from(step.from)),
            ("did", step.did.as_str().into()),
            ("by", step.by.as_str().into()),
        ])
    });
    let measured = inspection.measured.as_ref().map(|measured| match measured {
        Ok(measured) => measured.to_json(),
        Err(error) => error.to_string().into(),
    });
    let faults = inspection.faults.iter().map(|fault| fault.as_str().into());
    Json::object([
        ("files", Json::Array(files.collect())),
        ("encoder", inspection.digest.into()),
        ("network", network.unwrap_or(Json::Null)),
        ("values", inspection.parameters().into()),
        ("tensors", Json::Array(groups.collect())),
        ("memory", Json::object(memory)),
        ("lineage", Json::Array(lineage.collect())),
        ("measured", measured.unwrap_or(Json::Null)),
        ("faults", Json::Array(faults.collect())),
    ])
}
