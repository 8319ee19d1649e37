//! `docs/server.md` says what this server does: its examples are asked and compared, and each item of
//! its checklist is held by a test that exists.

#[path = "../common/mod.rs"]
mod common;

mod checklist;
mod duties;
mod examples;
mod shown;

use std::fs;
use std::path::{Path, PathBuf};

/// A file or folder of this repository.
fn in_repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(path)
}

fn document() -> String {
    fs::read_to_string(in_repository("docs/server.md")).unwrap()
}
