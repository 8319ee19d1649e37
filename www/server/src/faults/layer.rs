//! Where a fault meets a request.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use tokio::time::{Duration, sleep};

use super::answer;
use super::armed::{Faults, Hit};
use super::connection::lost;
use super::fault::{Delay, Garbage, Kind, Moment, Target, When};
use crate::app::App;
use crate::http::{self, ApiError};
use crate::store::{self, AuditKind, Session};

/// Answers in the way of the fault that hits the request, and passes all others on.
pub(crate) async fn inject(
    State(app): State<App>,
    request: Request,
    next: Next,
) -> Result<Response, ApiError> {
    let asked = Target::of(request.method(), request.uri().path());
    let (Some(faults), Some(asked)) = (app.faults(), asked) else {
        return Ok(next.run(request).await);
    };
    let hit = faults.take(asked);
    if let Some(hit) = &hit {
        write_down(&app, hit, http::route(&request)).await?;
    }
    let endpoint = Endpoint {
        app: &app,
        faults,
        asked,
        request,
        next,
    };
    match hit {
        Some(hit) => endpoint.misbehave(hit).await,
        None => endpoint.answer().await,
    }
}

async fn write_down(app: &App, hit: &Hit, route: &str) -> Result<(), ApiError> {
    let detail = format!("{} {route}", hit.kind);
    app.blocking(move |parts| {
        Ok(parts.store.write(&*parts.clock, |transaction, now| {
            let nobody = None::<&Session>;
            store::record(transaction, now, AuditKind::FaultInjected, nobody, &detail)
        })?)
    })
    .await
}

/// An endpoint that has a request to answer.
struct Endpoint<'a> {
    app: &'a App,
    faults: &'a Faults,
    asked: Target,
    request: Request,
    next: Next,
}

impl Endpoint<'_> {
    async fn answer(self) -> Result<Response, ApiError> {
        let answer = self.next.run(self.request).await;
        if self.asked.issues_tokens() {
            self.faults.issued.keep(self.app, answer).await
        } else {
            Ok(answer)
        }
    }

    /// What the endpoint answers where the fault lets it do its work first.
    async fn answer_if_after(self, when: When) -> Result<Option<Response>, ApiError> {
        match when {
            When::Before => Ok(None),
            When::After => self.answer().await.map(Some),
        }
    }

    async fn misbehave(self, hit: Hit) -> Result<Response, ApiError> {
        let app = self.app;
        match &hit.kind {
            Kind::Status(fault) => {
                self.answer_if_after(fault.when).await?;
                Ok(answer::status(fault, app.now()))
            }
            Kind::Delay(Delay { ms, when }) => {
                let delay = sleep(Duration::from_millis(ms.get().into()));
                match when {
                    When::Before => {
                        delay.await;
                        self.answer().await
                    }
                    When::After => {
                        let answer = self.answer().await;
                        delay.await;
                        answer
                    }
                }
            }
            Kind::Hang(Moment { when }) => {
                self.answer_if_after(*when).await?;
                hit.hang().await;
                Ok(lost())
            }
            Kind::Drop(Moment { when }) => {
                self.answer_if_after(*when).await?;
                Ok(lost())
            }
            Kind::Body(Garbage { content, when }) => {
                let own = self.answer_if_after(*when).await?;
                Ok(answer::garbage(*content, own))
            }
            Kind::SameToken(_) => {
                let answer = self.next.run(self.request).await;
                self.faults.issued.hand_out_again(app, answer).await
            }
            Kind::Redirect(Moment { when }) => {
                self.answer_if_after(*when).await?;
                Ok(answer::redirect())
            }
        }
    }
}
