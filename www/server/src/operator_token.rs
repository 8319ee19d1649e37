//! What the operator's page is shown for: a secret in a file, so that it is in no list of
//! processes, no history of a shell and no log.

use std::fs::File;
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

use crate::crypto::{self, CryptoError};
use crate::private_file;

/// As many characters as 128 bits take in base64url.
const LEAST_BYTES: usize = 22;
const MOST_BYTES: u64 = 1024;

/// The operator's token, as its hash. It cannot be printed.
pub(crate) struct OperatorToken([u8; 32]);

/// Why a file is not taken for the operator's token.
#[derive(Debug, thiserror::Error)]
pub enum OperatorTokenError {
    /// It cannot be read, or made.
    #[error("{} cannot be used for the operator's token: {source}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// It holds something else.
    #[error(
        "{} holds no operator's token: one line of 22 characters or more, without spaces. Delete it, and one is made",
        .0.display()
    )]
    Unfit(PathBuf),
    /// Others may read it.
    #[error("{} may be read by others: take that from them, with chmod 600", .0.display())]
    Exposed(PathBuf),
    /// No random bytes.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl OperatorToken {
    /// Reads the file, and makes it where it is missing.
    pub(crate) fn of_file(path: &Path) -> Result<Self, OperatorTokenError> {
        let failed = |source| OperatorTokenError::Io {
            path: path.to_owned(),
            source,
        };
        match private_file::create(path) {
            Ok(mut file) => {
                let token = crypto::base64url(&crypto::random::<32>()?);
                writeln!(file, "{token}").map_err(failed)?;
                return Ok(Self(crypto::sha256(token.as_bytes())));
            }
            Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
            Err(error) => return Err(failed(error)),
        }
        let file = File::open(path).map_err(failed)?;
        if is_exposed(&file).map_err(failed)? {
            return Err(OperatorTokenError::Exposed(path.to_owned()));
        }
        let mut text = String::new();
        file.take(MOST_BYTES)
            .read_to_string(&mut text)
            .map_err(failed)?;
        let token = text.trim_end_matches(['\r', '\n']);
        if token.len() >= LEAST_BYTES && token.bytes().all(|byte| byte.is_ascii_graphic()) {
            Ok(Self(crypto::sha256(token.as_bytes())))
        } else {
            Err(OperatorTokenError::Unfit(path.to_owned()))
        }
    }

    /// Whether that is the token. Its hash is compared, whose bytes tell nobody how near a guess
    /// was.
    pub(crate) fn is(&self, presented: &[u8]) -> bool {
        crypto::sha256(presented) == self.0
    }
}

#[cfg(unix)]
fn is_exposed(file: &File) -> std::io::Result<bool> {
    use std::os::unix::fs::PermissionsExt as _;
    Ok(file.metadata()?.permissions().mode() & 0o077 != 0)
}

#[cfg(not(unix))]
fn is_exposed(_: &File) -> std::io::Result<bool> {
    Ok(false)
}
