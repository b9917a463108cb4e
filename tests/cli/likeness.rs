//! Words that are like each other: fuzzy searches, names spelled otherwise, and what may have been meant.

use crate::shelf::Shelf;

#[test]
fn a_fuzzy_search_puts_the_nearest_spelling_first_and_marks_it() {
    let shelf = Shelf::with(&[
        ("exact.txt", format!("general Tiani spoke once, {}", "among many other words of a long report ".repeat(40))),
        ("one.txt", "there general Tiana spoke".to_string()),
        ("near.txt", "there general Tchiani spoke".to_string()),
        ("often.txt", format!("there is {}", "Titan ".repeat(50))),
        ("moon.txt", "there is Titan, a moon".to_string()),
        ("god.txt", "there is Titan, a god".to_string()),
        ("ship.txt", "there is Titan, a ship".to_string()),
        ("far.txt", "nothing of the kind".to_string()),
    ]);
    let found = shelf.paths("tiani~");
    assert_eq!(found[..3], ["exact.txt", "one.txt", "near.txt"], "{found:?}");
    assert_eq!(found.len(), 7, "{found:?}");
    // The name weighs as a rare one beside another word, although a common word is a little like it.
    assert_eq!(shelf.paths("tiani~ moon")[..2], ["moon.txt", "exact.txt"]);
    assert_eq!(shelf.paths("tchani~ report")[..2], ["exact.txt", "near.txt"]);
    for (path, marked) in [("exact.txt", "Tiani"), ("one.txt", "Tiana"), ("near.txt", "Tchiani")] {
        let json = shelf.run(["query", "--json", "--", "tiani~"]).json();
        let hit = json.iter().find(|hit| hit["path"].as_str().is_some_and(|found| found.ends_with(path)));
        let snippet = &hit.expect("it is found")["snippets"][0];
        let range = &snippet["highlights"][0]["bytes"];
        let end = |name: &str| range[name].as_u64().expect("a range") as usize;
        let text = snippet["text"].as_str().expect("a text");
        assert_eq!(&text[end("start")..end("end")], marked, "{snippet}");
    }
}

#[test]
fn a_name_that_others_spell_otherwise_is_said_to_be() {
    let shelf = Shelf::with(&[
        ("a.txt", "Tiani and Mohamed met Zelensky; Muslimeen; latter"),
        ("b.txt", "Tchiani and Muhammad met Zelenskyy; Muslimin; letter"),
        ("c.txt", "Sain went; drones"),
        ("d.txt", "Zeine came; drone"),
    ]);
    let rows = [
        ("tiani", "`tiani` is also spelled `tchiani`: `tiani~` finds both"),
        ("Tchiani", "`Tchiani` is also spelled `tiani`: `Tchiani~` finds both"),
        ("mohamed", "`mohamed` is also spelled `muhammad`: `mohamed~` finds both"),
        ("zelensky -c", "`zelensky` is also spelled `zelenskyy`: `zelensky~` finds both"),
        ("muslimeen", "`muslimeen` is also spelled `muslimin`: `muslimeen~` finds both"),
        ("zeine", ""),
        ("latter", ""),
        ("drone", ""),
        ("tiani tchiani", ""),
        ("\"tiani\"", ""),
    ];
    for (question, said) in rows {
        let run = shelf.query(question).succeeded();
        let stderr = run.stderr();
        let expected = if said.is_empty() { String::new() } else { format!("indago: {said}\n") };
        assert_eq!(stderr, expected, "{question}");
    }
    for name in ["tiani~", "Tchiani~", "mohamed~", "muhammad~", "zelenskyy~", "muslimin~"] {
        let mut found = shelf.paths(name);
        found.sort_unstable();
        assert_eq!(found, ["a.txt", "b.txt"], "{name}");
    }
}

#[test]
fn what_may_have_been_meant_is_offered_likeliest_first() {
    let shelf = Shelf::with(&[
        ("a.txt", "receive the module; a kernel and colonel; form"),
        ("b.txt", "receive the kernel; from the node; cat"),
        ("c.txt", "deceive; nodule; from me; bat"),
    ]);
    let rows = [
        ("recieve", "`receive`, `deceive`?"),
        ("moduel", "`module`, `nodule`?"),
        ("kernal", "`kernel`?"),
        ("fomr", "`form`, `from`?"),
        ("ca", "`cat`?"),
        ("qqq", ""),
    ];
    for (question, offered) in rows {
        let stderr = shelf.query(question).stderr();
        let said = stderr.split_once("did you mean ").map_or("", |(_, offers)| offers.trim_end());
        assert_eq!(said, offered, "{question}: {stderr}");
    }
}

#[test]
fn a_word_that_no_file_has_brings_the_nearest() {
    let shelf = Shelf::with(&[
        ("a.txt", "the drone flew over the air base near Agadez"),
        ("b.txt", "drones were seen in the desert"),
    ]);
    // Question, exit code, and what stderr says.
    let rows: [(&str, i32, &[&str]); 7] = [
        ("agadex", 1, &["no file has `agadex`", "did you mean", "`agadez`"]),
        ("agadex drone", 0, &["no file has `agadex`", "`agadez`"]),
        ("zzzqqqxxx", 1, &["no file has `zzzqqqxxx`"]),
        ("\"base agadex\"", 1, &["no file has"]),
        ("zzzq*", 1, &["no file has `zzzq*`"]),
        ("title:zzzqqq", 1, &["no file has", "zzzqqq"]),
        ("path:zzzqqq", 1, &["no file has", "zzzqqq"]),
    ];
    for (question, code, said) in rows {
        let run = shelf.query(question);
        assert_eq!(run.code(), Some(code), "{question}: {run:?}");
        assert_eq!(run.stdout().is_empty(), code == 1, "{question}");
        assert!(said.iter().all(|said| run.stderr().contains(said)), "{question}: {}", run.stderr());
    }
    assert_eq!(shelf.query("drone").stderr(), "", "nothing is said where nothing is unknown");
}
