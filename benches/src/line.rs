//! One line of JSON a benchmark.

use serde_json::{Map, Value, json};

use crate::{peer::Comparison, timings::Timings};

/// What one benchmark found.
pub(crate) struct Line {
    fields: Map<String, Value>,
    median: f64,
}

impl Line {
    /// A line with its name, the work of one repeat in words, and what the repeats took.
    pub(crate) fn new(name: &str, work: impl Into<String>, timings: &Timings) -> Self {
        let line = Self {
            fields: Map::new(),
            median: timings.median(),
        };
        line.with("name", name)
            .with("work", work.into())
            .with("seconds", timings.median())
            .with("fastest", timings.fastest())
            .with("slowest", timings.slowest())
            .with("samples", timings.all())
            .with("repeats", timings.repeats())
            .with("threads", rayon::current_num_threads())
    }

    pub(crate) fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(key.to_owned(), value.into());
        self
    }

    /// How many things one repeat made, such as variants.
    pub(crate) fn items(self, n: u64) -> Self {
        let median = self.median;
        self.with("items", n)
            .with("items_per_s", n as f64 / median)
            .with("seconds_per_item", median / n as f64)
    }

    /// The floating-point operations of one repeat.
    pub(crate) fn flops(self, flops: u64) -> Self {
        let median = self.median;
        self.with("gflop", flops as f64 / 1e9)
            .with("gflop_per_s", flops as f64 / median / 1e9)
    }

    /// The bytes that one repeat goes through.
    pub(crate) fn bytes(self, bytes: u64) -> Self {
        let median = self.median;
        self.with("gb", bytes as f64 / 1e9)
            .with("gb_per_s", bytes as f64 / median / 1e9)
    }

    /// The least time that the same work can take, and why it cannot take less.
    pub(crate) fn floor(self, seconds: f64, why: impl Into<String>) -> Self {
        let median = self.median;
        self.with("floor_seconds", seconds)
            .with("floor_fraction", seconds / median)
            .with("floor", why.into())
    }

    /// What the Python package took for the same work, or why it cannot be compared.
    pub(crate) fn peer(self, comparison: Option<Comparison>) -> Self {
        let median = self.median;
        match comparison {
            None => self,
            Some(Comparison::Unlike(why)) => self.with("no_peer", why),
            Some(Comparison::Same(peer)) => {
                let n = self.fields["items"].as_f64().unwrap_or(1.);
                let seconds = peer.seconds_per_item * n;
                self.with("peer_seconds", seconds)
                    .with("times_faster", seconds / median)
                    .with("peer", json!(peer))
            }
        }
    }

    pub(crate) fn into_json(self) -> Value {
        Value::Object(self.fields)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::peer::PeerRun;

    fn line() -> Line {
        Line::new("name", "work", &Timings::made_up(&[4., 2., 1.]))
    }

    #[test]
    fn a_line_holds_the_median_with_its_spread() {
        let json = line().into_json();
        for (key, value) in [("seconds", 2.), ("fastest", 1.), ("slowest", 4.)] {
            assert_eq!(json[key], value, "{key}");
        }
        assert_eq!(
            (&json["name"], &json["work"]),
            (&json!("name"), &json!("work"))
        );
        assert_eq!(json["samples"], json!([1., 2., 4.]));
        assert_eq!(json["repeats"], 3);
        assert_eq!(json["threads"], rayon::current_num_threads());
    }

    #[test]
    fn rates_are_by_the_median() {
        let json = line().items(8).flops(6_000_000_000).bytes(1_000_000_000);
        let json = json.floor(0.5, "because").into_json();
        for (key, value) in [
            ("items_per_s", 4.),
            ("seconds_per_item", 0.25),
            ("gflop", 6.),
            ("gflop_per_s", 3.),
            ("gb_per_s", 0.5),
            ("floor_seconds", 0.5),
            ("floor_fraction", 0.25),
        ] {
            assert_eq!(json[key], value, "{key}");
        }
        assert_eq!(json["floor"], "because");
    }

    #[test]
    fn the_peer_is_compared_over_as_many_items() {
        let peer = PeerRun {
            seconds_per_item: 3.,
            items: 20,
            threads: 1,
            contract: None,
            machine: None,
        };
        let same = line()
            .items(8)
            .peer(Some(Comparison::Same(peer)))
            .into_json();
        assert_eq!(
            (&same["peer_seconds"], &same["times_faster"]),
            (&json!(24.), &json!(12.))
        );
        assert_eq!(same["peer"]["threads"], 1);

        let why = Comparison::Unlike("other dtype".to_owned());
        let unlike = line().items(8).peer(Some(why)).into_json();
        assert_eq!(unlike["no_peer"], "other dtype");
        assert!(unlike.get("times_faster").is_none());
        assert!(line().peer(None).into_json().get("no_peer").is_none());
    }
}
