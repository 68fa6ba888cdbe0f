//! Points in time, to the second.

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};

/// A second in UTC between the years 1970 and 9999, written `2026-05-31T00:00:00Z`.
///
/// ```
/// use geno_provenance::Timestamp;
///
/// let timestamp: Timestamp = "2026-01-02T03:04:05Z".parse()?;
/// assert_eq!(timestamp, Timestamp::from_unix_seconds(1_767_323_045)?);
/// assert_eq!(timestamp.to_string(), "2026-01-02T03:04:05Z");
/// # Ok::<_, geno_provenance::TimestampError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub struct Timestamp {
    seconds: u64,
}

/// Why something is no [`Timestamp`].
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum TimestampError {
    /// The text is not `YYYY-MM-DDThh:mm:ssZ` with a day and time that exist.
    #[error("expected a time such as `2026-05-31T00:00:00Z`")]
    Malformed,
    /// The time is past the year 9999.
    #[error("time is past the year 9999")]
    TooLate,
}

impl Coded for TimestampError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

const SECONDS_PER_DAY: u64 = 86_400;
/// The first second of the year 10000.
const END: u64 = 253_402_300_800;

impl Timestamp {
    /// The time this many seconds after 1970-01-01T00:00:00Z, leap seconds not counted.
    ///
    /// # Errors
    ///
    /// [`TimestampError::TooLate`] past the year 9999.
    pub fn from_unix_seconds(seconds: u64) -> Result<Self, TimestampError> {
        if seconds < END {
            Ok(Self { seconds })
        } else {
            Err(TimestampError::TooLate)
        }
    }

    /// Seconds after 1970-01-01T00:00:00Z, leap seconds not counted.
    pub fn unix_seconds(self) -> u64 {
        self.seconds
    }

    /// Year, month and day.
    fn date(self) -> (u64, u64, u64) {
        let mut days = self.seconds / SECONDS_PER_DAY;
        let mut year = 1970;
        while days >= days_in_year(year) {
            days -= days_in_year(year);
            year += 1;
        }
        let mut month = 1;
        while days >= days_in_month(year, month) {
            days -= days_in_month(year, month);
            month += 1;
        }
        (year, month, days + 1)
    }
}

fn is_leap(year: u64) -> bool {
    year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400))
}

fn days_in_year(year: u64) -> u64 {
    365 + u64::from(is_leap(year))
}

fn days_in_month(year: u64, month: u64) -> u64 {
    match month {
        2 => 28 + u64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let second = self.seconds % SECONDS_PER_DAY;
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z"
        )
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        const SHAPE: &[u8; 20] = b"dddd-dd-ddTdd:dd:ddZ";
        let fits = |(&byte, &shape): (&u8, &u8)| match shape {
            b'd' => byte.is_ascii_digit(),
            _ => byte == shape,
        };
        if text.len() != SHAPE.len() || !text.bytes().zip(SHAPE).all(|(b, s)| fits((&b, s))) {
            return Err(TimestampError::Malformed);
        }
        let number = |start, end| {
            let digits = text.as_bytes()[start..end].iter();
            digits.fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
        };
        let (year, month, day) = (number(0, 4), number(5, 7), number(8, 10));
        let (hour, minute, second) = (number(11, 13), number(14, 16), number(17, 19));
        let exists = year >= 1970
            && (1..=12).contains(&month)
            && (1..=days_in_month(year, month)).contains(&day)
            && (hour, minute, second) < (24, 0, 0)
            && minute < 60
            && second < 60;
        if !exists {
            return Err(TimestampError::Malformed);
        }
        let days = (1970..year).map(days_in_year).sum::<u64>()
            + (1..month)
                .map(|month| days_in_month(year, month))
                .sum::<u64>()
            + (day - 1);
        let seconds = days * SECONDS_PER_DAY + hour * 3600 + minute * 60 + second;
        Ok(Self { seconds })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn times_that_do_not_exist_are_refused() {
        for text in [
            "",
            "2026-02-29T00:00:00Z",
            "2026-04-31T00:00:00Z",
            "2026-00-01T00:00:00Z",
            "2026-13-01T00:00:00Z",
            "2026-01-00T00:00:00Z",
            "2026-01-01T24:00:00Z",
            "2026-01-01T00:60:00Z",
            "2026-01-01T00:00:60Z",
            "1969-12-31T23:59:59Z",
            "2026-01-01T00:00:00",
            "2026-01-01T00:00:00+00:00",
            "2026-01-01T00:00:00.000000Z",
            "2026-01-01 00:00:00Z",
            "２026-01-01T00:00:0Z",
        ] {
            assert_eq!(
                text.parse::<Timestamp>(),
                Err(TimestampError::Malformed),
                "{text}"
            );
        }
        assert_eq!(
            Timestamp::from_unix_seconds(END),
            Err(TimestampError::TooLate)
        );
    }

    #[test]
    fn known_seconds_have_known_dates() {
        for (seconds, text) in [
            (0, "1970-01-01T00:00:00Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
            (END - 1, "9999-12-31T23:59:59Z"),
        ] {
            assert_eq!(
                Timestamp::from_unix_seconds(seconds).unwrap().to_string(),
                text
            );
        }
    }

    proptest! {
        #[test]
        fn every_second_reads_back(seconds in 0..END) {
            let timestamp = Timestamp::from_unix_seconds(seconds).unwrap();
            prop_assert_eq!(timestamp.to_string().parse(), Ok(timestamp));
        }
    }
}
