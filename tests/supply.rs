//! What comes into the program from outside, held to the lists in deny.toml and CONTRIBUTING.md.
//!
//! `cargo deny check` says the same where it is installed; building it takes three minutes of a processor, more than all
//! else that is checked, so this asks `cargo metadata`, which every checkout can.
#![allow(clippy::unwrap_used, reason = "what fails here fails the test")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn read(name: &str) -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

/// The quoted strings of a list in deny.toml.
fn listed(key: &str) -> Vec<String> {
    let text = read("deny.toml");
    let list = text.split_once(&format!("\n{key} = [")).unwrap().1.split_once("\n]").unwrap().0;
    let lines = list.lines().filter(|line| !line.trim().starts_with('#'));
    let strings = lines.flat_map(|line| line.split('"').skip(1).step_by(2).map(str::to_string).collect::<Vec<_>>());
    strings.collect()
}

/// Everything that is built for the systems named in deny.toml, this package apart.
fn packages() -> Vec<Value> {
    let mut command = Command::new(env!("CARGO"));
    command.args(["metadata", "--locked", "--offline", "--format-version", "1"]);
    for target in listed("targets") {
        command.args(["--filter-platform", &target]);
    }
    let output = command.current_dir(env!("CARGO_MANIFEST_DIR")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let built: BTreeSet<&str> =
        metadata["resolve"]["nodes"].as_array().unwrap().iter().map(|node| node["id"].as_str().unwrap()).collect();
    let packages = metadata["packages"].as_array().unwrap().iter().filter(|package| package["name"] != "indago");
    let packages: Vec<Value> =
        packages.filter(|package| built.contains(package["id"].as_str().unwrap())).cloned().collect();
    assert!(packages.len() > 50, "{} packages", packages.len());
    packages
}

/// Whether a licence expression, `(MIT OR Apache-2.0) AND Unicode-3.0`, can be met with what is allowed.
fn is_met(expression: &str, allowed: &[String]) -> bool {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    any_of(&mut words, allowed)
}

type Words<'a> = std::iter::Peekable<std::str::SplitWhitespace<'a>>;

fn any_of(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = all_of(words, allowed);
    while words.next_if_eq(&"OR").is_some() {
        met |= all_of(words, allowed);
    }
    met
}

fn all_of(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let mut met = one(words, allowed);
    while words.next_if_eq(&"AND").is_some() {
        met &= one(words, allowed);
    }
    met
}

fn one(words: &mut Words<'_>, allowed: &[String]) -> bool {
    let met = match words.next() {
        Some("(") => {
            let met = any_of(words, allowed);
            assert_eq!(words.next(), Some(")"));
            met
        }
        licence => licence.is_some_and(|licence| allowed.iter().any(|known| known == licence)),
    };
    if words.next_if_eq(&"WITH").is_some() {
        words.next(); // an exception only permits more
    }
    met
}

#[test]
fn every_licence_is_allowed() {
    let allowed = listed("allow");
    for package in packages() {
        let licence = package["license"].as_str().unwrap_or_default();
        assert!(is_met(licence, &allowed), "{} {} is under {licence:?}", package["name"], package["version"]);
    }
}

#[test]
fn a_licence_expression_is_met_by_its_logic() {
    let allowed = ["MIT", "Unicode-3.0"].map(String::from);
    let rows = [
        ("MIT", true),
        ("GPL-3.0", false),
        ("MIT OR GPL-3.0", true),
        ("MIT/Apache-2.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(GPL-3.0 OR Apache-2.0) AND Unicode-3.0", false),
        ("Apache-2.0 WITH LLVM-exception OR MIT", true),
        ("", false),
    ];
    for (expression, expected) in rows {
        assert_eq!(is_met(expression, &allowed), expected, "{expression}");
    }
}

#[test]
fn everything_comes_from_the_registry() {
    for package in packages() {
        let source = package["source"].as_str();
        assert_eq!(source, Some("registry+https://github.com/rust-lang/crates.io-index"), "{}", package["name"]);
    }
}

#[test]
fn nothing_is_built_in_two_versions_but_what_is_listed_with_its_reason() {
    let mut versions: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for package in packages() {
        let name = package["name"].as_str().unwrap().to_string();
        versions.entry(name).or_default().push(package["version"].as_str().unwrap().to_string());
    }
    let skipped: Vec<String> =
        listed("skip").into_iter().filter_map(|text| Some(text.split_once('@')?.0.to_string())).collect();
    versions.retain(|_, versions| versions.len() > 1);
    assert_eq!(versions.keys().collect::<Vec<_>>(), skipped.iter().collect::<Vec<_>>(), "{versions:?}");
}

#[test]
fn nothing_asks_for_a_newer_compiler_than_the_one_that_is_stated() {
    let number = |version: &str| -> Vec<u32> { version.split('.').map(|part| part.parse().unwrap()).collect() };
    let manifest = read("Cargo.toml");
    let stated = manifest.split_once("\nrust-version = \"").unwrap().1.split_once('"').unwrap().0;
    for package in packages() {
        if let Some(wanted) = package["rust_version"].as_str() {
            assert!(number(wanted)[..2] <= number(stated)[..2], "{} wants Rust {wanted}", package["name"]);
        }
    }
    assert!(read("README.md").contains(&format!("({stated} or later)")), "README.md names it, too");
}

#[test]
fn every_dependency_is_explained() {
    let manifest = read("Cargo.toml");
    let names = |section: &str| -> Vec<String> {
        let lines = manifest.split_once(&format!("\n[{section}]\n")).unwrap().1.lines();
        let lines = lines.take_while(|line| !line.starts_with('['));
        let named = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
        named.map(|line| line.split(['=', ' ']).next().unwrap().to_string()).collect()
    };
    let mut expected = [names("dependencies"), names("dev-dependencies")].concat();
    expected.sort();
    let text = read("CONTRIBUTING.md");
    let section = text.split_once("\n## What it is built on\n").unwrap().1;
    let section = section.split("\n## ").next().unwrap();
    let rows: Vec<Vec<&str>> = section
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| line.split('|').map(str::trim).filter(|cell| !cell.is_empty()).collect())
        .collect();
    for row in &rows {
        assert!(row.len() == 3 && row[1].len() > 10 && row[2].len() > 30, "{row:?} says too little");
    }
    let mut explained: Vec<String> = rows.iter().map(|row| row[0].trim_matches('`').to_string()).collect();
    explained.sort();
    assert_eq!(explained, expected);
}
