//! The end of a session, told to the browser that holds its cookie: server-sent events.

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream;
use tokio::sync::watch;
use tokio::time::sleep;

use super::ApiError;
use super::grant::refresh_token;
use crate::app::App;
use crate::store::{self, EndReason, Session, SessionStatus};

const REVOKED: &str = "revoked";
const LAST_EVENT_ID_HEADER: &str = "last-event-id";
/// After which a browser that lost the connection asks again.
const RETRY: Duration = Duration::from_secs(3);
/// Less than what proxies and routers bear in silence.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// Tells of the session of the cookie, whichever of the session's tokens it carries: a renewal
/// may replace it at any time. 204, at which a browser asks no more, where there is nothing to
/// tell: no session, one that ended at its hard end, or one whose end this browser has heard of.
pub(super) async fn listen(
    State(app): State<App>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let Some(token) = refresh_token(&app, &headers) else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let session = app
        .blocking(move |parts| {
            Ok(parts
                .store
                .read(|connection| store::session_of_token(connection, &token))?)
        })
        .await?;
    let has_heard = |session: &Session| {
        let last = headers.get(LAST_EVENT_ID_HEADER);
        last.is_some_and(|id| id.as_bytes() == session.sid.as_bytes())
    };
    let Some(session) = session
        .filter(|session| !has_heard(session) && Fate::of(session, &app) != Fate::PastItsHardEnd)
    else {
        return Ok(StatusCode::NO_CONTENT.into_response());
    };
    let listener = Listener {
        ends: app.ends(),
        stopping: app.stopping(),
        sid: session.sid,
        step: Step::Greet,
        app,
    };
    let events = stream::unfold(listener, Listener::next);
    let keep_alive = KeepAlive::new().interval(KEEP_ALIVE);
    Ok(Sse::new(events).keep_alive(keep_alive).into_response())
}

/// What there is to tell of a session.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Fate {
    Stands,
    Revoked,
    /// Its client knows that end from the start.
    PastItsHardEnd,
}

impl Fate {
    fn of(session: &Session, app: &App) -> Self {
        match session.status(app.now()) {
            SessionStatus::Live => Self::Stands,
            SessionStatus::Expired | SessionStatus::Ended(EndReason::Expired) => {
                Self::PastItsHardEnd
            }
            SessionStatus::Ended(_) => Self::Revoked,
        }
    }
}

/// A browser that listens.
struct Listener {
    app: App,
    sid: String,
    ends: watch::Receiver<i64>,
    stopping: watch::Receiver<bool>,
    step: Step,
}

enum Step {
    Greet,
    Wait,
    Leave,
}

impl Listener {
    /// The next event; `None` closes the stream.
    async fn next(mut self) -> Option<(Result<Event, Infallible>, Self)> {
        match self.step {
            Step::Greet => {
                self.step = Step::Wait;
                Some((Ok(Event::default().retry(RETRY)), self))
            }
            Step::Wait => {
                self.wait_for_end().await?;
                self.step = Step::Leave;
                let event = Event::default()
                    .event(REVOKED)
                    .id(&self.sid)
                    .data(&self.sid);
                Some((Ok(event), self))
            }
            Step::Leave => None,
        }
    }

    /// Resolves when the session is revoked; to `None` when there will be nothing to tell.
    async fn wait_for_end(&mut self) -> Option<()> {
        loop {
            // Before the look, so that no end falls between the two.
            self.ends.mark_unchanged();
            let session = self.look().await?;
            match Fate::of(&session, &self.app) {
                Fate::Stands => {}
                Fate::Revoked => return Some(()),
                Fate::PastItsHardEnd => return None,
            }
            let left_seconds = session.remaining_seconds(self.app.now()).unsigned_abs();
            tokio::select! {
                changed = self.ends.changed() => changed.ok()?,
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = sleep(Duration::from_secs(left_seconds)) => {}
            }
        }
    }

    async fn look(&self) -> Option<Session> {
        let sid = self.sid.clone();
        let found = self.app.blocking(move |parts| {
            Ok(parts
                .store
                .read(|connection| store::find_session(connection, &sid))?)
        });
        found.await.ok()?
    }
}
