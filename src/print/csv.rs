//! A header row, then a row a snippet; a hit without one gets a row with its last columns empty.
//!
//! Into a pipe go the path's own bytes and the passage as it stands, its newlines within quotes. On
//! a terminal both are made visible.

use std::borrow::Cow;
use std::io::{self, Write};

use csv::{ErrorKind, Writer};
use indago::search::{Answer, Hit};

use super::clean::clean;
use super::paths;
use super::style::Style;

const HEADER: [&str; 7] = ["rank", "score", "path", "title", "line", "column", "text"];

/// Writes the header, then the rows.
pub fn answer(out: &mut impl Write, style: &Style, answer: &Answer) -> io::Result<()> {
    let mut table = Writer::from_writer(out);
    table.write_record(HEADER).map_err(cause)?;
    for hit in &answer.hits {
        rows(&mut table, style, hit).map_err(cause)?;
    }
    table.flush()
}

fn rows(table: &mut Writer<impl Write>, style: &Style, hit: &Hit) -> csv::Result<()> {
    let exact = |text| {
        if style.terminal { clean(text) } else { Cow::Borrowed(text) }
    };
    let (rank, score) = (hit.rank.to_string(), hit.score.to_string());
    let path = paths::bytes(&hit.path, style);
    let title = exact(hit.title.as_ref().map_or("", |title| &title.text));
    let mut row = |line: &str, column: &str, text: &str| {
        let [rank, score, title] = [rank.as_bytes(), score.as_bytes(), title.as_bytes()];
        table.write_record([rank, score, &path, title, line.as_bytes(), column.as_bytes(), text.as_bytes()])
    };
    if hit.snippets.is_empty() {
        row("", "", "")?;
    }
    for snippet in &hit.snippets {
        row(&snippet.line.to_string(), &snippet.column.to_string(), &exact(&snippet.passage.text))?;
    }
    Ok(())
}

/// The error of the stream itself, so that a closed pipe is known again.
fn cause(error: csv::Error) -> io::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{self, hit, passage, snippet};
    use super::super::{Format, Style};

    #[test]
    fn a_row_is_quoted_where_it_must_be() {
        let mut found = hit("/notes/a, b.txt");
        found.title = Some(passage("The \"keeper\"", []));
        found.snippets =
            vec![snippet(3, 5, passage("the lantern\n\x1blow", ["lantern"])), snippet(9, 1, passage("plain", []))];
        let answer = sample::answer([found, hit("/notes/c.txt")]);
        let header = "rank,score,path,title,line,column,text\n";
        let start = "1,7.25,\"a, b.txt\",\"The \"\"keeper\"\"\"";
        let bare = "1,7.25,c.txt,,,,\n";
        let rows: [(Style, &str); 2] =
            [(sample::pipe(), "\"the lantern\n\x1blow\""), (sample::terminal(), "the lantern␊␛low")];
        for (style, text) in rows {
            let expected = format!("{header}{start},3,5,{text}\n{start},9,1,plain\n{bare}");
            assert_eq!(sample::printed(Format::Csv, &style, &answer), expected);
        }
    }
}
