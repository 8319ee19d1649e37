//! What the server does without being asked.

use std::io::Write as _;
use std::time::Duration;

use tokio::time::{MissedTickBehavior, interval};

use crate::alerts::{self, AlertChange};
use crate::app::{App, StartError};
use crate::http::ApiError;
use crate::store;

/// How soon the server sees what an operator's command has done to its database.
const LOOK: Duration = Duration::from_millis(250);
/// Every so many looks, what is over is swept up.
const LOOKS_PER_SWEEP: u32 = 20;

impl App {
    /// Takes up what another process has written to the database: keys, and ends of sessions.
    pub fn follow_others(&self) -> Result<(), StartError> {
        let parts = self.parts();
        if !parts.has_been_written()? {
            return Ok(());
        }
        let now = self.now();
        let keys = parts
            .store
            .read(|connection| store::signing_keys(connection, now))?;
        parts.access_tokens.replace_keys(&keys)?;
        Ok(parts.store.ring_for_others()?)
    }

    /// Ends what is over, and deletes what is of no more use.
    pub fn sweep(&self) -> Result<(), StartError> {
        let parts = self.parts();
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            store::sweep(transaction, &parts.config, now)
        })?)
    }

    /// Raises and clears the alerts that are due, and says which.
    pub fn watch_rates(&self) -> Result<Vec<AlertChange>, StartError> {
        let parts = self.parts();
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            alerts::evaluate(transaction, &parts.config.alerts, now)
        })?)
    }

    fn do_rounds(&self) -> Result<(), StartError> {
        self.sweep()?;
        for change in self.watch_rates()? {
            print(&change);
        }
        Ok(())
    }
}

/// Prints an alert as a line of JSON. It is in the trail too, where nobody reads along.
fn print(change: &AlertChange) {
    if let Ok(line) = serde_json::to_string(change) {
        let mut out = std::io::stdout().lock();
        drop(writeln!(out, "{line}").and_then(|()| out.flush()));
    }
}

/// Looks after the server for as long as it runs.
pub(crate) async fn look_after(app: App) {
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in (0..LOOKS_PER_SWEEP).cycle() {
        looks.tick().await;
        let sweeps = look == 0;
        let looking = app.clone();
        let outcome = app
            .blocking(move |_| {
                looking
                    .follow_others()
                    .and_then(|()| if sweeps { looking.do_rounds() } else { Ok(()) })
                    .map_err(|error| ApiError::internal(&error))
            })
            .await;
        // It was told to the operator where it was made; the next look may fare better.
        drop(outcome);
    }
}
