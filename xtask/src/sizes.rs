//! The bytes that an application loads, and their limits.

use std::fs;
use std::iter::Sum;
use std::ops::Add;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use wasmparser::{Parser, Payload};

use crate::process::{command, output};
use crate::project::Project;

/// sizes.toml.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Limits {
    memory_pages: u64,
    brotli: BrotliLimits,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct BrotliLimits {
    default: u64,
    inline: u64,
    verify: u64,
    recording: u64,
}

/// Bytes as they are and compressed.
#[derive(Clone, Copy, Default)]
struct Size {
    raw: u64,
    gzip: u64,
    brotli: u64,
}

impl Add for Size {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            raw: self.raw + other.raw,
            gzip: self.gzip + other.gzip,
            brotli: self.brotli + other.brotli,
        }
    }
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(sizes: I) -> Self {
        sizes.fold(Self::default(), Add::add)
    }
}

/// A figure with a limit.
struct Limited {
    name: &'static str,
    measured: u64,
    limit: u64,
    unit: &'static str,
}

/// Prints the sizes of what is built.
pub(crate) fn print(project: &Project) -> Result<()> {
    measure(project).map(drop)
}

/// Prints the sizes of what is built, and fails where one passes its limit.
pub(crate) fn check(project: &Project) -> Result<()> {
    let passed: Vec<String> = measure(project)?
        .iter()
        .filter(|figure| figure.measured > figure.limit || figure.measured == 0)
        .map(|figure| {
            format!(
                "{}: {} {}, and the limit is {}",
                figure.name, figure.measured, figure.unit, figure.limit
            )
        })
        .collect();
    if !passed.is_empty() {
        bail!(
            "not within the limits of sizes.toml (0 stands for a missing file):\n  {}",
            passed.join("\n  ")
        );
    }
    eprintln!("within the limits of sizes.toml");
    Ok(())
}

fn measure(project: &Project) -> Result<Vec<Limited>> {
    let limits: Limits =
        toml::from_str(&fs::read_to_string(project.path("sizes.toml"))?).context("sizes.toml")?;
    let session = project.pkg().join("sessionkeeper_bg.wasm");
    let verify = project.module("verify").join("verify_bg.wasm");
    let recording = project.module("recording").join("recording_bg.wasm");
    let [
        session_size,
        slim_size,
        index_size,
        verify_size,
        verify_entry_size,
        recording_entry_size,
    ] = compress(
        project,
        [
            session.clone(),
            project.pkg().join("slim.js"),
            project.pkg().join("index.js"),
            verify.clone(),
            project.pkg().join("verify.js"),
            project.pkg().join("recording.js"),
        ],
    )?;
    let default_size = [session_size, slim_size].into_iter().sum();

    println!(
        "{:<44} {:>9} {:>9} {:>9} {:>9}",
        "bytes", "raw", "gzip -9", "brotli", "limit"
    );
    row("sessionkeeper_bg.wasm", session_size, None);
    row("slim.js (glue and our JavaScript)", slim_size, None);
    row(
        "default, in two files",
        default_size,
        Some(limits.brotli.default),
    );
    row(
        "inline, in one file: index.js",
        index_size,
        Some(limits.brotli.inline),
    );
    row("verify_bg.wasm (within verify.js)", verify_size, None);
    row("verify.js", verify_entry_size, Some(limits.brotli.verify));
    row(
        "recording.js",
        recording_entry_size,
        Some(limits.brotli.recording),
    );

    let session_pages = read_memory_pages(&session)?;
    let verify_pages = read_memory_pages(&verify)?;
    let recording_pages = read_memory_pages(&recording)?;
    println!(
        "pages of memory at the start: session {session_pages}, verify {verify_pages}, recording {recording_pages}, \
         limit {}",
        limits.memory_pages
    );
    let bytes = |name, size: Size, limit| Limited {
        name,
        measured: size.brotli,
        limit,
        unit: "bytes by brotli",
    };
    let pages = |name, measured| Limited {
        name,
        measured,
        limit: limits.memory_pages,
        unit: "pages of memory",
    };
    Ok(vec![
        bytes("default", default_size, limits.brotli.default),
        bytes("inline", index_size, limits.brotli.inline),
        bytes("verify", verify_entry_size, limits.brotli.verify),
        bytes("recording", recording_entry_size, limits.brotli.recording),
        pages("sessionkeeper_bg.wasm", session_pages),
        pages("verify_bg.wasm", verify_pages),
        pages("recording_bg.wasm", recording_pages),
    ])
}

fn row(name: &str, size: Size, limit: Option<u64>) {
    let limit = limit.map(|limit| limit.to_string()).unwrap_or_default();
    println!(
        "{name:<44} {:>9} {:>9} {:>9} {limit:>9}",
        size.raw, size.gzip, size.brotli
    );
}

/// Node has both algorithms, so that this crate need not compile them.
fn compress<const N: usize>(project: &Project, files: [PathBuf; N]) -> Result<[Size; N]> {
    let printed = output(
        command(project, "node")
            .arg("xtask/compress.mjs")
            .args(&files),
    )?;
    let sizes: Vec<Size> = printed.lines().map(parse_size).collect::<Result<_>>()?;
    sizes
        .try_into()
        .ok()
        .with_context(|| format!("sizes of {N} files were asked for: {printed}"))
}

fn parse_size(line: &str) -> Result<Size> {
    let figures: Vec<u64> = line.split(' ').map(str::parse).collect::<Result<_, _>>()?;
    let [raw, gzip, brotli] = figures[..] else {
        bail!("not three sizes: {line}")
    };
    Ok(Size { raw, gzip, brotli })
}

fn read_memory_pages(module: &Path) -> Result<u64> {
    let bytes = fs::read(module).with_context(|| format!("cannot read {}", module.display()))?;
    memory_pages(&bytes).with_context(|| module.display().to_string())
}

/// The pages that a module's memory has before anything has run.
fn memory_pages(module: &[u8]) -> Result<u64> {
    for payload in Parser::new(0).parse_all(module) {
        if let Payload::MemorySection(memories) = payload? {
            return memories.into_iter().map(|memory| Ok(memory?.initial)).sum();
        }
    }
    bail!("the module has no memory of its own")
}

#[cfg(test)]
mod tests {
    use super::{Limits, memory_pages, parse_size};

    #[test]
    fn initial_pages_are_read_from_the_memory_section() {
        let preamble = b"\0asm\x01\0\0\0";
        let memory_of_three_pages = [5, 3, 1, 0, 3];
        let module = [preamble.as_slice(), &memory_of_three_pages].concat();
        assert_eq!(memory_pages(&module).unwrap(), 3);
        assert!(memory_pages(preamble).is_err());
    }

    #[test]
    fn a_line_of_sizes_has_exactly_three() {
        assert_eq!(parse_size("30 20 10").unwrap().brotli, 10);
        assert!(parse_size("30 20").is_err());
        assert!(parse_size("30 20 ten").is_err());
    }

    #[test]
    fn a_misspelt_limit_is_refused() {
        let limits = include_str!("../../sizes.toml");
        assert!(toml::from_str::<Limits>(limits).is_ok());
        assert!(toml::from_str::<Limits>(&limits.replace("inline", "inlined")).is_err());
    }
}
