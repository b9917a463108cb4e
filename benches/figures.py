#!/usr/bin/env python3
"""The figures of README.md, for any trees.

    cargo build --release && benches/figures.py DIR [DIR ...] [--indago BINARY]

For each DIR: a first ingest into a fresh index, an ingest with nothing to do beside `find` printing sizes and times, and ten
questions as whole processes, each the best of five runs. Prints a row a tree. Needs a warm file cache: it reads the tree once first.
"""
import argparse
import os
import pathlib
import random
import re
import shutil
import statistics
import subprocess
import tempfile
import time

PAIR = re.compile(r"(?<![^\W_])([a-z]{4,12}) ([a-z]{4,12})(?![^\W_])")


def run(command):
    """Runs a command to its end; returns wall seconds, CPU seconds and peak resident bytes."""
    began = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in (0, 1):
        raise SystemExit(f"{command} ended with exit code {process.returncode}")
    return time.perf_counter() - began, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def size(folder):
    return sum(f.stat().st_size for f in pathlib.Path(folder).rglob("*") if f.is_file() and not f.is_symlink())


def texts(tree, count):
    """Up to `count` files of the tree that are UTF-8, the same ones each time, read as far as 64 kB."""
    files = sorted(p for p in pathlib.Path(tree).rglob("*") if p.is_file() and not p.is_symlink())
    random.Random(3).shuffle(files)
    for path in files:
        try:
            yield path.read_bytes()[:65536].decode().lower()
        except (OSError, UnicodeDecodeError):
            continue
        count -= 1
        if count == 0:
            return


def questions(tree):
    """Ten questions from the tree's own words: rare and common ones, two and five together, AND, phrases, a prefix, a filter."""
    words, pairs = {}, []
    for text in texts(tree, 1000):
        for word in set(re.findall(r"(?<![^\W_])[a-z]{4,12}(?![^\W_])", text)):
            words[word] = words.get(word, 0) + 1
        pairs += PAIR.findall(text)[:1]
    ranked = sorted(words, key=lambda word: (words[word], word))
    if len(ranked) < 100 or not pairs:
        raise SystemExit(f"{tree} has too few words to ask for")
    rng = random.Random(5)
    rare, middling, common = ranked[: len(ranked) // 2], ranked[-1000:-100] or ranked, ranked[-100:]
    pick = rng.choice
    return [
        pick(rare),
        pick(middling),
        pick(common),
        f"{pick(middling)} {pick(common)}",
        f"+{pick(middling)} +{pick(common)}",
        " ".join(pick(middling) for _ in range(5)),
        '"{} {}"'.format(*pick(pairs)),
        '"{} {}"'.format(*pick(pairs)),
        pick(middling)[:4] + "*",
        f"{pick(common)} ext:txt",
    ]


def figures(indago, tree, index):
    subprocess.run(f"find '{tree}' -type f -print0 | xargs -0 cat >/dev/null 2>&1", shell=True, check=False)
    ingest = [indago, "ingest", "--quiet", "--index", index, tree]
    shutil.rmtree(index, ignore_errors=True)
    wall, cpu, peak = run(ingest)
    quiet, find = [], []
    for _ in range(5):
        quiet.append(run(ingest)[0])
        find.append(run(["find", tree, "-type", "f", "-printf", "%s %T@\\n"])[0])
    status = subprocess.run([indago, "status", "--json", "--index", index], capture_output=True, text=True, check=True).stdout
    documents, read = (int(re.search(rf'"{key}":(\d+)', status).group(1)) for key in ("documents", "bytes"))
    asked = []
    for question in questions(tree):
        command = [indago, "query", "--index", index, "--color", "never", "--", question]
        asked.append(min(run(command)[0] for _ in range(5)))
    return [
        tree, f"{documents:,}", f"{read / 1e6:,.1f} MB", f"{wall:.2f} s", f"{read / 1e6 / wall:.0f} MB/s", f"{cpu:.1f} s",
        f"{peak / 1e6:.0f} MB", f"{size(index) / read:.2f}", f"{min(quiet):.3f} s ({min(quiet) / min(find):.1f} × find)",
        f"{statistics.median(asked) * 1000:.1f} ms (worst {max(asked) * 1000:.1f})",
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("trees", nargs="+", metavar="DIR")
    parser.add_argument("--indago", default=pathlib.Path(__file__).resolve().parent.parent / "target/release/indago")
    args = parser.parse_args()
    print("| tree | files | text | first ingest | | CPU | peak memory | index / text | nothing to do | ten questions, median |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for tree in args.trees:
            print("| " + " | ".join(figures(args.indago, tree, os.path.join(scratch, "index"))) + " |", flush=True)


if __name__ == "__main__":
    main()
