//! Dates as Go writes them.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What `keep_alive: -1` ends in: the largest of Go's durations from now on, as a real server shows it (F26).
pub const FOREVER: &str = "2319-03-05T04:36:21.573012956Z";

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

struct Civil {
    year: u64,
    month: u64,
    day: u64,
    weekday: u64,
    hour: u64,
    minute: u64,
    second: u64,
    nanos: u32,
}

/// Howard Hinnant, "chrono-compatible low-level date algorithms", `civil_from_days`, for days after 1970.
fn civil(at: SystemTime) -> Civil {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO);
    let days = since.as_secs() / 86_400;
    let rest = since.as_secs() % 86_400;
    let shifted = days + 719_468;
    let era = shifted / 146_097;
    let of_era = shifted % 146_097;
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * of_year + 2) / 153;
    let month = if march_month < 10 { march_month + 3 } else { march_month - 9 };
    Civil {
        year: year_of_era + era * 400 + u64::from(month <= 2),
        month,
        day: of_year - (153 * march_month + 2) / 5 + 1,
        weekday: days % 7,
        hour: rest / 3_600,
        minute: rest / 60 % 60,
        second: rest % 60,
        nanos: since.subsec_nanos(),
    }
}

/// RFC 3339 with up to nine digits of fraction, trailing zeros cut, in UTC.
pub fn rfc3339(at: SystemTime) -> String {
    let Civil { year, month, day, hour, minute, second, nanos, .. } = civil(at);
    let fraction = format!(".{nanos:09}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}{fraction}Z")
}

/// The form of HTTP's `Date` header (RFC 9110, 5.6.7).
pub fn http_date(at: SystemTime) -> String {
    let Civil { year, month, day, weekday, hour, minute, second, .. } = civil(at);
    let name =
        |names: &[&'static str], index: u64| names.get(usize::try_from(index).unwrap_or(0)).copied().unwrap_or("");
    let (weekday, month) = (name(&DAYS, weekday), name(&MONTHS, month - 1));
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

/// How long a model stays loaded after its last request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    For(Duration),
    Forever,
}

impl Keep {
    pub const UNLOAD: Self = Self::For(Duration::ZERO);
}

/// Reads a `keep_alive`: seconds as a number, or Go's `time.ParseDuration`; what is negative means for ever.
pub fn keep_alive(value: &serde_json::Value) -> Result<Option<Keep>, String> {
    let seconds = match value {
        serde_json::Value::Null => return Ok(None),
        serde_json::Value::Number(number) => number.as_f64().unwrap_or(0.0),
        serde_json::Value::String(text) => go_duration(text)?,
        other => return Err(format!("Unsupported type: '{other}'")),
    };
    if seconds < 0.0 {
        return Ok(Some(Keep::Forever));
    }
    Ok(Some(Duration::try_from_secs_f64(seconds).map_or(Keep::Forever, Keep::For)))
}

/// Seconds.
fn go_duration(text: &str) -> Result<f64, String> {
    let invalid = || format!("time: invalid duration {text:?}");
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1.0, rest),
        None => (1.0, text.strip_prefix('+').unwrap_or(text)),
    };
    if rest == "0" {
        return Ok(0.0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(rest.len());
        let amount: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let letters = rest.find(|letter: char| letter.is_ascii_digit() || letter == '.').unwrap_or(rest.len());
        let unit = match &rest[..letters] {
            "ns" => 1e-9,
            "us" | "µs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3_600.0,
            "" => return Err(format!("time: missing unit in duration {text:?}")),
            other => return Err(format!("time: unknown unit {other:?} in duration {text:?}")),
        };
        seconds += amount * unit;
        rest = &rest[letters..];
    }
    Ok(sign * seconds)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn dates_are_those_of_the_calendar() {
        let at = UNIX_EPOCH + Duration::new(1_795_408_491, 71_216_840);
        assert_eq!(rfc3339(at), "2026-11-23T04:34:51.07121684Z");
        assert_eq!(http_date(at), "Mon, 23 Nov 2026 04:34:51 GMT");
        assert_eq!(rfc3339(UNIX_EPOCH + Duration::from_secs(951_782_400)), "2000-02-29T00:00:00Z");
    }

    #[test]
    fn keep_alive_takes_what_go_takes() {
        let seconds = |seconds| Ok(Some(Keep::For(Duration::from_secs(seconds))));
        assert_eq!(keep_alive(&json!("10m")), seconds(600));
        assert_eq!(keep_alive(&json!("1h30m")), seconds(5_400));
        assert_eq!(keep_alive(&json!(300)), seconds(300));
        assert_eq!(keep_alive(&json!("0")), Ok(Some(Keep::UNLOAD)));
        assert_eq!(keep_alive(&json!(-1)), Ok(Some(Keep::Forever)));
        assert_eq!(keep_alive(&json!("-1s")), Ok(Some(Keep::Forever)));
        assert_eq!(keep_alive(&json!(null)), Ok(None));
        assert_eq!(keep_alive(&json!("zzz")), Err("time: invalid duration \"zzz\"".into()));
        assert_eq!(keep_alive(&json!("10")), Err("time: missing unit in duration \"10\"".into()));
    }
}
