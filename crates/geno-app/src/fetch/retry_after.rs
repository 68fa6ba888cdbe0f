//! How long a host asks to wait.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use geno_provenance::Timestamp;

/// Reads `Retry-After`: a number of seconds, or a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
///
/// A date that is past asks for no pause. What is neither asks for nothing.
///
/// ```
/// use std::time::{Duration, UNIX_EPOCH};
///
/// let now = UNIX_EPOCH + Duration::from_secs(784_111_770);
/// let pause = geno_app::retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now);
/// assert_eq!(pause, Some(Duration::from_secs(7)));
/// assert_eq!(geno_app::retry_after("120", now), Some(Duration::from_secs(120)));
/// ```
pub fn retry_after(text: &str, now: SystemTime) -> Option<Duration> {
    if let Ok(seconds) = text.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = date(text)?;
    let start = UNIX_EPOCH + Duration::from_secs(date);
    Some(start.duration_since(now).unwrap_or_default())
}

/// Seconds after 1970-01-01T00:00:00Z.
fn date(text: &str) -> Option<u64> {
    const MONTHS: [&str; 12] = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ];
    let (_, rest) = text.split_once(", ")?;
    let [day, month, year, time, "GMT"] = rest.split(' ').collect::<Vec<_>>()[..] else {
        return None;
    };
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let time: Timestamp = format!("{year}-{month:02}-{day}T{time}Z").parse().ok()?;
    Some(time.unix_seconds())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_that_is_past_asks_for_no_pause() {
        let now = UNIX_EPOCH + Duration::from_secs(2_000_000_000);
        let pause = |text| retry_after(text, now);
        assert_eq!(pause("Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        for text in [
            "",
            "-1",
            "soon",
            "Sun, 06 Nov 1994",
            "Sun, 06 Abc 1994 08:49:37 GMT",
        ] {
            assert_eq!(pause(text), None, "{text}");
        }
    }
}
