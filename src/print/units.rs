//! Numbers as people read them: `15.7 kB`, `1,234`, `0.42 s`.

use std::time::Duration;

/// `n` bytes in the largest decimal unit that fits: `999 B`, `15.7 kB`, `1.0 GB`.
pub fn bytes(n: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if n < 1000 {
        return format!("{n} B");
    }
    let mut tenths = u128::from(n) * 10;
    let mut unit = "";
    for next in UNITS {
        (tenths, unit) = ((tenths + 500) / 1000, next);
        if tenths < 10_000 {
            break;
        }
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// `n` with a comma between thousands.
pub fn count(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time to about three digits: `4.2 ms`, `0.42 s`, `38.1 s`, `2 min 05 s`, `3 h 07 min`.
pub fn seconds(took: Duration) -> String {
    let ms = took.as_secs_f64() * 1000.0;
    let whole = took.as_secs() + u64::from(took.subsec_millis() >= 500);
    match took.as_millis() {
        ..100 => format!("{ms:.1} ms"),
        100..9_995 => format!("{:.2} s", ms / 1000.0),
        9_995..59_950 => format!("{:.1} s", ms / 1000.0),
        59_950..3_599_500 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole / 60 % 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_rounded_within_their_unit() {
        let rows = [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (15_749, "15.7 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (1_500_000_000, "1.5 GB"),
            (u64::MAX, "18.4 EB"),
        ];
        for (n, expected) in rows {
            assert_eq!(bytes(n), expected, "{n}");
        }
    }

    #[test]
    fn thousands_are_parted() {
        let rows = [(0, "0"), (999, "999"), (1234, "1,234"), (100_000, "100,000"), (12_345_678, "12,345,678")];
        for (n, expected) in rows {
            assert_eq!(count(n), expected, "{n}");
        }
    }

    #[test]
    fn times_grow_from_milliseconds_to_hours() {
        let rows = [
            (4_200, "4.2 ms"),
            (420_000, "0.42 s"),
            (9_990_000, "9.99 s"),
            (38_100_000, "38.1 s"),
            (59_999_999, "1 min 00 s"),
            (125_000_000, "2 min 05 s"),
            (3_599_999_999, "1 h 00 min"),
            (11_220_000_000, "3 h 07 min"),
        ];
        for (micros, expected) in rows {
            assert_eq!(seconds(Duration::from_micros(micros)), expected, "{micros}");
        }
    }
}
