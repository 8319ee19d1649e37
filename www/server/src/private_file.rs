//! Files that hold secrets.

use std::fs::{File, OpenOptions};
use std::path::Path;

/// Makes a file that nobody else on the machine may read; fails where there is one.
pub(crate) fn create(path: &Path) -> std::io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options.open(path)
}
