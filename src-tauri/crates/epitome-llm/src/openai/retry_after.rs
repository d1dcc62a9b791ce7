//! How long a server asks to be left alone (RFC 9110, section 10.2.3).

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use reqwest::header::{HeaderMap, RETRY_AFTER};

/// No server is waited for longer than this between two tries, whatever it asks.
const LONGEST: Duration = Duration::from_secs(600);

/// The pause that the headers of a reply ask for, if any.
pub fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let exact = text("retry-after-ms").and_then(|ms| ms.parse::<f64>().ok()).map(|ms| ms / 1_000.0);
    let pause = exact.or_else(|| {
        let value = text(RETRY_AFTER.as_str())?;
        value.parse::<f64>().ok().or_else(|| seconds_until(value, SystemTime::now()))
    })?;
    Some(Duration::try_from_secs_f64(pause.max(0.0)).unwrap_or(LONGEST).min(LONGEST))
}

/// Seconds from now to a moment such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn seconds_until(date: &str, now: SystemTime) -> Option<f64> {
    let (_, date) = date.split_once(", ")?;
    let mut parts = date.split(' ');
    let day: i64 = parts.next()?.parse().ok()?;
    let month = parts.next()?;
    let names = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let month = i64::try_from(names.iter().position(|name| *name == month)?).ok()? + 1;
    let year: i64 = parts.next()?.parse().ok()?;
    let mut clock = parts.next()?.split(':').map(|part| part.parse::<i64>().ok());
    let (hour, minute, second) = (clock.next()??, clock.next()??, clock.next()??);
    let then = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second;
    let now = now.duration_since(UNIX_EPOCH).ok()?.as_secs_f64();
    Some(then as f64 - now)
}

/// Days since 1 January 1970: years counted from March, so that the day of a leap year is the last of one; 400 years
/// are 146,097 days.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let since_march = (month + 9) % 12;
    let day_of_year = (153 * since_march + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(name: &'static str, value: &str) -> Option<Duration> {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().unwrap());
        retry_after(&headers)
    }

    #[test]
    fn seconds_milliseconds_and_dates_are_understood() {
        assert_eq!(of("retry-after", "7"), Some(Duration::from_secs(7)));
        assert_eq!(of("retry-after-ms", "250"), Some(Duration::from_millis(250)));
        assert_eq!(of("retry-after", "99999999"), Some(LONGEST));
        assert_eq!(of("retry-after", "-3"), Some(Duration::ZERO));
        assert_eq!(of("retry-after", "soon"), None);
        assert_eq!(of("retry-after", "Sun, 06 Nov 1994 08:49:37 GMT"), Some(Duration::ZERO));
        assert_eq!(of("date", "x"), None);
        let now = UNIX_EPOCH + Duration::from_secs(784_111_770);
        assert_eq!(seconds_until("Sun, 06 Nov 1994 08:49:37 GMT", now), Some(7.0));
        assert_eq!(days(1970, 1, 1), 0);
        assert_eq!(days(2024, 2, 29) + 1, days(2024, 3, 1));
    }
}
