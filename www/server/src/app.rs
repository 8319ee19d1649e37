//! The server without a socket.

use std::path::Path;
use std::sync::Arc;

use crate::access_token::AccessTokens;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::cookie::RefreshCookie;
use crate::crypto::CryptoError;
use crate::faults::Faults;
use crate::http::{self, ApiError};
use crate::password::{PasswordError, Passwords};
use crate::store::{self, AuditEntry, Keys, Store, StoreError};

/// The sample backend: one database, one clock, one set of keys. Clones are the same server.
#[derive(Clone)]
pub struct App {
    parts: Arc<Parts>,
}

pub(crate) struct Parts {
    pub(crate) config: Config,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) store: Store,
    pub(crate) access_tokens: AccessTokens,
    pub(crate) rotation_key: [u8; 32],
    pub(crate) passwords: Passwords,
    pub(crate) cookie: RefreshCookie,
    faults: Option<Faults>,
}

/// Why the server does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A key cannot be used.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
    /// The sample users' passwords cannot be hashed.
    #[error("{0}")]
    Password(String),
    /// The port cannot be listened on.
    #[error("port {port} cannot be listened on: {source}")]
    Bind {
        /// The port asked for.
        port: u16,
        /// Why not.
        source: std::io::Error,
    },
    /// No certificate could be made.
    #[error("no certificate could be made: {0}")]
    Certificate(String),
    /// The operating system refused something else.
    #[error(transparent)]
    Io(#[from] std::io::Error),
}

impl From<PasswordError> for StartError {
    fn from(error: PasswordError) -> Self {
        Self::Password(error.to_string())
    }
}

impl App {
    /// Opens the database, and creates the keys and the sample users where they are missing.
    pub fn open(config: Config, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let store = Store::open(&config.database)?;
        let passwords = Passwords::new(config.password_cost)?;
        let keys = store.write(&*clock, |transaction, _| Keys::load(transaction))?;
        let hashed = |password: &str| passwords.hash(password).map_err(StartError::from);
        store.write(&*clock, |transaction, _| {
            Ok(store::create_sample_users(transaction, hashed))
        })??;
        let cookie = RefreshCookie::new(config.tls);
        Ok(Self {
            parts: Arc::new(Parts {
                access_tokens: AccessTokens::new(&keys.es256_pkcs8)?,
                rotation_key: keys.rotation,
                faults: config.faults.then(Faults::default),
                config,
                clock,
                store,
                passwords,
                cookie,
            }),
        })
    }

    /// The routes, for a server or a test to call.
    pub fn router(&self) -> axum::Router {
        http::router(self)
    }

    /// The audit trail, oldest entry first. The database may be in use by a server.
    pub fn read_audit(database: &Path) -> Result<Vec<AuditEntry>, StoreError> {
        store::printed_entries(database)
    }

    pub(crate) fn config(&self) -> &Config {
        &self.parts.config
    }

    pub(crate) fn cookie(&self) -> RefreshCookie {
        self.parts.cookie
    }

    pub(crate) fn access_tokens(&self) -> &AccessTokens {
        &self.parts.access_tokens
    }

    /// What the server is told to do wrong; `None` where it takes no such orders.
    pub(crate) fn faults(&self) -> Option<&Faults> {
        self.parts.faults.as_ref()
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.parts.clock.now()
    }

    /// Does blocking work, on the database or on a password, where it holds nothing else up.
    pub(crate) async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Parts) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let parts = Arc::clone(&self.parts);
        tokio::task::spawn_blocking(move || work(&parts))
            .await
            .unwrap_or_else(|panic| Err(ApiError::internal(&panic)))
    }
}
