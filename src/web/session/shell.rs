//! Drives a session: feeds it, keeps its one timer, carries its effects out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::JsValue;

use crate::clock::ClockEstimate;
use crate::config::Config;
use crate::effect::{Effect, Remark, Settlement};
use crate::error::SessionError;
use crate::event::Event;
use crate::input::Input;
use crate::record::{Note, Record};
use crate::state::Snapshot;
use crate::time::{Monotonic, Now, Span, Timestamp};
use crate::token::AccessToken;

use super::driven::{self, Driven};
use super::host::Host;
use super::platform::{draw_key, now};
use super::reading;

/// The longest wait that is given to the browser, which counts it in 32 bits with a sign.
const LONGEST_WAIT: Span = Span::from_hours(12);

pub(super) struct Shell {
    session: RefCell<Driven>,
    pub(super) host: Host,
    performing: Cell<bool>,
    timer: RefCell<Option<(Monotonic, Timeout)>>,
    shown: Cell<Option<Snapshot>>,
    /// The claims of the token of a generation.
    claims: RefCell<(u32, JsValue)>,
}

fn millis(instant: Timestamp) -> f64 {
    instant.as_millis() as f64
}

fn count(span: Span) -> f64 {
    span.as_millis() as f64
}

fn uncertainty(clock: ClockEstimate) -> f64 {
    match clock.uncertainty {
        Span::MAX => f64::INFINITY,
        span => count(span),
    }
}

impl Shell {
    pub(super) fn new(config: Config, host: Host) -> Rc<Shell> {
        let session = driven::session(config, &host);
        let shell = Rc::new(Shell {
            session: RefCell::new(session),
            host,
            performing: Cell::new(false),
            timer: RefCell::default(),
            shown: Cell::new(None),
            claims: RefCell::new((0, JsValue::NULL)),
        });
        shell.show();
        shell
    }

    /// Feeds the session with something that happened.
    pub(super) fn input(self: &Rc<Self>, input: Input) {
        self.drive(|session, now| session.handle_input(input, now));
    }

    /// Has the session do what is due.
    pub(super) fn tick(self: &Rc<Self>) {
        self.drive(|session, now| session.handle_timeout(now));
    }

    /// Feeds the session, then arms the timer and carries out the effects: the session is not
    /// borrowed while anything is called that may call back.
    fn drive(self: &Rc<Self>, feed: impl FnOnce(&mut Driven, Now)) {
        let now = now();
        let deadline = {
            let mut session = self.session.borrow_mut();
            feed(&mut session, now);
            session.poll_timeout()
        };
        self.arm(deadline.map(|deadline| deadline.at), now);
        self.show();
        self.perform();
    }

    fn arm(self: &Rc<Self>, deadline: Option<Monotonic>, now: Now) {
        let mut timer = self.timer.borrow_mut();
        let Some(at) = deadline else {
            *timer = None;
            return;
        };
        if timer.as_ref().is_some_and(|(armed, _)| *armed == at) {
            return;
        }
        // A millisecond more, because timers may fire one early.
        let wait = at - now.monotonic + Span::from_millis(1);
        let wait = wait.clamp(Span::ZERO, LONGEST_WAIT).as_millis() as u32;
        let shell = Rc::downgrade(self);
        let fired = move || {
            if let Some(shell) = shell.upgrade() {
                // The next timer is not armed from this one's task: browsers make such a chain wait
                // for up to a minute in a hidden page.
                let fired = shell.timer.take();
                shell.host.wake();
                drop(fired);
            }
        };
        *timer = Some((at, Timeout::new(wait, fired)));
    }

    /// Carries out the effects in their order, also those which are added meanwhile. The session
    /// keeps them until then, so that one which is of no use any longer is not carried out.
    fn perform(self: &Rc<Self>) {
        if self.performing.replace(true) {
            return;
        }
        loop {
            let effect = self.session.borrow_mut().poll_effect();
            let Some(effect) = effect else { break };
            self.carry_out(effect);
        }
        self.performing.set(false);
    }

    fn carry_out(self: &Rc<Self>, effect: Effect) {
        match effect {
            Effect::DrawKey => self.input(Input::KeyDrawn {
                key: draw_key(),
                record: self.record(),
            }),
            Effect::ReadRecord => self.input(Input::RecordRead(self.record())),
            Effect::Note(note) => self.note(note),
            Effect::SendRenewal { id, key } => self.send_renewal(id, key),
            Effect::Verify { id, token } => self.host.verify(id.0, token.expose()),
            Effect::ProbeTime { id } => self.ask_time(id),
            Effect::SendLogout { id } => self.send_logout(id),
            Effect::Settle { ticket, settlement } => match settlement {
                Settlement::Done => self.host.settle(ticket.0, ""),
                Settlement::Failed(error) => self.host.settle(ticket.0, error.code()),
                Settlement::Token => self.settle_token(ticket.0),
            },
            Effect::Join { tab } => self.host.join(tab.0),
            Effect::Leave => self.host.leave(),
            Effect::Post(message) => self.host.post(&message.write(), message.token()),
            Effect::Stand(standing) => self.host.stand(&standing.write()),
            Effect::LookAround => self.host.look_around(),
            Effect::Watch { tab } => self.host.watch(tab.0),
            Effect::AskTurn { id } => self.host.ask_turn(id.0),
            Effect::StealTurn { id } => self.host.steal_turn(id.0),
            Effect::EndTurn { id } => self.host.end_turn(id.0),
            Effect::Say(Remark::UnexpectedStatus(status)) => self.host.say(status),
            Effect::Say(Remark::LongRetryAfter) => self.host.say(0),
            Effect::Say(Remark::PolicyViolation) => self.host.say(1),
            Effect::Emit(event) => self.tell(event),
        }
    }

    /// What the browser remembers; nothing where it remembers what nobody wrote.
    pub(super) fn record(&self) -> Record {
        Record::read(&self.host.read_record()).unwrap_or_default()
    }

    fn note(&self, note: Note) {
        let before = self.record();
        let record = before.noted(note);
        if record != before {
            self.host.write_record(&record.write());
        }
    }

    /// Hands the token over that is held now: a session that has ended meanwhile has none.
    fn settle_token(&self, ticket: u32) {
        let session = self.session.borrow();
        if !session.is_live() {
            self.host.settle(ticket, SessionError::SignedOut.code());
            return;
        }
        let token = session.held_token().map(AccessToken::expose);
        let generation = session.snapshot().generation;
        self.host
            .settle_token(ticket, token, generation, session.first_generation());
    }

    fn tell(&self, event: Event) {
        let host = &self.host;
        match event {
            Event::Changed => host.changed(),
            Event::Started { restored } => host.started(restored),
            Event::Renewed {
                by,
                token_expires_at,
                attempts,
                took,
            } => {
                let took = count(took);
                host.renewed(by.name(), millis(token_expires_at), attempts, took);
            }
            Event::RenewalFailed {
                cause,
                attempt,
                retry_at,
            } => {
                host.renewal_failed(cause.name(), attempt, retry_at.map(millis));
            }
            Event::Degraded { since } => host.degraded(millis(since)),
            Event::Recovered { after } => host.recovered(count(after)),
            Event::IdleWarning { ends_at, remaining } => {
                host.idle_warning(millis(ends_at), count(remaining));
            }
            Event::IdleExtended { by } => host.idle_extended(by.name()),
            Event::PolicyViolation { lifetime } => host.policy_violation(count(lifetime)),
            Event::TokenRejected { reason } => host.token_rejected(reason.code()),
            Event::StepUpRequired {
                acr_values,
                max_age,
                url,
            } => host.step_up_required(acr_values.as_deref(), max_age.map(count), &url),
            Event::SessionEnding { ends_at } => host.session_ending(millis(ends_at)),
            Event::ClockSkew(clock) => {
                host.clock_skew(count(clock.skew), uncertainty(clock), clock.source.name());
            }
            Event::ClockJump { by, kind } => host.clock_jump(count(by), kind.name()),
            Event::Ended { reason, by } => host.ended(reason.name(), by.name()),
        }
    }

    /// When the session will end if nobody uses it.
    pub(super) fn idle_deadline(&self) -> Option<f64> {
        self.session.borrow().idle_deadline().map(millis)
    }

    /// Whether the user signed in no longer ago than this.
    pub(super) fn is_recent(&self, max_age: Span) -> bool {
        self.session.borrow().is_recent(max_age, now())
    }

    /// How long nobody has used the session, in milliseconds.
    pub(super) fn idle_for(&self, now: Now) -> Option<f64> {
        self.session.borrow().idle_for(now).map(count)
    }

    /// Shows the snapshot, where it is another one.
    fn show(&self) {
        let session = self.session.borrow();
        let snapshot = session.snapshot();
        if self.shown.replace(Some(snapshot)) == Some(snapshot) {
            return;
        }
        let mut claims = self.claims.borrow_mut();
        match session.held_token() {
            Some(token) if claims.0 != snapshot.generation => {
                *claims = (
                    snapshot.generation,
                    reading::claims(&self.host, token.expose()),
                );
            }
            Some(_) => {}
            None => *claims = (snapshot.generation, JsValue::NULL),
        }
        self.host.show(
            snapshot.state.name(),
            snapshot.reason.map(|reason| reason.name()),
            &claims.1,
            snapshot.token_expires_at.map(millis),
            snapshot.renews_at.map(millis),
            snapshot.renewing,
            snapshot.failures,
            snapshot.idle_ends_at.map(millis),
            snapshot.ends_at.map(millis),
            count(snapshot.clock.skew),
            uncertainty(snapshot.clock),
            snapshot.clock.source.name(),
            snapshot.online,
            snapshot.tabs,
        );
    }
}
