//! One line of a log.

use std::{
    fmt::Write,
    str::FromStr,
    time::{SystemTime, UNIX_EPOCH},
};

use geno_core::{Event, EventValue, Severity, UnknownName};
use geno_provenance::{Json, Timestamp, summary_json};

use super::RunId;

/// How the lines of a log look.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum LogFormat {
    /// For people: time, severity, event and its data.
    #[default]
    Human,
    /// For programs: one JSON object a line, keys sorted.
    Json,
}

impl LogFormat {
    /// The name used in configurations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Human => "human",
            Self::Json => "json",
        }
    }
}

impl FromStr for LogFormat {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        match name {
            "human" => Ok(Self::Human),
            "json" => Ok(Self::Json),
            _ => Err(UnknownName {
                what: "log format",
                name: name.to_owned(),
                expected: &["human", "json"],
            }),
        }
    }
}

/// Keys that stand beside `data` and not in it.
const TOP_LEVEL: [&str; 4] = ["duration_ms", "epoch", "error_code", "step"];

/// An event and its circumstances.
pub(super) struct Record<'a> {
    pub(super) time: SystemTime,
    pub(super) run_id: &'a RunId,
    pub(super) event: &'a Event,
}

impl Record<'_> {
    /// `{"component": …, "data": {…}, "event": …, "run_id": …, "severity": …, "ts": …}`
    pub(super) fn to_json(&self) -> String {
        let event = self.event;
        let mut fields = vec![
            ("ts", Json::from(self.timestamp())),
            ("severity", event.severity().as_str().into()),
            ("event", event.name().into()),
            ("run_id", self.run_id.as_str().into()),
            ("component", event.component().into()),
        ];
        let mut data = Vec::new();
        for (key, value) in event.data() {
            let place = match TOP_LEVEL.contains(&key) {
                true => &mut fields,
                false => &mut data,
            };
            place.push((key, json(value)));
        }
        fields.push(("data", Json::object(data)));
        summary_json(&Json::object(fields))
    }

    /// `TIME severity name key=value …`
    pub(super) fn to_text(&self, is_coloured: bool) -> String {
        let severity = self.event.severity();
        let mut text = self.timestamp();
        // Writing to a `String` does not fail.
        let _ = match is_coloured {
            true => write!(text, " \x1b[{}m{severity:<5}\x1b[0m", colour(severity)),
            false => write!(text, " {severity:<5}"),
        };
        let _ = write!(text, " {}", self.event);
        text
    }

    /// The time in UTC, to the millisecond.
    fn timestamp(&self) -> String {
        let since = self.time.duration_since(UNIX_EPOCH).unwrap_or_default();
        let seconds = Timestamp::from_unix_seconds(since.as_secs())
            .expect("a clock before the year 10000")
            .to_string();
        format!(
            "{}.{:03}Z",
            seconds.trim_end_matches('Z'),
            since.subsec_millis()
        )
    }
}

fn colour(severity: Severity) -> u8 {
    match severity {
        Severity::Debug => 90,
        Severity::Info => 32,
        Severity::Warn => 33,
        Severity::Error => 31,
    }
}

/// A number that JSON cannot write becomes `null`.
fn json(value: EventValue) -> Json {
    match value {
        EventValue::Flag(flag) => flag.into(),
        EventValue::Count(count) => count.into(),
        EventValue::Number(number) => Json::float(number).unwrap_or(Json::Null),
        EventValue::Name(name) => name.into(),
        EventValue::Digest(digest) => digest.into(),
        EventValue::Code(code) => code.as_str().into(),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use geno_core::ErrorCode;

    use super::*;

    fn record(event: &Event, look: impl Fn(&Record<'_>) -> String) -> String {
        look(&Record {
            time: UNIX_EPOCH + Duration::from_millis(1_767_323_045_007),
            run_id: &"run-0123456789ab".parse().unwrap(),
            event,
        })
    }

    #[test]
    fn a_json_line_has_sorted_keys_and_the_reserved_ones_beside_the_data() {
        let event = Event::InferenceBatchEnd {
            n: 64,
            n_rejected: 0,
            batch_id: 3,
            throughput_per_s: f64::INFINITY,
            duration_ms: 12.5,
        };
        assert_eq!(
            record(&event, |record| record.to_json()),
            r#"{"component": "inference", "data": {"batch_id": 3, "n": 64, "n_rejected": 0, "throughput_per_s": null}, "duration_ms": 12.5, "event": "inference.batch.end", "run_id": "run-0123456789ab", "severity": "debug", "ts": "2026-01-02T03:04:05.007Z"}"#
        );
        let error_code = ErrorCode::ResourceDiskFull;
        assert_eq!(
            record(&Event::Error { error_code }, |record| record.to_json()),
            r#"{"component": "run", "data": {}, "error_code": "RESOURCE.DISK_FULL", "event": "error", "run_id": "run-0123456789ab", "severity": "error", "ts": "2026-01-02T03:04:05.007Z"}"#
        );
    }

    #[test]
    fn a_line_for_people_has_colours_only_where_asked() {
        let event = Event::InferenceFileOpen {
            role: "vcf",
            size_bytes: Some(7),
        };
        let plain = "2026-01-02T03:04:05.007Z info  inference.file.open role=vcf size_bytes=7";
        assert_eq!(record(&event, |record| record.to_text(false)), plain);
        let coloured = plain.replace("info ", "\x1b[32minfo \x1b[0m");
        assert_eq!(record(&event, |record| record.to_text(true)), coloured);
    }
}
