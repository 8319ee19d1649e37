//! What a session makes of what it is told: worked out by the core once, and recalled wherever the same
//! session is told the same at the same time.

use std::cell::RefCell;
use std::fmt::{self, Write};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use sessionkeeper::*;

use crate::bounds::LIFETIME;
use crate::server::Token;
use crate::tab::{Errand, Reply, now};

/// A cache that has grown to so many reactions starts again.
const MOST_RECALLED: usize = 300_000;

/// Feeds a hash with what is printed.
struct Digest(DefaultHasher);

impl Write for Digest {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.0.write(text.as_bytes());
        Ok(())
    }
}

/// What is printed of a value, as a number. A token is never printed, so it is added.
fn digest(value: &impl fmt::Debug, token: Option<&AccessToken>) -> u64 {
    let mut digest = Digest(DefaultHasher::new());
    write!(digest, "{value:?}").expect("a hash takes anything");
    token.map(AccessToken::expose).hash(&mut digest.0);
    digest.0.finish()
}

fn read(token: &AccessToken) -> Token {
    Token::from_text(token.expose())
}

/// A session in one condition: it does not change any longer, another one takes its place.
struct Condition {
    session: Session,
    digest: u64,
    held: Option<Token>,
    usable: Option<Token>,
}

/// A session as a tab keeps it.
#[derive(Clone)]
pub(crate) struct Kept(Arc<Condition>);

impl Kept {
    pub(crate) fn new(session: Session) -> Kept {
        Kept(Arc::new(Condition {
            digest: digest(&session, session.held_token()),
            held: session.held_token().map(read),
            usable: session.usable_token().map(read),
            session,
        }))
    }

    pub(crate) fn state(&self) -> SessionState {
        self.0.session.state()
    }

    /// The token that it holds, lapsed or not.
    pub(crate) fn token(&self) -> Option<Token> {
        self.0.held
    }

    pub(crate) fn usable(&self) -> Option<Token> {
        self.0.usable
    }

    pub(crate) fn deadline(&self) -> Option<Monotonic> {
        self.0.session.poll_timeout().map(|deadline| deadline.at)
    }

    /// What it makes of a cue, as the session of this tab and at this time; recalled, where it is known.
    pub(crate) fn recall(&self, cue: &Cue, tab: usize, at: i64) -> Arc<Reaction> {
        let occasion = (self.0.digest, tab, at, cue.clone());
        RECALLED.with_borrow_mut(|recalled| {
            if let Some(reaction) = recalled.get(&occasion) {
                return reaction.clone();
            }
            if recalled.len() >= MOST_RECALLED {
                recalled.clear();
            }
            let reaction = Arc::new(self.react(cue, tab, at));
            recalled.insert(occasion, reaction.clone());
            reaction
        })
    }

    /// The same, worked out by the core.
    pub(crate) fn react(&self, cue: &Cue, tab: usize, at: i64) -> Reaction {
        let mut session = self.0.session.clone();
        match cue.input(tab, at) {
            Some(input) => session.handle_input(input, now(tab, at)),
            None => session.handle_timeout(now(tab, at)),
        }
        let mut wishes = Vec::new();
        while let Some(effect) = session.poll_effect() {
            let wish = match effect {
                Effect::Settle { .. } | Effect::Say(_) | Effect::Emit(_) => continue,
                Effect::Post(message) => {
                    let about = match message.message {
                        Message::Granted(_) => session.held_token().map(read),
                        _ => None,
                    };
                    Wish::Post(Mail::new(message, about.map(|token| token.session)))
                }
                effect => Wish::Other(effect),
            };
            let is_question = matches!(wish, Wish::Other(Effect::DrawKey | Effect::ReadRecord));
            wishes.push(wish);
            if is_question {
                break;
            }
        }
        Reaction {
            kept: Kept::new(session),
            wishes,
        }
    }
}

impl Hash for Kept {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.0.digest.hash(hasher);
    }
}

/// What comes of a cue: the session then, and what it asks for. A question comes last, for its answer is
/// the next cue.
pub(crate) struct Reaction {
    pub(crate) kept: Kept,
    pub(crate) wishes: Vec<Wish>,
}

pub(crate) enum Wish {
    Post(Mail),
    Other(Effect),
}

/// A session, its tab, the time, and what it is told.
type Occasion = (u64, usize, i64, Cue);

#[expect(clippy::disallowed_types, reason = "it is looked up, never iterated")]
type Recalled = std::collections::HashMap<Occasion, Arc<Reaction>>;

thread_local! {
    static RECALLED: RefCell<Recalled> = RefCell::default();
}

/// A message on its way.
#[derive(Clone, Debug)]
pub(crate) struct Mail {
    pub(crate) message: Arc<PeerMessage>,
    digest: u64,
    /// The sign-in whose token it tells of.
    pub(crate) about: Option<u8>,
}

impl Mail {
    pub(crate) fn new(message: PeerMessage, about: Option<u8>) -> Mail {
        let token = match &message.message {
            Message::Granted(grant) => grant.token.as_ref().map(|read| &read.token),
            _ => None,
        };
        Mail {
            digest: digest(&message, token),
            about,
            message: Arc::new(message),
        }
    }

    pub(crate) fn tells_an_end(&self) -> bool {
        matches!(self.message.message, Message::Ended { .. })
    }
}

impl PartialEq for Mail {
    fn eq(&self, other: &Mail) -> bool {
        (self.digest, self.about) == (other.digest, other.about)
    }
}

impl Eq for Mail {}

impl Hash for Mail {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (self.digest, self.about).hash(hasher);
    }
}

/// What a session is told.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Cue {
    /// Something is due.
    Due,
    Hidden,
    Restore(Ticket, Record),
    Begin(Ticket, Token),
    Renew(Ticket),
    SignOut(Ticket),
    KeyDrawn(RenewalKey, Record),
    RecordRead(Record),
    /// A request that was sent then has come to its end.
    Settled(Errand, i64, Reply),
    Heard(Mail),
    Joined,
    Around(Vec<TabId>, Vec<Standing>),
    TurnNear(TurnId),
    TurnCame(TurnId),
    TurnLost(TurnId),
    Gone(TabId),
    /// Its page goes into the back/forward cache.
    Leaving,
    Returned(Record),
}

impl Cue {
    /// The input that it stands for; none where only time has passed.
    fn input(&self, tab: usize, at: i64) -> Option<Input> {
        Some(match self.clone() {
            Cue::Due => return None,
            Cue::Hidden => Input::Visibility { visible: false },
            Cue::Restore(ticket, record) => Input::Restore {
                ticket,
                fresh: false,
                record,
            },
            Cue::Begin(ticket, token) => Input::Begin {
                ticket,
                answer: answer_of(token),
            },
            Cue::Renew(ticket) => Input::Renew { ticket },
            Cue::SignOut(ticket) => Input::SignOut {
                ticket,
                logout: true,
            },
            Cue::KeyDrawn(key, record) => Input::KeyDrawn { key, record },
            Cue::RecordRead(record) => Input::RecordRead(record),
            Cue::Settled(Errand::Renewal(id, _), sent, reply) => Input::RenewalSettled {
                id,
                exchange: Exchange {
                    sent: now(tab, sent),
                    received: now(tab, at),
                },
                outcome: outcome_of(reply),
            },
            Cue::Settled(Errand::Logout(id), _, reply) => Input::LogoutSettled {
                id,
                outcome: outcome_of(reply),
            },
            Cue::Heard(mail) => Input::Peer((*mail.message).clone()),
            Cue::Joined => Input::Joined,
            Cue::Around(tabs, standings) => Input::Around { tabs, standings },
            Cue::TurnNear(id) => Input::TurnNear { id },
            Cue::TurnCame(id) => Input::TurnCame { id },
            Cue::TurnLost(id) => Input::TurnLost { id },
            Cue::Gone(tab) => Input::Gone { tab },
            Cue::Leaving => Input::Leaving { cached: true },
            Cue::Returned(record) => Input::Returned {
                persisted: true,
                record,
            },
        })
    }
}

fn outcome_of(reply: Reply) -> Outcome {
    let (status, answer) = match reply {
        Reply::Granted(_, token) => (200, Some(answer_of(token))),
        Reply::Refused => (401, None),
        Reply::Busy => (503, None),
        Reply::SignedOut => (204, None),
        Reply::Unreachable => return Outcome::Unreachable,
    };
    Outcome::Answered(sessionkeeper::Reply {
        status,
        date: None,
        aged: false,
        retry_after: None,
        answer,
    })
}

/// The answer that brings a token.
fn answer_of(token: Token) -> TokenAnswer {
    TokenAnswer {
        token: Some(Ok(ReadToken {
            identity: None,
            token: AccessToken::new(token.to_text()),
            dates: None,
        })),
        expires_in: Some(LIFETIME as f64 / 1000.0),
        ..TokenAnswer::default()
    }
}
