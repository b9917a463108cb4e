//! indago finds things in a directory of texts: [`ingest`] reads the files into an index, [`search`] answers from it.
//!
//! A text travels through the modules in this order: [`walk`] finds the file, [`decode`] makes its bytes text, [`extract`]
//! finds its title, [`analyse`] makes terms of it, and [`index`] keeps them, with what is known of the file. A question
//! travels from [`question`], which reads what was typed, to [`search`], which finds, ranks and cuts passages ([`snippet`]).
//! Texts that are nearly the same are known by their [`fingerprint`]s, and told by [`copies`]. [`check`] verifies an index.
//!
//! The library does not print, exit or read the environment.

pub mod analyse;
pub mod check;
pub mod copies;
pub mod decode;
pub mod diff;
mod error;
pub mod extract;
pub mod fingerprint;
pub mod index;
pub mod ingest;
pub mod question;
pub mod rank;
mod read;
pub mod search;
pub mod sketch;
pub mod snippet;
pub mod walk;

pub use error::{Error, Result};
