//! Path order: by component, as bytes, so that a folder stands before all that lies in it and
//! nothing stands between: `a`, `a/b`, `a.txt`.

use std::{cmp::Ordering, path::Path};

/// Compares two paths by component, as bytes.
pub fn path_order(a: &Path, b: &Path) -> Ordering {
    let a = a.components().map(|component| component.as_os_str().as_encoded_bytes());
    a.cmp(b.components().map(|component| component.as_os_str().as_encoded_bytes()))
}

/// Compares the bytes of two paths, a slash before every other byte.
///
/// That is [`path_order`], as long as no slash is doubled or ends a path: true of any path a walk
/// yields when its start is written so.
///
/// ```
/// use std::cmp::Ordering;
///
/// assert_eq!(indago::walk::bytes_order(b"/a/b", b"/a.txt"), Ordering::Less);
/// ```
pub fn bytes_order(a: &[u8], b: &[u8]) -> Ordering {
    let rank = |byte: &u8| {
        if *byte == b'/' { 0 } else { u16::from(*byte) + 1 }
    };
    match a.iter().zip(b).find(|(a, b)| a != b) {
        Some((a, b)) => rank(a).cmp(&rank(b)),
        None => a.len().cmp(&b.len()),
    }
}

#[cfg(test)]
mod tests {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};

    use super::*;

    /// In path order.
    const PATHS: &[&[u8]] = &[
        b"/",
        b"/ ",
        b"/a",
        b"/a/\x01",
        b"/a/.b",
        b"/a/b",
        b"/a/b/c",
        b"/a/b/c/d",
        b"/a/b\n",
        b"/a/b-c/d",
        b"/a/c",
        b"/a\x01",
        b"/a !",
        b"/a-b",
        b"/a-b/c",
        b"/a.txt",
        b"/a0",
        b"/aa",
        b"/a\xc3\xa9",
        b"/a\xff",
        b"/a\xff/a",
        b"/b",
    ];

    #[test]
    fn both_orders_are_path_order() {
        for (i, a) in PATHS.iter().enumerate() {
            for (j, b) in PATHS.iter().enumerate() {
                let paths = [a, b].map(|bytes| Path::new(OsStr::from_bytes(bytes)));
                assert_eq!(path_order(paths[0], paths[1]), i.cmp(&j), "{paths:?}");
                assert_eq!(bytes_order(a, b), i.cmp(&j), "{paths:?}");
            }
        }
    }

    #[test]
    fn both_orders_agree_on_all_short_paths() {
        let names: Vec<String> = ["a", "b", ".", "-", "a.", "a-", "ab", "é"].map(str::to_owned).to_vec();
        let mut paths = vec!["/a".to_owned()];
        for depth in 0..2 {
            let longer: Vec<String> =
                paths.iter().flat_map(|path| names.iter().map(move |name| format!("{path}{depth}/{name}x"))).collect();
            paths.extend(longer);
        }
        for a in &paths {
            for b in &paths {
                assert_eq!(path_order(a.as_ref(), b.as_ref()), bytes_order(a.as_bytes(), b.as_bytes()), "{a} {b}");
            }
        }
    }
}
