//! Titles, by table: how files begin, and what they are called.

use proptest::prelude::*;

use super::*;

fn check(rows: &[(&str, Option<&str>)]) {
    for (text, expected) in rows {
        assert_eq!(title(text).as_deref(), *expected, "{text:?}");
    }
}

#[test]
fn marked_and_underlined_headings_are_titles() {
    check(&[
        ("# The lantern\n\nIt burned low.", Some("The lantern")),
        ("\n\n## The *old* `lantern` ##\nIt burned.", Some("The old lantern")),
        ("# [indago](https://example.org/x) finds\n\nx", Some("indago finds")),
        ("# snake_case\n\nx", Some("snake_case")),
        ("<!-- SPDX -->\n# Title\ntext", Some("Title")),
        ("# Title\n## Part\ntext", Some("Title")),
        ("# This setting controls the lamp.\n\nlamp on", None),
        ("# coding: utf-8\n\nimport os", None),
        (":Original: Documentation/index.rst\n\n文档\n====\n", Some("文档")),
        ("# a comment\n# that goes on\nkey=value", None),
        ("# /etc/deluser.conf: `deluser' configuration.\n\nx=1", None),
        ("# a comment\n#\n# more", None),
        ("#!/bin/sh\n\necho", None),
        ("#include <stdio.h>\n\nint main", None),
        ("= Guide\nAnn Author\n\ntext", Some("Guide")),
        ("#+TITLE: My notes\n* one", Some("My notes")),
        ("Tides\n=====\ntext", Some("Tides")),
        ("Git v2.39.1 Release Notes\n---\n", None),
        ("Git v2.39.1 Release Notes\n=========================\n\nx", Some("Git v2.39.1 Release Notes")),
        ("==========\nThe title\n==========\ntext", Some("The title")),
        (":orphan:\n\n=============\npip-uninstall\n=============\n", Some("pip-uninstall")),
        (".. SPDX-License-Identifier: GPL-2.0\n\n.. _label:\n\nThe title.\n----------\n", Some("The title.")),
        ("\t\t\t============\n\t\t\tMEMORY BARRIERS\n\t\t\t============\n\nBy", Some("MEMORY BARRIERS")),
        ("-----\n\n-----\n", None),
    ]);
}

#[test]
fn declared_titles_are_titles() {
    check(&[
        ("---\ntitle: \"Tides: an essay\"\ndate: 2024-01-01\n---\n\ntext", Some("Tides: an essay")),
        ("---\ndate: 2024-01-01\n---\n# Tides\n\ntext", Some("Tides")),
        ("+++\ntitle = 'Tides'\n+++\ntext", Some("Tides")),
        ("---\nno second fence\n", None),
        (
            "<!DOCTYPE html>\n<html><head><TITLE lang=en>Tides &amp;\n  the sea&#8217;s</TITLE></head>",
            Some("Tides & the sea’s"),
        ),
        ("<html><body>Tides</body></html>", None),
        ("<?xml version=\"1.0\"?>\n<a>b</a>", None),
        ("\\documentclass{article}\n\\title{The {\\em sea}}\n", None),
        ("% a paper\n\\documentclass{article}\n\\title[Sea]{The Sea}\n", Some("The Sea")),
        ("\\input texinfo\n@setfilename x\n@settitle The Sea 1.0\n", Some("The Sea 1.0")),
        (".\\\" comment\n.TH \"LS\" \"1\"\n.SH NAME\nls", Some("LS")),
        (".TH CPU\\-MONITOR 1\n", Some("CPU-MONITOR")),
        (".Dd May 1\n.Dt GREP 1\n", Some("GREP")),
    ]);
}

#[test]
fn the_subject_of_a_mail_is_its_title() {
    check(&[
        ("From: ann@example.org\nTo: bob@example.org\nSubject: Boats\n\nDear Bob", Some("Boats")),
        (
            "From ann Sat Jan 1 2024\nReceived: by x\n\tfor y\nSUBJECT: Long boats\n and short\n\nx",
            Some("Long boats and short"),
        ),
        ("Date: x\nSubject: =?utf-8?q?caf=C3=A9_noir?=\n\nx", Some("café noir")),
        ("Date: x\nSubject: Re: =?ISO-8859-1?B?6XTp?=\n =?iso-8859-1?Q?_fini?= now\n\nx", Some("Re: été fini now")),
        ("Date: x\nSubject: =?klingon?q?x?=\n\nx", Some("=?klingon?q?x?=")),
        ("From: ann\nTo: bob\n\nHello there\n\ntext", None),
        ("Subject: only one field\n\ntext", Some("Subject: only one field")),
    ]);
}

#[test]
fn a_first_line_that_can_only_be_a_title_is_one() {
    check(&[
        (
            "US agrees to withdraw US troops from Niger\n\nNAPLES, Italy — The United States",
            Some("US agrees to withdraw US troops from Niger"),
        ),
        ("\n  What is this?  \n\ntext", Some("What is this?")),
        ("Harbour Lanterns Inc.\n\ntext", Some("Harbour Lanterns Inc.")),
        ("港口的灯\n\n傍晚点亮。", Some("港口的灯")),
        ("Import of goods and services\n\ntext", Some("Import of goods and services")),
        (
            "The United States has agreed to demands from Niger's junta to withdraw its more than 1,000 troops, officials said, upending the US posture.\n\nx",
            None,
        ),
        ("The sea rises twice a day.\n\nIt falls, too.", None),
        ("The sea rises twice a day\nand falls, too.\n\ntext", None),
        ("Things that should be done:\n\n * one", None),
        ("* one thing\n\n* another", None),
        ("only a line", None),
        ("only a line\n\n", None),
        ("", None),
        ("1234\n\ntext", None),
        ("-----\ntext", None),
        ("import os\n\nx", None),
        ("from typing import List\n\nx", None),
        ("NAME ?= value\n\nx", None),
        ("package main\n\nx", None),
        ("use strict;\n\nx", None),
        ("int main() {\n\nx", None),
        ("a = b\n\nx", None),
        ("KEY=value\n\nx", None),
        ("\"\"\"yaml.py\n\nx", None),
        ("2024-01-01 10:00:00 started\n\nx", None),
        ("Home | About | Contact\n\nx", None),
        ("id,name,size\n\nx", None),
        ("Copyright 2004 by the authors\n\nx", None),
        ("https://example.org/page\n\nx", None),
        ("usage: yq [options] file\n\nx", None),
        ("/* a comment */\n\nx", None),
    ]);
}

#[test]
fn only_the_first_four_kilobytes_are_looked_at() {
    let mut text = format!("<html>{}<title>Late</title>", " ".repeat(HEAD_BYTES));
    assert_eq!(title(&text), None);
    text = format!("é{}", "é".repeat(HEAD_BYTES));
    assert_eq!(title(&text), None);
}

proptest! {
    #[test]
    fn a_title_is_one_line_of_some_words(text: String) {
        for text in [text.clone(), format!("# {text}\n\n"), format!("From: a\nDate: b\nSubject: =?utf-8?q?{text}?=\n\n"), format!("<title>{text}</title>")] {
            if let Some(title) = title(&text) {
                prop_assert!(!title.contains(char::is_control) && title.trim() == title && !title.is_empty());
            }
        }
    }
}
