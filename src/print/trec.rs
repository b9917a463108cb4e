//! A TREC run: `qid Q0 docid rank score indago`, a row a hit, for any evaluation tool.
//!
//! The columns are parted by blanks, so what a topic or a name holds of them is written as `%20`.
//! Tools sort by score, not by rank, and read it as a 32-bit float at worst; so printed scores fall
//! strictly even then.

use std::io::{self, Write};

use indago::search::{Answer, Hit};

use super::clean::stand_in;
use super::style::percent;

/// Writes the hits of one topic; a file of topics is one call after the other.
pub fn run(out: &mut impl Write, qid: &str, answer: &Answer) -> io::Result<()> {
    let qid = one_word(qid.as_bytes());
    let mut above = f32::INFINITY;
    for hit in &answer.hits {
        above = if hit.score.is_finite() && hit.score < above { hit.score } else { above.next_down() };
        writeln!(out, "{qid} Q0 {} {} {above} indago", docid(hit), hit.rank)?;
    }
    Ok(())
}

/// The path relative to its source; a source that is a single file has none, and gives its name.
fn docid(hit: &Hit) -> String {
    match hit.path.file_name() {
        Some(name) if hit.id.is_empty() => one_word(name.as_encoded_bytes()),
        _ => one_word(&hit.id),
    }
}

/// `bytes` with `%`, white space, controls and what is not UTF-8 percent-encoded.
fn one_word(bytes: &[u8]) -> String {
    let mut word = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            if c == '%' || c.is_whitespace() || stand_in(c).is_some() {
                word.push_str(&percent(c.encode_utf8(&mut [0; 4]).as_bytes(), b""));
            } else {
                word.push(c);
            }
        }
        word.push_str(&percent(chunk.invalid(), b""));
    }
    word
}

#[cfg(test)]
mod tests {
    use super::super::sample::{answer, hit};
    use super::*;

    fn rows(answer: &Answer) -> Vec<Vec<String>> {
        let mut out = Vec::new();
        run(&mut out, "q 1", answer).unwrap();
        let lines = String::from_utf8(out).unwrap();
        lines.lines().map(|line| line.split_whitespace().map(str::to_owned).collect()).collect()
    }

    #[test]
    fn a_row_has_six_columns_whatever_the_name() {
        let table: [(&[u8], &str); 7] = [
            (b"a/b.txt", "a/b.txt"),
            (b"a b\t100%\n.txt", "a%20b%09100%25%0A.txt"),
            ("naïve 東京\u{a0}\u{2028}".as_bytes(), "naïve%20東京%C2%A0%E2%80%A8"),
            (b"\x1b\x7f", "%1B%7F"),
            ("\u{85}\u{202e}".as_bytes(), "%C2%85%E2%80%AE"),
            (b"\xff\xc3.txt", "%FF%C3.txt"),
            (b"", "single%20file.txt"),
        ];
        for (id, expected) in table {
            let mut named = hit("/notes/single file.txt");
            named.id = id.to_vec();
            assert_eq!(rows(&answer([named])), [["q%201", "Q0", expected, "1", "7.25", "indago"]]);
        }
    }

    #[test]
    fn printed_scores_fall_strictly_as_64_and_as_32_bit_floats() {
        let scores = [
            f32::NAN,
            9.5,
            9.5,
            9.5,
            9.6,
            3.000_000_2,
            3.0,
            1e-40,
            0.0,
            0.0,
            -0.0,
            f32::NAN,
            -1.0,
            f32::NEG_INFINITY,
            f32::NEG_INFINITY,
        ];
        let hits = scores.map(|score| Hit { score, ..hit("/notes/a.txt") });
        let rows = rows(&answer(hits));
        for pair in rows.windows(2) {
            let ([a, b], [c, d]) = (
                [&pair[0][4], &pair[1][4]].map(|score| score.parse::<f64>().unwrap()),
                [&pair[0][4], &pair[1][4]].map(|score| score.parse::<f32>().unwrap()),
            );
            assert!(a > b && c > d && a.is_finite(), "{pair:?}");
        }
    }
}
