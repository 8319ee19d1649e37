//! The server without a socket.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use tokio::sync::watch;

use crate::access_token::AccessTokens;
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::cookie::Cookie;
use crate::crypto::{self, CryptoError};
use crate::faults::Faults;
use crate::http::{self, ApiError};
use crate::operator_token::{OperatorToken, OperatorTokenError};
use crate::password::{PasswordError, Passwords};
use crate::store::{self, AuditEntry, AuditFilter, CohortError, Store, StoreError};

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
    /// What the last look found that other processes have written.
    written_by_others: AtomicI64,
    stopping: watch::Sender<bool>,
    faults: Option<Faults>,
    operator_token: Option<OperatorToken>,
}

impl Parts {
    /// Whether another process has written to the database since this was last asked.
    pub(crate) fn has_been_written(&self) -> Result<bool, StoreError> {
        let written = self.store.written_by_others()?;
        Ok(self.written_by_others.swap(written, Ordering::Relaxed) != written)
    }

    /// The name under which attempts of somebody are counted, who may have typed a password
    /// where a user name belongs.
    pub(crate) fn attempts_subject(&self, kind: &str, of: &[u8]) -> [u8; 32] {
        let parts: [&[u8]; 4] = [b"subject of attempts\0", kind.as_bytes(), b"\0", of];
        crypto::hmac_sha256(&self.rotation_key, &parts)
    }
}

/// Why the server, or a command on its database, does not start.
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
    /// No sessions were ended.
    #[error(transparent)]
    Cohort(#[from] CohortError),
    /// The file with the operator's token cannot be used.
    #[error(transparent)]
    OperatorToken(#[from] OperatorTokenError),
    /// The command line says something that cannot be understood.
    #[error("{0}")]
    Usage(String),
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
        let written_by_others = AtomicI64::new(store.written_by_others()?);
        let (rotation_key, keys) = store.write(&*clock, |transaction, now| {
            let rotation_key = store::rotation_key(transaction)?;
            Ok((rotation_key, store::signing_keys(transaction, now)?))
        })?;
        let operator_token = config
            .operator_token_file
            .as_deref()
            .map(OperatorToken::of_file)
            .transpose()?;
        let hashed = |password: &str| passwords.hash(password).map_err(StartError::from);
        store.write(&*clock, |transaction, _| {
            Ok(store::create_sample_users(transaction, hashed))
        })??;
        Ok(Self {
            parts: Arc::new(Parts {
                access_tokens: AccessTokens::new(&keys)?,
                rotation_key,
                written_by_others,
                stopping: watch::Sender::new(false),
                faults: config.faults.then(Faults::default),
                operator_token,
                config,
                clock,
                store,
                passwords,
            }),
        })
    }

    /// The routes, for a server or a test to call.
    pub fn router(&self) -> axum::Router {
        http::router(self)
    }

    /// The audit trail, oldest entry first. The database may be in use by a server.
    pub fn read_audit(database: &Path) -> Result<Vec<AuditEntry>, StoreError> {
        store::entries(&store::open_to_read(database)?, &AuditFilter::default())
    }

    pub(crate) fn config(&self) -> &Config {
        &self.parts.config
    }

    pub(crate) fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(crate) fn refresh_cookie(&self) -> Cookie {
        Cookie::refresh(self.parts.config.tls)
    }

    pub(crate) fn device_cookie(&self) -> Cookie {
        Cookie::device(self.parts.config.tls)
    }

    pub(crate) fn browser_cookie(&self) -> Cookie {
        Cookie::browser(self.parts.config.tls)
    }

    pub(crate) fn access_tokens(&self) -> &AccessTokens {
        &self.parts.access_tokens
    }

    /// What the server is told to do wrong; `None` where it takes no such orders.
    pub(crate) fn faults(&self) -> Option<&Faults> {
        self.parts.faults.as_ref()
    }

    /// What the operator's page is shown for; `None` where there is none.
    pub(crate) fn operator_token(&self) -> Option<&OperatorToken> {
        self.parts.operator_token.as_ref()
    }

    /// Ends the answers that would not end by themselves.
    pub(crate) fn stop(&self) {
        self.parts.stopping.send_replace(true);
    }

    /// Whether the server is about to end.
    pub(crate) fn stopping(&self) -> watch::Receiver<bool> {
        self.parts.stopping.subscribe()
    }

    /// Changes whenever a session has ended.
    pub(crate) fn ends(&self) -> watch::Receiver<i64> {
        self.parts.store.ends()
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
