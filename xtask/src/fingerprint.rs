//! Whether something has to be made again.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::project::Project;

/// One number for everything that a result is made from.
pub(crate) struct Fingerprint(DefaultHasher);

impl Fingerprint {
    pub(crate) fn new() -> Self {
        Self(DefaultHasher::new())
    }

    /// Takes in a text, such as a tool's version.
    pub(crate) fn text(mut self, text: &str) -> Self {
        text.hash(&mut self.0);
        self
    }

    /// Takes in a file, or all files below a folder; what is missing counts as missing.
    pub(crate) fn path(mut self, project: &Project, relative: &str) -> Result<Self> {
        for file in files_below(&project.path(relative))? {
            file.strip_prefix(project.root())
                .unwrap_or(&file)
                .hash(&mut self.0);
            fs::read(&file)
                .with_context(|| format!("cannot read {}", file.display()))?
                .hash(&mut self.0);
        }
        Ok(self)
    }

    /// The number as text.
    pub(crate) fn finish(self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// All files at or below a path, in order.
pub(crate) fn files_below(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    if path.is_dir() {
        for entry in
            fs::read_dir(path).with_context(|| format!("cannot read {}", path.display()))?
        {
            files.extend(files_below(&entry?.path())?);
        }
    }
    files.sort();
    Ok(files)
}
