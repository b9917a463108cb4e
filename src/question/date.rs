//! Dates, ages and ranges of them: `2024-04`, `7d`, `2026-01..2026-03`.

use jiff::civil::{Date, DateTime};
use jiff::{Timestamp, ToSpan, Zoned};

use super::filter::Ends;

/// The time a date stands for, in nanoseconds since 1970, the end excluded; an age is a moment, and empty.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) start: i64,
    pub(super) end: i64,
}

/// When a file must have been modified: a date, an age (since then), a comparison, or a range with both ends included.
pub(super) fn range(text: &str, now: &Zoned) -> Option<Ends<i64>> {
    if let Some((from, until)) = text.split_once("..") {
        let from = if from.is_empty() { None } else { Some(extent(from, now)?.start) };
        let until = if until.is_empty() { None } else { Some(extent(until, now)?.end) };
        return (from.is_some() || until.is_some()).then_some((from, until));
    }
    let date = text.trim_start_matches(['<', '>', '=']);
    let extent = extent(date, now)?;
    match &text[..text.len() - date.len()] {
        ">" => Some((Some(extent.end), None)),
        ">=" => Some((Some(extent.start), None)),
        "<" => Some((None, Some(extent.start))),
        "<=" => Some((None, Some(extent.end))),
        "" | "=" if extent.start == extent.end => Some((Some(extent.start), None)),
        "" | "=" => Some((Some(extent.start), Some(extent.end))),
        _ => None,
    }
}

/// The extent of a year, a month, a day, a minute or a second, or the moment an age ago.
pub(super) fn extent(text: &str, now: &Zoned) -> Option<Extent> {
    let text = text.trim();
    match text {
        "today" => return days(now.date(), now.date().tomorrow().ok()?, now),
        "yesterday" => return days(now.date().yesterday().ok()?, now.date(), now),
        _ => {}
    }
    if let Some(moment) = age(text, now) {
        return Some(Extent { start: moment, end: moment });
    }
    if text.contains(['T', ':']) {
        return clock(text, now);
    }
    let mut parts = text.split('-');
    let year = parts.next().filter(|year| year.len() == 4).and_then(number)?;
    let Some(month) = parts.next() else {
        let first = Date::new(year, 1, 1).ok()?;
        return days(first, first.checked_add(1.year()).ok()?, now);
    };
    let month = i8::try_from(number(month)?).ok()?;
    let Some(day) = parts.next() else {
        let first = Date::new(year, month, 1).ok()?;
        return days(first, first.checked_add(1.month()).ok()?, now);
    };
    let date = Date::new(year, month, i8::try_from(number(day)?).ok()?).ok()?;
    if parts.next().is_some() {
        return None;
    }
    days(date, date.tomorrow().ok()?, now)
}

/// From the beginning of one day to the beginning of another, where `now` is.
fn days(first: Date, behind: Date, now: &Zoned) -> Option<Extent> {
    let begins = |date: Date| Some(nanoseconds(date.to_zoned(now.time_zone().clone()).ok()?.timestamp()));
    Some(Extent { start: begins(first)?, end: begins(behind)? })
}

/// `2024-04-20T10:30` and `2024-04-20T10:30:15`: the minute or the second; with an offset behind, the moment.
fn clock(text: &str, now: &Zoned) -> Option<Extent> {
    if let Ok(moment) = text.parse::<Timestamp>() {
        return Some(Extent { start: nanoseconds(moment), end: nanoseconds(moment.checked_add(1.second()).ok()?) });
    }
    let start = text.parse::<DateTime>().ok()?.to_zoned(now.time_zone().clone()).ok()?;
    let length = match text.matches(':').count() {
        0 => 1.hour(),
        1 => 1.minute(),
        _ => 1.second(),
    };
    let end = start.checked_add(length).ok()?;
    Some(Extent { start: nanoseconds(start.timestamp()), end: nanoseconds(end.timestamp()) })
}

/// The moment an age ago: `30s`, `15min`, `12h`, `7d`, `3w`, `6mo`, `1y`. A bare `m` could mean two things, and means none.
fn age(text: &str, now: &Zoned) -> Option<i64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let count: i64 = text[..digits].parse().ok()?;
    let span = jiff::Span::new();
    let ago = match &text[digits..] {
        "s" => span.try_seconds(count),
        "min" => span.try_minutes(count),
        "h" => span.try_hours(count),
        "d" => span.try_days(count),
        "w" => span.try_weeks(count),
        "mo" => span.try_months(count),
        "y" => span.try_years(count),
        _ => return None,
    };
    Some(nanoseconds(now.checked_sub(ago.ok()?).ok()?.timestamp()))
}

fn number(text: &str) -> Option<i16> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
}

/// Nanoseconds fit from 1677 to 2262; what lies beyond is taken for the end.
fn nanoseconds(moment: Timestamp) -> i64 {
    let nanoseconds = moment.as_nanosecond();
    i64::try_from(nanoseconds).unwrap_or(if nanoseconds < 0 { i64::MIN } else { i64::MAX })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The moments of a range, in the time of Berlin, where the clock moves in March.
    fn read(text: &str) -> Option<Ends<String>> {
        let now: Zoned = "2026-04-10T12:00:00[Europe/Berlin]".parse().expect("a moment");
        let show = |end: i64| {
            let moment = Timestamp::from_nanosecond(i128::from(end)).expect("in range");
            moment.to_zoned(now.time_zone().clone()).strftime("%F %T").to_string()
        };
        range(text, &now).map(|(from, until)| (from.map(show), until.map(show)))
    }

    #[test]
    fn dates_stand_for_their_whole_extent() {
        let rows = [
            ("2024", Some("2024-01-01 00:00:00"), Some("2025-01-01 00:00:00")),
            ("2024-12", Some("2024-12-01 00:00:00"), Some("2025-01-01 00:00:00")),
            ("2024-2-9", Some("2024-02-09 00:00:00"), Some("2024-02-10 00:00:00")),
            ("2026-01..2026-03", Some("2026-01-01 00:00:00"), Some("2026-04-01 00:00:00")),
            ("2026-03-29", Some("2026-03-29 00:00:00"), Some("2026-03-30 00:00:00")),
            ("2025..", Some("2025-01-01 00:00:00"), None),
            ("..2025", None, Some("2026-01-01 00:00:00")),
            (">2024-04", Some("2024-05-01 00:00:00"), None),
            (">=2024-04", Some("2024-04-01 00:00:00"), None),
            ("<2024-04", None, Some("2024-04-01 00:00:00")),
            ("<=2024-04", None, Some("2024-05-01 00:00:00")),
            ("7d", Some("2026-04-03 12:00:00"), None),
            ("2w..7d", Some("2026-03-27 12:00:00"), Some("2026-04-03 12:00:00")),
            ("1mo", Some("2026-03-10 12:00:00"), None),
            ("1y", Some("2025-04-10 12:00:00"), None),
            ("90min", Some("2026-04-10 10:30:00"), None),
            ("today", Some("2026-04-10 00:00:00"), Some("2026-04-11 00:00:00")),
            ("yesterday", Some("2026-04-09 00:00:00"), Some("2026-04-10 00:00:00")),
            ("2026-04-10T09:30", Some("2026-04-10 09:30:00"), Some("2026-04-10 09:31:00")),
            ("2026-04-10T09:30:15Z", Some("2026-04-10 11:30:15"), Some("2026-04-10 11:30:16")),
        ];
        for (text, from, until) in rows {
            assert_eq!(read(text), Some((from.map(str::to_owned), until.map(str::to_owned))), "{text}");
        }
    }

    #[test]
    fn what_is_no_date_is_none() {
        let rows = [
            "",
            "..",
            ">",
            "24",
            "20244",
            "2024-13",
            "2024-02-30",
            "2024-04-20-1",
            "7",
            "7m",
            "7 d",
            "d",
            "2024-",
            "-7d",
            "9999999999999999999d",
            "999999y",
            "2024/04/20",
            "+2024",
            "2024-+4",
            "noon",
            "2024-04-20T25:00",
            "=>2024",
            "2024...",
        ];
        for text in rows {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
