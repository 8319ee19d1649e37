//! One browser with a few tabs, its cookie, its record, and the server.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sessionkeeper::*;

use crate::bounds::{ATTEMPT_LIMIT, Bounds, Fault};
use crate::locks::{Claim, Lock};
use crate::server::{Cookie, Server, Token};
use crate::tab::{Errand, Kept, Notice, Page, Reply, Tab, Turn, digest, now};

/// A message on its way.
#[derive(Clone)]
pub(crate) struct Mail {
    message: Arc<PeerMessage>,
    digest: u64,
    /// The sign-in whose token it tells of.
    about: Option<u8>,
}

impl Hash for Mail {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.digest.hash(hasher);
        self.about.hash(hasher);
    }
}

/// What one tab has told another, and was not heard yet.
#[derive(Clone, Hash, Default)]
pub(crate) struct Channel {
    pub(crate) mail: VecDeque<Mail>,
    /// Whether time may pass before it is heard.
    pub(crate) delayed: bool,
}

/// A request on its way, or its answer.
#[derive(Clone, Hash, Debug)]
pub(crate) struct Request {
    pub(crate) tab: usize,
    pub(crate) load: u8,
    pub(crate) errand: Errand,
    pub(crate) cookie: Option<Cookie>,
    pub(crate) sent: i64,
    pub(crate) reply: Option<Reply>,
    pub(crate) slow: bool,
    /// Whether its page was killed or put away, or has lost a turn that took too long.
    pub(crate) given_up: bool,
}

/// What must never happen, and has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Wrong {
    /// A renewal was sent while another one was on its way, and in time.
    TwoAtOnce,
    /// A tab has taken over a token of an older session than one it knew of.
    Backwards,
}

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) now: i64,
    pub(crate) tabs: Vec<Tab>,
    pub(crate) place: Lock,
    pub(crate) turn: Lock,
    /// By sender, then by receiver.
    pub(crate) channels: Vec<Channel>,
    pub(crate) record: Record,
    pub(crate) server: Server,
    pub(crate) jar: Option<Cookie>,
    pub(crate) requests: Vec<Request>,
    pub(crate) keys: u128,
    pub(crate) troubles: u8,
    /// How many renewals were sent.
    pub(crate) renewals: u8,
    /// How many messages were posted since time has passed.
    pub(crate) chatter: u8,
    /// How many messages were lost.
    pub(crate) lost: u8,
    /// The newest session that was signed out.
    pub(crate) left: Option<u8>,
    /// When somebody has signed in or out last, or opened the first page.
    pub(crate) turned: i64,
    pub(crate) wrong: Option<Wrong>,
}

impl Hash for World {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.now.hash(hasher);
        self.tabs.hash(hasher);
        self.place.hash(hasher);
        self.turn.hash(hasher);
        self.channels.hash(hasher);
        self.record.hash(hasher);
        self.server.hash(hasher);
        self.jar.hash(hasher);
        self.requests.hash(hasher);
        self.keys.hash(hasher);
        self.troubles.hash(hasher);
        self.renewals.hash(hasher);
        self.chatter.hash(hasher);
        (self.lost > 0).hash(hasher);
        self.left.hash(hasher);
        self.turned.hash(hasher);
        self.wrong.hash(hasher);
    }
}

/// Whether a fault swallows what a tab tells the others.
fn is_lost(bounds: &Bounds, message: &Message) -> bool {
    match bounds.fault {
        Some(Fault::ForgottenKey) => matches!(message, Message::Pending(..)),
        Some(Fault::SilentEnd) => matches!(message, Message::Ended { .. }),
        Some(Fault::Mute) => matches!(message, Message::Granted(_)),
        _ => false,
    }
}

impl World {
    /// The browser has a cookie from before, and no page is open.
    pub(crate) fn new(bounds: &Bounds) -> World {
        let mut server = Server::default();
        let (cookie, _) = server.sign_in(None);
        let started = Timestamp::from_millis(1_699_999_000_000);
        World {
            now: 0,
            tabs: (0..bounds.tabs)
                .map(|tab| Tab::closed(tab, bounds))
                .collect(),
            place: Lock::default(),
            turn: Lock::default(),
            channels: vec![Channel::default(); bounds.tabs * bounds.tabs],
            record: Record::default().noted(Note::Begun(started)),
            server,
            jar: Some(cookie),
            requests: Vec::new(),
            keys: 0,
            troubles: bounds.troubles,
            renewals: 0,
            chatter: 0,
            lost: 0,
            left: None,
            turned: 0,
            wrong: None,
        }
    }

    pub(crate) fn channel(&mut self, from: usize, to: usize) -> &mut Channel {
        let tabs = self.tabs.len();
        &mut self.channels[from * tabs + to]
    }

    pub(crate) fn ticket(&mut self, tab: usize) -> Ticket {
        self.tabs[tab].tickets += 1;
        Ticket(self.tabs[tab].tickets)
    }

    // What the session of a tab hears, and what it asks for.

    pub(crate) fn input(&mut self, bounds: &Bounds, tab: usize, input: Input) {
        self.drive(bounds, tab, |session, now| session.handle_input(input, now));
    }

    pub(crate) fn timeout(&mut self, bounds: &Bounds, tab: usize) {
        self.drive(bounds, tab, |session, now| session.handle_timeout(now));
    }

    fn drive(&mut self, bounds: &Bounds, tab: usize, feed: impl FnOnce(&mut Session, Now)) {
        let before = self.tabs[tab].kept.token();
        let mut session = (*self.tabs[tab].kept.session).clone();
        let now = now(tab, self.now);
        feed(&mut session, now);
        while let Some(effect) = session.poll_effect() {
            match effect {
                Effect::DrawKey => {
                    self.keys += 1;
                    let (key, mut record) = (RenewalKey(self.keys), self.record);
                    if bounds.fault == Some(Fault::ForgottenKey) {
                        record.key = None;
                    }
                    session.handle_input(Input::KeyDrawn { key, record }, now);
                }
                Effect::ReadRecord => session.handle_input(Input::RecordRead(self.record), now),
                Effect::Post(message) if is_lost(bounds, &message.message) => {}
                Effect::Post(mut message) => {
                    if let Message::Granted(grant) = &mut message.message
                        && bounds.fault == Some(Fault::LateIsNew)
                    {
                        grant.generation.started = now.wall + Span::from_hours(1);
                    }
                    let about = match &message.message {
                        Message::Granted(_) => session
                            .held_token()
                            .map(|token| Token::from_text(token.expose()).session),
                        _ => None,
                    };
                    self.post(tab, message, about);
                }
                effect => self.carry_out(bounds, tab, effect),
            }
        }
        self.tabs[tab].kept = Kept::new(session);
        let after = self.tabs[tab].kept.token();
        if let Some(token) = after
            && after != before
        {
            let heard = &mut self.tabs[tab].heard;
            if token.session < *heard {
                self.wrong.get_or_insert(Wrong::Backwards);
            }
            *heard = token.session.max(*heard);
        }
    }

    fn carry_out(&mut self, bounds: &Bounds, tab: usize, effect: Effect) {
        match effect {
            Effect::Note(note) => self.record = self.record.noted(note),
            Effect::SendRenewal { id, key } => {
                self.watch_renewal();
                self.renewals += 1;
                self.send(tab, Errand::Renewal(id, key));
            }
            Effect::SendLogout { id } => self.send(tab, Errand::Logout(id)),
            Effect::Join { tab: id } => {
                self.tabs[tab].id = id;
                self.tabs[tab].joined = true;
                self.tabs[tab].notices.push_back(Notice::Joined);
            }
            Effect::Leave => self.put_down(tab),
            Effect::Stand(standing) => self.tabs[tab].standing = Some(standing),
            Effect::LookAround => self.look(bounds, tab, None),
            Effect::Watch { tab: other } => {
                if self.is_present(other) {
                    if !self.tabs[tab].watched.contains(&other) {
                        self.tabs[tab].watched.push(other);
                    }
                } else {
                    self.tabs[tab].notices.push_back(Notice::Gone(other));
                }
            }
            Effect::AskTurn { id } => {
                self.tabs[tab].turn = Some(Turn {
                    id,
                    asked: false,
                    came: false,
                });
                let granted = self.place.request(Claim { tab, id });
                self.place_came(granted);
            }
            Effect::StealTurn { id } => self.tabs[tab].notices.push_back(Notice::Stealing(id)),
            Effect::EndTurn { id } => {
                if self.tabs[tab].turn.is_some_and(|turn| turn.id == id) {
                    self.tabs[tab].turn = None;
                }
                let granted = self.place.release(Claim { tab, id });
                self.place_came(granted);
                let granted = self.turn.release(Claim { tab, id });
                self.turn_came(granted);
            }
            Effect::Settle { .. } | Effect::Say(_) | Effect::Emit(_) => {}
            Effect::ProbeTime { .. } | Effect::Verify { .. } => unreachable!("{effect:?}"),
            Effect::DrawKey | Effect::ReadRecord | Effect::Post(_) => unreachable!("{effect:?}"),
        }
    }

    /// Nothing else of its session may be on its way, but what is past its time or nobody waits for.
    fn watch_renewal(&mut self) {
        let Some(Cookie { session, .. }) = self.jar else {
            return;
        };
        let overlaps = self.requests.iter().any(|request| {
            matches!(request.errand, Errand::Renewal(..))
                && request
                    .cookie
                    .is_some_and(|cookie| cookie.session == session)
                && request.reply != Some(Reply::Unreachable)
                && !request.given_up
                && self.now < request.sent + ATTEMPT_LIMIT
        });
        if overlaps {
            self.wrong.get_or_insert(Wrong::TwoAtOnce);
        }
    }

    /// Nobody waits any longer for what a tab has sent.
    pub(crate) fn give_up(&mut self, tab: usize) {
        for request in &mut self.requests {
            request.given_up |= request.tab == tab;
        }
    }

    fn send(&mut self, tab: usize, errand: Errand) {
        self.requests.push(Request {
            tab,
            load: self.tabs[tab].loads,
            errand,
            cookie: self.jar,
            sent: self.now,
            reply: None,
            slow: false,
            given_up: false,
        });
    }

    fn post(&mut self, from: usize, message: PeerMessage, about: Option<u8>) {
        self.chatter += 1;
        let token = match &message.message {
            Message::Granted(grant) => grant
                .token
                .as_ref()
                .map(|read| read.token.expose().to_owned()),
            _ => None,
        };
        let mail = Mail {
            digest: digest(&(&message, token)),
            message: Arc::new(message),
            about,
        };
        for to in 0..self.tabs.len() {
            if to != from && self.tabs[to].joined {
                self.channel(from, to).mail.push_back(mail.clone());
            }
        }
    }

    pub(crate) fn deliver(&mut self, bounds: &Bounds, from: usize, to: usize) {
        let channel = self.channel(from, to);
        let Some(mail) = channel.mail.pop_front() else {
            return;
        };
        channel.delayed &= !channel.mail.is_empty();
        if let Some(about) = mail.about {
            let heard = &mut self.tabs[to].heard;
            *heard = about.max(*heard);
        }
        self.input(bounds, to, Input::Peer((*mail.message).clone()));
    }

    // Locks.

    pub(crate) fn is_present(&self, id: TabId) -> bool {
        self.tabs.iter().any(|tab| tab.joined && tab.id == id)
    }

    pub(crate) fn place_came(&mut self, granted: Option<Claim>) {
        if let Some(Claim { tab, id }) = granted {
            self.tabs[tab].notices.push_back(Notice::PlaceCame(id));
        }
    }

    pub(crate) fn turn_came(&mut self, granted: Option<Claim>) {
        if let Some(Claim { tab, id }) = granted {
            self.tabs[tab].notices.push_back(Notice::TurnCame(id));
        }
    }

    /// What can be seen now is told to a tab.
    pub(crate) fn look(&mut self, bounds: &Bounds, tab: usize, turn: Option<TurnId>) {
        let present = || self.tabs.iter().filter(|tab| tab.joined);
        let (mut tabs, mut standings): (Vec<TabId>, Vec<Standing>) = (
            present().map(|tab| tab.id).collect(),
            present().filter_map(|tab| tab.standing).collect(),
        );
        if bounds.fault == Some(Fault::EmptyLook) {
            (tabs, standings) = (Vec::new(), Vec::new());
        }
        self.tabs[tab]
            .notices
            .push_back(Notice::Looked(turn, tabs, standings));
    }

    /// Whatever a tab holds or waits for is free again, and nobody tells it anything.
    pub(crate) fn put_down(&mut self, tab: usize) {
        let id = self.tabs[tab].id;
        self.give_up(tab);
        let was_present = std::mem::take(&mut self.tabs[tab].joined);
        self.tabs[tab].standing = None;
        self.tabs[tab].turn = None;
        self.tabs[tab].notices.clear();
        self.tabs[tab].watched.clear();
        for from in 0..self.tabs.len() {
            *self.channel(from, tab) = Channel::default();
        }
        let granted = self.place.drop_tab(tab);
        self.place_came(granted);
        let granted = self.turn.drop_tab(tab);
        self.turn_came(granted);
        if was_present {
            for other in &mut self.tabs {
                if other.watched.contains(&id) {
                    other.watched.retain(|watched| *watched != id);
                    other.notices.push_back(Notice::Gone(id));
                }
            }
        }
    }

    /// Tells a tab the first thing that there is to tell of the locks.
    pub(crate) fn notify(&mut self, bounds: &Bounds, tab: usize) {
        let Some(notice) = self.tabs[tab].notices.pop_front() else {
            return;
        };
        let current = self.tabs[tab].turn;
        let is_current = |id: TurnId| current.is_some_and(|turn| turn.id == id);
        match notice {
            Notice::PlaceCame(id) if is_current(id) => {
                self.tabs[tab].turn = current.map(|turn| Turn {
                    asked: true,
                    ..turn
                });
                let claim = Claim { tab, id };
                let granted = match bounds.fault {
                    Some(Fault::EverybodysTurn) => Some(claim),
                    _ => self.turn.request(claim),
                };
                self.turn_came(granted);
                self.input(bounds, tab, Input::TurnNear { id });
            }
            Notice::PlaceLost(id) if is_current(id) => {
                self.tabs[tab].turn = current.map(|turn| Turn {
                    asked: false,
                    ..turn
                });
                let granted = self.turn.release(Claim { tab, id });
                self.turn_came(granted);
                let granted = self.place.request(Claim { tab, id });
                self.place_came(granted);
            }
            Notice::TurnCame(id) if is_current(id) => {
                self.tabs[tab].turn = current.map(|turn| Turn { came: true, ..turn });
                let granted = self.place.release(Claim { tab, id });
                self.place_came(granted);
                self.look(bounds, tab, Some(id));
            }
            Notice::TurnLost(id) if is_current(id) => {
                self.tabs[tab].turn = None;
                self.input(bounds, tab, Input::TurnLost { id });
            }
            Notice::Looked(turn, tabs, standings) => {
                self.input(bounds, tab, Input::Around { tabs, standings });
                if let Some(id) = turn
                    && is_current(id)
                {
                    self.input(bounds, tab, Input::TurnCame { id });
                }
            }
            Notice::Stealing(id) => {
                if let Some(turn) = current
                    && turn.id == id
                    && !turn.came
                {
                    self.steal(tab, turn);
                }
            }
            Notice::Joined => self.input(bounds, tab, Input::Joined),
            Notice::Gone(other) => self.input(bounds, tab, Input::Gone { tab: other }),
            Notice::PlaceCame(_)
            | Notice::PlaceLost(_)
            | Notice::TurnCame(_)
            | Notice::TurnLost(_) => {}
        }
    }

    fn steal(&mut self, tab: usize, Turn { id, asked, .. }: Turn) {
        let claim = Claim { tab, id };
        if asked {
            if let Some(lost) = self.turn.steal(claim) {
                // It was held for longer than a renewal may take.
                self.give_up(lost.tab);
                self.tabs[lost.tab]
                    .notices
                    .push_back(Notice::TurnLost(lost.id));
            }
            self.turn_came(Some(claim));
        } else {
            if let Some(lost) = self.place.steal(claim) {
                self.tabs[lost.tab]
                    .notices
                    .push_back(Notice::PlaceLost(lost.id));
            }
            self.place_came(Some(claim));
        }
    }

    /// What a page is told within the task that learns it: nothing comes in between.
    pub(crate) fn settle(&mut self, bounds: &Bounds) {
        while let Some(tab) = self.tabs.iter().position(|tab| {
            tab.runs()
                && matches!(
                    tab.notices.front(),
                    Some(
                        Notice::Joined
                            | Notice::PlaceCame(_)
                            | Notice::PlaceLost(_)
                            | Notice::Gone(_)
                            | Notice::Looked(None, ..)
                    )
                )
        }) {
            self.notify(bounds, tab);
        }
    }

    // The server.

    /// A request reaches the server.
    pub(crate) fn commit(&mut self, request: usize) {
        let Request { errand, cookie, .. } = self.requests[request];
        let reply = match errand {
            Errand::Renewal(_, key) => match self.server.renew(cookie, key) {
                Some((cookie, token)) => Reply::Granted(cookie, token),
                None => Reply::Refused,
            },
            Errand::Logout(_) => {
                self.server.sign_out(cookie);
                Reply::SignedOut
            }
        };
        self.requests[request].reply = Some(reply);
    }

    /// An answer reaches the browser, which keeps its cookie, and the page, where it is there.
    pub(crate) fn arrive(&mut self, bounds: &Bounds, request: usize, kept: bool) {
        let Request {
            tab,
            load,
            errand,
            sent,
            reply,
            ..
        } = self.requests.remove(request);
        let Some(reply) = reply else { return };
        match reply {
            Reply::Granted(cookie, _) if kept => self.jar = Some(cookie),
            Reply::SignedOut if kept => self.jar = None,
            _ => {}
        }
        if self.tabs[tab].loads != load {
            return;
        }
        match self.tabs[tab].page {
            Page::Closed => {}
            Page::Running => self.answer(bounds, tab, (errand, sent, reply)),
            Page::Frozen | Page::Cached => self.tabs[tab].replies.push((errand, sent, reply)),
        }
    }

    /// A page takes an answer.
    pub(crate) fn answer(&mut self, bounds: &Bounds, tab: usize, answer: (Errand, i64, Reply)) {
        let (errand, sent, reply) = answer;
        let outcome = match reply {
            Reply::Granted(_, token) => reply_with(200, Some(answer_of(token))),
            Reply::Refused => reply_with(401, None),
            Reply::Busy => reply_with(503, None),
            Reply::SignedOut => reply_with(204, None),
            Reply::Unreachable => Outcome::Unreachable,
        };
        let input = match errand {
            Errand::Renewal(id, _) => Input::RenewalSettled {
                id,
                exchange: Exchange {
                    sent: now(tab, sent),
                    received: now(tab, self.now),
                },
                outcome,
            },
            Errand::Logout(id) => Input::LogoutSettled { id, outcome },
        };
        self.input(bounds, tab, input);
    }
}

fn reply_with(status: u16, answer: Option<TokenAnswer>) -> Outcome {
    Outcome::Answered(sessionkeeper::Reply {
        status,
        date: None,
        aged: false,
        retry_after: None,
        answer,
    })
}

/// The answer that brings a token.
pub(crate) fn answer_of(token: Token) -> TokenAnswer {
    TokenAnswer {
        token: Some(Ok(ReadToken {
            identity: None,
            token: AccessToken::new(token.to_text()),
            dates: None,
        })),
        expires_in: Some(crate::bounds::LIFETIME as f64 / 1000.0),
        ..TokenAnswer::default()
    }
}
