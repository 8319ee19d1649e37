//! The faults that are armed, and what remains of each.

use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Duration, Instant, sleep_until};

use super::fault::{Fault, Kind, Scope, Target};
use super::issued::IssuedTokens;

/// What the server was told to do wrong. The oldest fault that is for a request is the one
/// that hits it.
#[derive(Default)]
pub(crate) struct Faults {
    armed: Mutex<Vec<Armed>>,
    pub(super) issued: IssuedTokens,
}

struct Armed {
    fault: Fault,
    remaining: Remaining,
    hits: u64,
    /// Closes with the fault; the requests that it holds listen.
    held: watch::Sender<()>,
}

#[derive(Clone, Copy)]
enum Remaining {
    Requests(u32),
    Until(Instant),
}

/// A fault that hits a request.
pub(super) struct Hit {
    pub(super) kind: Kind,
    hold: Hold,
}

/// How long a request hangs: until its fault is cleared, or its time is over.
struct Hold {
    cleared: Option<watch::Receiver<()>>,
    until: Option<Instant>,
}

/// An armed fault, as `GET /faults` shows it.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Listed {
    #[serde(flatten)]
    fault: Fault,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_requests: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_seconds: Option<f64>,
    /// How many requests it has hit.
    hits: u64,
    /// How many requests hang on it now.
    holding: usize,
}

impl Faults {
    pub(super) fn arm(&self, fault: Fault) -> Listed {
        let now = Instant::now();
        let remaining = match fault.scope {
            Scope::Requests(requests) => Remaining::Requests(requests.get()),
            Scope::Seconds(seconds) => {
                Remaining::Until(now + Duration::from_secs(seconds.get().into()))
            }
        };
        let armed = Armed {
            fault,
            remaining,
            hits: 0,
            held: watch::Sender::new(()),
        };
        let listed = armed.listed(now);
        self.lock(now).push(armed);
        listed
    }

    pub(super) fn list(&self) -> Vec<Listed> {
        let now = Instant::now();
        self.lock(now)
            .iter()
            .map(|armed| armed.listed(now))
            .collect()
    }

    pub(super) fn clear(&self) {
        self.lock(Instant::now()).clear();
    }

    /// The fault that hits this request, which it is one request nearer to its end by.
    pub(super) fn take(&self, asked: Target) -> Option<Hit> {
        self.lock(Instant::now())
            .iter_mut()
            .filter(|armed| armed.fault.path.covers(asked))
            .find_map(Armed::hit)
    }

    /// The faults that are not over yet.
    fn lock(&self, now: Instant) -> MutexGuard<'_, Vec<Armed>> {
        let mut armed = self.armed.lock().unwrap_or_else(PoisonError::into_inner);
        armed.retain(|armed| armed.stands(now));
        armed
    }
}

impl Armed {
    /// A fault for some requests stands as long as one of them still hangs on it.
    fn stands(&self, now: Instant) -> bool {
        match self.remaining {
            Remaining::Requests(0) => self.held.receiver_count() > 0,
            Remaining::Requests(_) => true,
            Remaining::Until(end) => now < end,
        }
    }

    fn hit(&mut self) -> Option<Hit> {
        let until = match &mut self.remaining {
            Remaining::Requests(0) => return None,
            Remaining::Requests(left) => {
                *left -= 1;
                None
            }
            Remaining::Until(end) => Some(*end),
        };
        self.hits += 1;
        let hangs = matches!(self.fault.kind, Kind::Hang(_));
        Some(Hit {
            kind: self.fault.kind.clone(),
            hold: Hold {
                cleared: hangs.then(|| self.held.subscribe()),
                until,
            },
        })
    }

    fn listed(&self, now: Instant) -> Listed {
        let (remaining_requests, remaining_seconds) = match self.remaining {
            Remaining::Requests(left) => (Some(left), None),
            Remaining::Until(end) => {
                let left = end.saturating_duration_since(now);
                (None, Some((left.as_secs_f64() * 1000.0).round() / 1000.0))
            }
        };
        Listed {
            fault: self.fault.clone(),
            remaining_requests,
            remaining_seconds,
            hits: self.hits,
            holding: self.held.receiver_count(),
        }
    }
}

impl Hit {
    /// Waits until the fault is over.
    pub(super) async fn hang(self) {
        let Hold { cleared, until } = self.hold;
        let clearing = async {
            if let Some(mut cleared) = cleared {
                // Nothing is ever sent: an error says that the fault is gone.
                while cleared.changed().await.is_ok() {}
            }
        };
        match until {
            Some(end) => tokio::select! {
                () = clearing => {}
                () = sleep_until(end) => {}
            },
            None => clearing.await,
        }
    }
}
