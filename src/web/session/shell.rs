//! Drives a session: feeds it, keeps its one timer, carries its effects out.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::JsValue;

use crate::config::Config;
use crate::effect::{Effect, Remark, Settlement};
use crate::error::SessionError;
use crate::event::Event;
use crate::input::Input;
use crate::record::{Note, Record};
use crate::state::Snapshot;
use crate::time::{Monotonic, Now, Span};
use crate::token::AccessToken;

use super::driven::{self, Driven};
use super::host::{Deed, Errand, Host};
use super::platform::{draw_key, now};
use super::reading;
use super::written::{self, ABSENT, maybe_millis, maybe_span};

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
        let host = &self.host;
        let act = |deed: Deed, subject: u32| host.act(deed as u32, subject);
        match effect {
            Effect::DrawKey => self.input(Input::KeyDrawn {
                key: draw_key(),
                record: self.record(),
            }),
            Effect::ReadRecord => self.input(Input::RecordRead(self.record())),
            Effect::Note(note) => self.note(note),
            Effect::SendRenewal { id, key } => self.send(Errand::Renewal, id.0, &key.to_words()),
            Effect::Verify { id, token } => host.verify(id.0, token.expose()),
            Effect::ProbeTime { id } => self.send(Errand::Time, id.0, &[]),
            Effect::SendLogout { id } => self.send(Errand::Logout, id.0, &[]),
            Effect::Settle { ticket, settlement } => match settlement {
                Settlement::Done => host.settle(ticket.0, ABSENT),
                Settlement::Failed(error) => host.settle(ticket.0, written::error(error)),
                Settlement::Token => self.settle_token(ticket.0),
            },
            Effect::Join { tab } => act(Deed::Join, tab.0),
            Effect::Leave => act(Deed::Leave, 0),
            Effect::LookAround => act(Deed::LookAround, 0),
            Effect::Watch { tab } => act(Deed::Watch, tab.0),
            Effect::AskTurn { id } => act(Deed::AskTurn, id.0),
            Effect::StealTurn { id } => act(Deed::StealTurn, id.0),
            Effect::EndTurn { id } => act(Deed::EndTurn, id.0),
            Effect::Post(message) => host.post(&message.write(), message.token()),
            Effect::Stand(standing) => host.stand(&standing.write()),
            Effect::Say(remark) => host.say(match remark {
                Remark::LongRetryAfter => 0,
                Remark::PolicyViolation => 1,
                Remark::UnexpectedStatus(status) => status.into(),
            }),
            Effect::Emit(event) => self.tell(event),
        }
    }

    fn send(&self, errand: Errand, id: u32, key: &[f64]) {
        let session = self.session.borrow();
        let idle = maybe_span(session.idle_for(now()));
        drop(session);
        self.host.send(errand as u32, id, key, idle);
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
            let error = written::error(SessionError::SignedOut);
            self.host.settle(ticket, error);
            return;
        }
        let token = session.held_token().map(AccessToken::expose);
        let generation = session.snapshot().generation;
        self.host
            .settle_token(ticket, token, generation, session.first_generation());
    }

    fn tell(&self, event: Event) {
        match event {
            Event::Changed => self.host.changed(),
            Event::StepUpRequired {
                acr_values,
                max_age,
                url,
            } => {
                let max_age = maybe_span(max_age);
                self.host
                    .step_up_required(acr_values.as_deref(), max_age, &url);
            }
            event => {
                let (event, [one, two, three, four]) = written::event(&event);
                self.host.tell(event, one, two, three, four);
            }
        }
    }

    /// When the session will end if nobody uses it.
    pub(super) fn idle_deadline(&self) -> f64 {
        maybe_millis(self.session.borrow().idle_deadline())
    }

    /// Whether the user signed in no longer ago than this.
    pub(super) fn is_recent(&self, max_age: Span) -> bool {
        self.session.borrow().is_recent(max_age, now())
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
        self.host.show(&written::snapshot(&snapshot), &claims.1);
    }
}
