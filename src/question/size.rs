//! Sizes: `10mb`, `>4k`, `1mb..2mb`.

use super::filter::Ends;

/// Units and their powers of 1024, as `ls -h`, `du` and `rg` count: a `kb` is a `k` is a `kib`.
const UNITS: [(&str, u32); 5] = [("k", 1), ("m", 2), ("g", 3), ("t", 4), ("p", 5)];

/// The sizes meant, both ends included.
///
/// A size alone stands for its whole unit: `10mb` is from 10 MB up to the last byte before 11 MB, `0` is 0.
pub(super) fn range(text: &str) -> Option<Ends<u64>> {
    if let Some((min, max)) = text.split_once("..") {
        let min = if min.is_empty() { None } else { Some(bytes(min)?.0) };
        let max = if max.is_empty() { None } else { Some(bytes(max)?.0) };
        return (min.is_some() || max.is_some()).then_some((min, max));
    }
    let number = text.trim_start_matches(['<', '>', '=']);
    let (size, unit) = bytes(number)?;
    match &text[..text.len() - number.len()] {
        ">" => Some((Some(size.checked_add(1)?), None)),
        ">=" => Some((Some(size), None)),
        "<" => Some((None, Some(size.checked_sub(1)?))),
        "<=" => Some((None, Some(size))),
        "" | "=" => Some((Some(size), Some(size.checked_add(unit - 1)?))),
        _ => None,
    }
}

/// A size and its unit, in bytes.
fn bytes(text: &str) -> Option<(u64, u64)> {
    let lower = text.trim().to_ascii_lowercase();
    let digits = lower.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(lower.len());
    let (number, name) = lower.split_at(digits);
    let bare = name.strip_suffix("ib").or_else(|| name.strip_suffix('b')).unwrap_or(name);
    let unit = match UNITS.iter().find(|(unit, _)| *unit == bare) {
        Some((_, power)) => 1024_u64.pow(*power),
        None if matches!(name, "" | "b") => 1,
        None => return None,
    };
    if let Ok(whole) = number.parse::<u64>() {
        return Some((whole.checked_mul(unit)?, unit));
    }
    let bytes = number.parse::<f64>().ok()? * unit as f64;
    // Beyond 2^53 a fraction of a unit is not exact, and no file is that large.
    (bytes < 9e15).then_some((bytes as u64, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_read_with_their_units_and_ends() {
        const K: u64 = 1024;
        const M: u64 = K * K;
        let rows = [
            ("0", Some((Some(0), Some(0)))),
            ("512b", Some((Some(512), Some(512)))),
            ("10mb", Some((Some(10 * M), Some(11 * M - 1)))),
            (">10MB", Some((Some(10 * M + 1), None))),
            (">=10MiB", Some((Some(10 * M), None))),
            ("<4k", Some((None, Some(4 * K - 1)))),
            ("<=4kb", Some((None, Some(4 * K)))),
            ("=1k", Some((Some(K), Some(2 * K - 1)))),
            ("1mb..2mb", Some((Some(M), Some(2 * M)))),
            ("1.5k..", Some((Some(1536), None))),
            ("..2g", Some((None, Some(2048 * M)))),
            ("..", None),
            ("", None),
            (">", None),
            ("<0", None),
            ("=>4k", None),
            ("abc", None),
            ("10xb", None),
            ("10 mib b", None),
            ("1.2.3k", None),
            ("-4k", None),
            ("99999999999999999999", None),
            ("99999p", None),
            ("1k..2q", None),
        ];
        for (text, range_meant) in rows {
            assert_eq!(range(text), range_meant, "{text}");
        }
    }
}
