//! Boundaries: what a tree holds stays within it, what its owner alone may read stays so, and secrets stay out.

#![allow(clippy::unwrap_used)] // what fails in a helper fails the test, as it does in the test itself

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::process::Stdio;

use serde_json::json;

use crate::shelf::{Run, Shelf};

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nlantern\n-----END OPENSSH PRIVATE KEY-----\n";

/// Files that hold secrets, with their content and what `why` calls them.
const SECRETS: [(&str, &str, &str); 9] = [
    (".env", "LANTERN=lantern", "environment of a program"),
    ("server/.env.production", "LANTERN=lantern", "environment of a program"),
    (".netrc", "machine lantern", "passwords"),
    (".pgpass", "lantern:5432", "passwords"),
    ("credentials.json", "{\"lantern\": 1}", "access token"),
    ("id_rsa", "lantern", "private key"),
    ("safe.kdbx", "lantern", "passwords"),
    ("server/tls.pem", KEY, "private key"),
    ("server/tls.txt", KEY, "private key"),
];

/// Files that are about secrets.
const TEXTS: [&str; 3] = [".env.example", "about keys.md", "id_rsa.pub"];

fn shelf_of_secrets() -> Shelf {
    let shelf = Shelf::new();
    for (name, content, _) in SECRETS {
        shelf.put(name, content);
    }
    shelf.put(".env.example", "LANTERN=");
    shelf.put("id_rsa.pub", "ssh-rsa lantern");
    shelf.put("about keys.md", format!("# The lantern\n\nA key begins so:\n\n{KEY}"));
    shelf
}

fn sorted(mut paths: Vec<String>) -> Vec<String> {
    paths.sort();
    paths
}

#[test]
fn secrets_are_left_out_under_a_name_of_their_own_whatever_other_rules_take() {
    let shelf = shelf_of_secrets();
    shelf.put(".ignore", "!.*\n!id_rsa\n");
    for rules in [&[][..], &["--hidden"], &["--no-ignore"], &["--hidden", "-g", "*"], &["--default-rules"]] {
        let summary = shelf.summary(["texts"].iter().chain(rules));
        assert_eq!(summary["skipped"]["secret"], SECRETS.len(), "{rules:?}: {summary}");
        let found = shelf.paths("lantern");
        assert!(found.iter().all(|path| TEXTS.contains(&path.as_str())), "{rules:?}: {found:?}");
        assert!(found.contains(&"about keys.md".to_string()), "{rules:?}: {found:?}");
    }
    let listed = shelf.run(["status", "--skipped"]).succeeded().stdout();
    for (name, _, what) in SECRETS {
        assert!(listed.contains(&format!("texts/{name}: secret: {what}\n")), "{name}: {listed}");
        let why = shelf.run(["why", &format!("texts/{name}")]);
        assert_eq!(why.code(), Some(1), "{why:?}");
        assert!(why.stdout().contains(&format!("secret: {what} (`--secrets` takes such files)")), "{why:?}");
    }
    assert!(shelf.ingest().stderr().contains("9 secret"));
}

#[test]
fn secrets_can_be_asked_for_and_go_when_they_are_no_longer() {
    let shelf = shelf_of_secrets();
    let secrets = SECRETS.map(|(name, ..)| name.to_string()).to_vec();
    let all = sorted(secrets.iter().cloned().chain(["about keys.md", "id_rsa.pub"].map(String::from)).collect());
    shelf.run(["ingest", "--secrets", "texts"]).succeeded();
    assert_eq!(sorted(shelf.paths("lantern")), all, "hidden ones among them");
    shelf.settle();
    shelf.run(["ingest"]).succeeded();
    shelf.ingest().succeeded();
    assert_eq!(sorted(shelf.paths("lantern")), all, "the rule is remembered");
    let summary = shelf.summary(["texts", "--default-rules"]);
    assert_eq!((&summary["removed"], &summary["skipped"]["secret"]), (&json!(9), &json!(9)), "{summary}");
    assert_eq!(sorted(shelf.paths("lantern")), ["about keys.md", "id_rsa.pub"]);
    // Asked for in vain, then found as they were: nothing is read again.
    assert_eq!(shelf.summary(["texts"])["bytes"], 0);
}

#[test]
fn a_secret_that_is_named_itself_is_read_and_stays() {
    for name in ["id_rsa", "server/tls.txt", ".env"] {
        let shelf = shelf_of_secrets();
        let path = format!("texts/{name}");
        shelf.ingest().succeeded();
        let expected = sorted(vec!["about keys.md".into(), "id_rsa.pub".into(), name.into()]);
        shelf.run(["ingest", &path]).succeeded();
        assert_eq!(sorted(shelf.paths("lantern")), expected, "{name}");
        for again in [&["ingest"][..], &["ingest", "texts"], &["ingest", "texts", &path]] {
            shelf.run(again).succeeded();
            assert_eq!(sorted(shelf.paths("lantern")), expected, "{name} after {again:?}");
        }
    }
    let shelf = shelf_of_secrets();
    fs::write(shelf.home().join("list"), "texts/server/tls.pem\ntexts/.netrc\n").unwrap();
    shelf.run(["ingest", "--files-from", "list"]).succeeded();
    shelf.ingest().succeeded();
    assert_eq!(sorted(shelf.paths("lantern")), [".netrc", "about keys.md", "id_rsa.pub", "server/tls.pem"]);
}

#[test]
fn an_index_from_before_keys_were_left_out_is_gone_through_once() {
    let shelf = shelf_of_secrets();
    shelf.run(["ingest", "--secrets", "texts"]).succeeded();
    let marker = shelf.home().join("index/indago.json");
    let mut read: indago::index::Marker = serde_json::from_slice(&fs::read(&marker).unwrap()).unwrap();
    read.sources[0].rules.secrets = false;
    // As a version that knew nothing of secrets wrote it, sealed.
    let older = serde_json::to_string(&read).unwrap();
    assert!(!older.contains("secrets") && !older.contains("sifted"), "{older}");
    let check = xxhash_rust::xxh3::xxh3_64(older.as_bytes());
    fs::write(&marker, format!("{},\"check\":\"{check:016x}\"}}", older.strip_suffix('}').unwrap())).unwrap();
    shelf.settle();
    let summary = shelf.summary(["texts"]);
    assert_eq!((&summary["removed"], &summary["skipped"]["secret"]), (&json!(9), &json!(9)), "{summary}");
    assert_eq!(sorted(shelf.paths("lantern")), ["about keys.md", "id_rsa.pub"]);
    assert_eq!(shelf.summary(["texts"])["bytes"], 0);
}

#[test]
fn what_its_owner_alone_may_read_is_not_to_be_had_through_the_index() {
    let shelf = Shelf::new();
    let diary = shelf.put("diary.txt", "the harbour lantern was lit");
    fs::set_permissions(&diary, Permissions::from_mode(0o600)).unwrap();
    let plain = shelf.command(["ingest", "--store-text", "texts"]);
    let mut open = std::process::Command::new("sh");
    open.args(["-c", "umask 000; exec \"$0\" ingest --store-text texts"]).arg(plain.get_program());
    open.current_dir(shelf.home()).env("HOME", shelf.home()).env_remove("INDAGO_INDEX").stdin(Stdio::null());
    Run::of(open).succeeded();
    for args in [&["query", "lantern"][..], &["status"], &["why", "texts/diary.txt"], &["copies"]] {
        let Some(command) = shelf.command_as_nobody(args) else { return };
        let run = Run::of(command);
        assert_eq!((run.code(), run.stdout().as_str()), (Some(2), ""), "{args:?}: {run:?}");
        assert!(!run.stderr().contains("harbour"), "{args:?}: {run:?}");
    }
}

/// A tree whose configuration points at `outside/`, beside it, wherever configuration may.
fn shelf_with_traps() -> Shelf {
    let shelf = Shelf::new();
    let outside = shelf.home().join("outside");
    let there = outside.display();
    fs::create_dir_all(outside.join("git/info")).unwrap();
    fs::write(outside.join("rules"), "*.txt\n[z-a]secret of the outside\n").unwrap();
    fs::copy(outside.join("rules"), outside.join("git/info/exclude")).unwrap();
    fs::write(outside.join("git/commondir"), ".\n").unwrap();
    let config = format!(
        "[core]\n\texcludesFile = {there}/rules\n\tfsmonitor = touch {there}/ran\n\tpager = touch {there}/ran\n\
         [include]\n\tpath = {there}/rules\n[filter \"x\"]\n\tclean = touch {there}/ran\n"
    );
    shelf.put("config/.git/HEAD", "ref: refs/heads/main\n");
    shelf.put("config/.git/config", &config);
    shelf.put("config/.gitattributes", "* filter=x\n");
    shelf.put("pointer/.git", format!("gitdir: {there}/git\n"));
    shelf.put("modules/.git/HEAD", "");
    for (folder, name) in [("a", ".ignore"), ("b", ".indagoignore"), ("modules", ".gitignore")] {
        shelf.put(format!("{folder}/x.txt"), "lantern");
        symlink(outside.join("rules"), shelf.text(folder).join(name)).unwrap();
    }
    fs::create_dir(shelf.text("linked")).unwrap();
    symlink(outside.join("git"), shelf.text("linked/.git")).unwrap();
    fs::create_dir_all(shelf.text("info/.git")).unwrap();
    symlink(outside.join("git/info"), shelf.text("info/.git/info")).unwrap();
    for folder in ["config", "pointer", "linked", "info"] {
        shelf.put(format!("{folder}/x.txt"), "lantern");
    }
    shelf
}

#[test]
fn no_configuration_in_a_tree_reaches_out_of_it() {
    let shelf = shelf_with_traps();
    let all: Vec<String> =
        ["a", "b", "config", "info", "linked", "modules", "pointer"].map(|folder| format!("{folder}/x.txt")).to_vec();
    let run = shelf.ingest().succeeded();
    assert_eq!(sorted(shelf.paths("lantern")), all, "rules from outside would leave them out");
    let stderr = run.stderr();
    assert!(!stderr.contains("z-a") && !stderr.contains("secret of"), "what lies outside is not told: {stderr}");
    for name in ["a/.ignore", "b/.indagoignore", "modules/.gitignore", "pointer/.git", "linked/.git", "info/.git"] {
        assert_eq!(
            stderr.lines().filter(|line| line.contains(&format!("texts/{name}"))).count(),
            1,
            "{name}: {stderr}"
        );
    }
    // A part of the tree has its rules from the folders above, which are not to be trusted more.
    for (folder, name) in [("sub", ".ignore"), ("deep", ".gitignore")] {
        let above = shelf.home().join(folder);
        fs::create_dir_all(above.join("inner")).unwrap();
        fs::create_dir_all(above.join(".git")).unwrap();
        fs::write(above.join("inner/x.txt"), "lantern").unwrap();
        symlink(shelf.home().join("outside/rules"), above.join(name)).unwrap();
        shelf.run(["ingest", &format!("{folder}/inner")]).succeeded();
    }
    assert_eq!(shelf.paths("lantern").len(), all.len() + 2);
    assert!(!shelf.home().join("outside/ran").exists(), "nothing was run");
    let mut left: Vec<_> =
        fs::read_dir(shelf.home().join("outside")).unwrap().map(|e| e.unwrap().file_name()).collect();
    left.sort();
    assert_eq!(left, ["git", "rules"], "nothing was written");
    // Whoever follows links follows these.
    shelf.run(["ingest", "-L", "texts"]).succeeded();
    assert!(!shelf.paths("lantern").contains(&"a/x.txt".to_string()));
}

#[test]
fn links_between_rule_files_within_a_tree_count() {
    let shelf = Shelf::new();
    shelf.put("rules", "*.log\n");
    shelf.put("a/x.log", "lantern");
    shelf.put("a/x.txt", "lantern");
    symlink("../rules", shelf.text("a/.ignore")).unwrap();
    shelf.ingest().succeeded();
    assert_eq!(shelf.paths("lantern"), ["a/x.txt"]);
}

#[test]
fn a_rule_file_without_end_does_not_count_and_is_named() {
    let shelf = Shelf::new();
    shelf.put("x.txt", "lantern");
    shelf.put("long/x.txt", "lantern");
    shelf.put("long/.ignore", "*.txt\n".repeat(200_000));
    shelf.put("wrong/x.txt", "lantern");
    shelf.put("wrong/.ignore", "[z-a]\n".repeat(1000));
    let stderr = shelf.ingest().succeeded().stderr();
    assert!(stderr.contains("texts/long/.ignore: it is larger than 1 MiB: it does not count"), "{stderr}");
    assert!(stderr.contains("texts/wrong/.ignore: 995 more lines do not count"), "{stderr}");
    assert!(stderr.lines().count() < 12, "{stderr}");
    assert_eq!(sorted(shelf.paths("lantern")), ["long/x.txt", "wrong/x.txt", "x.txt"]);
}

#[test]
fn a_file_or_folder_that_became_a_link_since_is_gone_and_shows_nothing_from_outside() {
    let shelf = Shelf::with(&[("keeper.txt", "the harbour lantern"), ("sub/market.txt", "a lantern seller")]);
    let outside = shelf.home().join("outside");
    fs::create_dir(&outside).unwrap();
    for name in ["keeper.txt", "market.txt"] {
        fs::write(outside.join(name), "a lantern that nobody is to see").unwrap();
    }
    shelf.remove("keeper.txt");
    symlink(outside.join("keeper.txt"), shelf.text("keeper.txt")).unwrap();
    fs::remove_dir_all(shelf.text("sub")).unwrap();
    symlink(&outside, shelf.text("sub")).unwrap();
    let run = shelf.run(["query", "--json", "lantern"]).succeeded();
    let hits = run.objects("hit");
    assert!(hits.len() == 2 && hits.iter().all(|hit| hit["freshness"] == "gone"), "{run:?}");
    assert!(!run.stdout().contains("nobody"), "{run:?}");
    shelf.ingest().succeeded();
    assert_eq!(shelf.query("lantern").code(), Some(1));
    // Where links are followed, they are followed here, too.
    shelf.run(["ingest", "-L", "texts"]).succeeded();
    assert!(shelf.query("lantern").succeeded().stdout().contains("nobody"));
}
