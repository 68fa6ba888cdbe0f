//! Names that scripts and configurations hold: error codes, events, metrics, keys.

use geno_app::config::KEYS;
use geno_core::{ErrorCode, Event, Metric};

use super::Surface;

pub(super) fn surface() -> Surface {
    let codes = ErrorCode::ALL.iter();
    let codes = codes.map(|code| format!("code {code}\texit={}", code.exit_code()));

    let events = Event::REGISTERED.iter().map(|(name, severity, fields)| {
        let fields: String = fields
            .iter()
            .map(|field| format!(" field={field}"))
            .collect();
        format!("event {name}\t{severity}{fields}")
    });

    let metrics = Metric::ALL.iter().map(|metric| {
        let (name, unit) = (metric.name(), metric.unit());
        let kind = format!("{:?}", metric.kind()).to_lowercase();
        let labels = metric.labels().iter();
        let labels: String = labels.map(|label| format!(" label={label}")).collect();
        format!("metric {name}\t{kind} unit={unit}{labels}")
    });

    let keys = KEYS.iter().map(|key| {
        let kind = key.kind.name();
        let or_null = if key.optional { " or null" } else { "" };
        let range = key.kind.range();
        let range = match range.is_empty() {
            true => String::new(),
            false => format!(", {range}"),
        };
        let others = key.other_variables.iter().map(|name| (*name).to_owned());
        let variables: String = others
            .chain([key.variable()])
            .map(|name| format!(" variable={name}"))
            .collect();
        let default = key.default_value().to_yaml();
        format!(
            "key {}\t{kind}{or_null}{range} default={default}{variables}",
            key.path
        )
    });

    Surface {
        file: "names.txt".to_owned(),
        lines: codes.chain(events).chain(metrics).chain(keys).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_what_a_change_of_would_break() {
        let lines = surface().lines;
        for line in [
            "code INPUT.VCF_PARSE\texit=2",
            "metric geno_lewm.inference.rows.rejected\tcounter unit=rows label=code",
            "key score.batch_size\ta whole number, at least 1 default=64 variable=GENO_LEWM_SCORE_BATCH_SIZE",
        ] {
            assert!(lines.contains(line), "{line}");
        }
        let is_event = |line: &&String| line.starts_with("event ");
        assert_eq!(
            lines.iter().filter(is_event).count(),
            Event::REGISTERED.len()
        );
    }
}
