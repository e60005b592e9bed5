//! Time and order. Time comes with the frames; nothing here reads a clock.

use core::fmt;

/// Nanoseconds since the Unix epoch, UTC, as the capture says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Time(pub i64);

impl Time {
    /// One second, in nanoseconds.
    pub const SECOND: i64 = 1_000_000_000;
    /// One millisecond, in nanoseconds.
    pub const MILLISECOND: i64 = 1_000_000;

    /// This moment plus `ns` nanoseconds; saturates.
    pub fn plus(self, ns: i64) -> Time {
        Time(self.0.saturating_add(ns))
    }

    /// Nanoseconds from `earlier` to this moment; saturates.
    pub fn since(self, earlier: Time) -> i64 {
        self.0.saturating_sub(earlier.0)
    }
}

impl fmt::Display for Time {
    /// RFC 3339 in UTC with nanoseconds, e.g. `2026-03-01T08:00:00.000000000Z`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let seconds = self.0.div_euclid(Time::SECOND);
        let nanos = self.0.rem_euclid(Time::SECOND);
        let days = seconds.div_euclid(86_400);
        let second = seconds.rem_euclid(86_400);
        let (year, month, day) = civil(days);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{nanos:09}Z",
            second / 3600,
            second / 60 % 60,
            second % 60
        )
    }
}

/// Proleptic Gregorian date of a number of days since 1970-01-01 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let z = days + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(month <= 2), month, day)
}

/// Where and when a fact was seen. The order of everything is `(frame, index)`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Stamp {
    /// Raw time of the frame (or the deadline, for a timer).
    pub time: Time,
    /// Number of the frame, counted by the dispatcher from 1.
    pub frame: u64,
    /// Position among the facts of the same frame.
    pub index: u32,
}

impl PartialOrd for Stamp {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Stamp {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        (self.frame, self.index, self.time).cmp(&(other.frame, other.index, other.time))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_as_rfc_3339() {
        assert_eq!(Time(0).to_string(), "1970-01-01T00:00:00.000000000Z");
        assert_eq!(Time(951_782_400 * Time::SECOND + 5).to_string(), "2000-02-29T00:00:00.000000005Z");
        assert_eq!(Time(-1).to_string(), "1969-12-31T23:59:59.999999999Z");
    }
}
