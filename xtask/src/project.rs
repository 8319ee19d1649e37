//! Where things are.

use std::env;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

/// Removes a folder with all that is in it, if it is there.
pub(crate) fn remove_dir(dir: &Path) -> Result<()> {
    match fs::remove_dir_all(dir) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            Err(error).with_context(|| format!("cannot remove {}", dir.display()))
        }
        _ => Ok(()),
    }
}

/// The checkout that the commands work on.
pub(crate) struct Project {
    root: PathBuf,
}

impl Project {
    /// The checkout that holds this crate.
    pub(crate) fn locate() -> Result<Self> {
        let manifest_dir = env::var_os("CARGO_MANIFEST_DIR")
            .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
        let root = manifest_dir
            .parent()
            .context("xtask stands in no checkout")?
            .canonicalize()?;
        Ok(Self { root })
    }

    /// The version of the crates, and of the npm package.
    pub(crate) fn version(&self) -> &'static str {
        env!("CARGO_PKG_VERSION")
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// A path given from the root.
    pub(crate) fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// The npm package.
    pub(crate) fn pkg(&self) -> PathBuf {
        self.path("pkg")
    }

    /// What wasm-pack makes of one feature of the crate.
    pub(crate) fn module(&self, feature: &str) -> PathBuf {
        self.path("target/package").join(feature)
    }

    /// The tools that this project installs for itself.
    pub(crate) fn tools(&self) -> PathBuf {
        self.path("target/tools")
    }

    /// The npm packages of the development tools.
    pub(crate) fn node_modules(&self) -> PathBuf {
        self.path("tests/node_modules")
    }

    /// Where cargo puts what it compiles.
    pub(crate) fn cargo_target(&self) -> PathBuf {
        env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| self.path("target"), |dir| self.root.join(dir))
    }

    /// The sample server, once built.
    pub(crate) fn server_binary(&self) -> PathBuf {
        self.cargo_target()
            .join("debug")
            .join(format!("sample-server{}", env::consts::EXE_SUFFIX))
    }

    /// Keeps two commands from installing or packaging at the same time.
    pub(crate) fn lock(&self, subject: &str) -> Result<File> {
        fs::create_dir_all(self.path("target"))?;
        let file = File::create(self.path("target").join(format!(".{subject}.lock")))?;
        file.lock()?;
        Ok(file)
    }
}
