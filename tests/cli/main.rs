//! The program as its user meets it: every test runs the binary, on texts of its own.

mod accounting;
mod copies;
mod diff;
mod every_word;
mod faults;
mod hostile;
mod incremental;
mod index_folder;
mod kill;
mod language;
mod likeness;
mod long;
mod meeting;
mod order;
mod output;
mod overlap;
mod passages;
mod property;
mod ranking;
mod recovery;
mod shelf;
mod shown;
mod sources;
mod special;
mod text;
