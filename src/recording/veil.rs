//! What stands for secrets.
//!
//! The core compares tokens, keys and identities, and does nothing else with them. So it does the same with whatever
//! is equal where those are. Every kind of input and effect is named here: a new one has to be thought of.

use std::hash::{DefaultHasher, Hasher};

use crate::effect::{Effect, RenewalKey};
use crate::event::Event;
use crate::grant::TokenAnswer;
use crate::input::{Input, Outcome};
use crate::record::{Note, Record};
use crate::tabs::{Message, PeerMessage};
use crate::token::{AccessToken, ReadToken};

use super::forms::hex;

/// What stand-ins of texts begin with.
const MARK: &str = "stand-in:";

/// Whether a text is one that stands for another.
pub(super) fn is_stand_in(text: &str) -> bool {
    let digits = text.strip_prefix(MARK).unwrap_or_default().as_bytes();
    digits.len() == hex::DIGITS && digits.iter().all(u8::is_ascii_hexdigit)
}

/// Replaces secrets by stand-ins.
pub(super) struct Veil {
    /// What a stand-in is made from, besides of what it stands for.
    secret: u128,
}

impl Veil {
    pub(super) fn new(secret: u128) -> Veil {
        Veil { secret }
    }

    pub(super) fn input(&self, input: &mut Input) {
        match input {
            Input::Begin { answer, .. } => self.answer(answer),
            Input::Restore { record, .. }
            | Input::Returned { record, .. }
            | Input::RecordRead(record) => self.record(record),
            Input::KeyDrawn { key, record } => {
                self.key(key);
                self.record(record);
            }
            Input::RenewalSettled { outcome, .. } | Input::LogoutSettled { outcome, .. } => {
                self.outcome(outcome);
            }
            Input::Challenged { challenge, url, .. } => {
                challenge.scope = None;
                without_query(url);
            }
            Input::Revoked { session } => self.maybe(session),
            Input::Peer(message) => self.message(message),
            Input::Renew { .. }
            | Input::NeedToken { .. }
            | Input::Forget { .. }
            | Input::SignOut { .. }
            | Input::Verified { .. }
            | Input::TimeProbed { .. }
            | Input::Connectivity { .. }
            | Input::Activity
            | Input::Extend
            | Input::Policy(_)
            | Input::Visibility { .. }
            | Input::Joined
            | Input::Around { .. }
            | Input::TurnNear { .. }
            | Input::TurnCame { .. }
            | Input::TurnLost { .. }
            | Input::Gone { .. }
            | Input::Leaving { .. }
            | Input::Dispose => {}
        }
    }

    pub(super) fn effect(&self, effect: &mut Effect) {
        match effect {
            Effect::Note(note) => self.note(note),
            Effect::SendRenewal { key, .. } => self.key(key),
            Effect::Verify { token, .. } => self.token(token),
            Effect::Post(message) => self.message(message),
            Effect::Emit(Event::StepUpRequired { url, .. }) => without_query(url),
            Effect::Emit(
                Event::Changed
                | Event::Started { .. }
                | Event::Renewed { .. }
                | Event::RenewalFailed { .. }
                | Event::Degraded { .. }
                | Event::Recovered { .. }
                | Event::IdleWarning { .. }
                | Event::IdleExtended { .. }
                | Event::PolicyViolation { .. }
                | Event::TokenRejected { .. }
                | Event::SessionEnding { .. }
                | Event::ClockSkew(_)
                | Event::ClockJump { .. }
                | Event::Ended { .. },
            )
            | Effect::DrawKey
            | Effect::ReadRecord
            | Effect::ProbeTime { .. }
            | Effect::SendLogout { .. }
            | Effect::Settle { .. }
            | Effect::Join { .. }
            | Effect::Leave
            | Effect::Stand(_)
            | Effect::LookAround
            | Effect::Watch { .. }
            | Effect::AskTurn { .. }
            | Effect::StealTurn { .. }
            | Effect::EndTurn { .. }
            | Effect::Say(_) => {}
        }
    }

    fn outcome(&self, outcome: &mut Outcome) {
        if let Outcome::Answered(reply) = outcome
            && let Some(answer) = &mut reply.answer
        {
            self.answer(answer);
        }
    }

    fn answer(&self, answer: &mut TokenAnswer) {
        if let Some(Ok(read)) = &mut answer.token {
            self.read(read);
        }
    }

    fn message(&self, message: &mut PeerMessage) {
        match &mut message.message {
            Message::Granted(grant) => {
                if let Some(read) = &mut grant.token {
                    self.read(read);
                }
            }
            Message::Pending(key, _) => self.key(key),
            Message::Hello { .. }
            | Message::Ended { .. }
            | Message::Failed { .. }
            | Message::Bye
            | Message::Active(_) => {}
        }
    }

    fn note(&self, note: &mut Note) {
        match note {
            Note::Pending(key, _) | Note::Answered(key, _) => self.key(key),
            Note::Begun(_)
            | Note::Seen(_)
            | Note::Settled(_)
            | Note::Active { .. }
            | Note::Ended(_)
            | Note::Told
            | Note::Over(_) => {}
        }
    }

    fn record(&self, record: &mut Record) {
        if let Some(key) = &mut record.key {
            self.key(key);
        }
    }

    fn read(&self, read: &mut ReadToken) {
        self.token(&mut read.token);
        if let Some(identity) = &mut read.identity {
            self.maybe(&mut identity.subject);
            self.text(&mut identity.session);
        }
    }

    fn token(&self, token: &mut AccessToken) {
        *token = AccessToken::new(self.stand_in(token.expose()));
    }

    fn maybe(&self, text: &mut Option<String>) {
        if let Some(text) = text {
            self.text(text);
        }
    }

    fn text(&self, text: &mut String) {
        *text = self.stand_in(text);
    }

    fn key(&self, key: &mut RenewalKey) {
        *key = RenewalKey(self.digest(&key.0.to_le_bytes()).into());
    }

    fn stand_in(&self, text: &str) -> String {
        let mut text = hex::digits(self.digest(text.as_bytes()));
        text.insert_str(0, MARK);
        text
    }

    fn digest(&self, bytes: &[u8]) -> u64 {
        let mut hasher = DefaultHasher::new();
        hasher.write_u128(self.secret);
        hasher.write(bytes);
        hasher.finish()
    }
}

/// Cuts an address off before its query or fragment.
fn without_query(url: &mut String) {
    if let Some(end) = url.find(['?', '#']) {
        url.truncate(end);
    }
}
