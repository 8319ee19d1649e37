//! One browser with a few tabs, its cookie, its record, and the server.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sessionkeeper::*;

use crate::bounds::{ATTEMPT_LIMIT, Bounds, Fault, Trouble};
use crate::kept::{Cue, Mail, Wish};
use crate::locks::{Claim, Lock};
use crate::server::{Cookie, Server};
use crate::tab::{Errand, Notice, Page, Reply, Tab, Turn};

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
    /// Requests, messages or steps go on and on.
    ForEver,
    /// A page could still send a token of a session that was left, though it has heard everything.
    NotLeft,
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
    /// Whether nothing happens any more.
    pub(crate) over: bool,
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

/// The same message, as it would be if it was the newest of all.
fn post_dated(mail: &Mail) -> Mail {
    let mut message = (*mail.message).clone();
    if let Message::Granted(grant) = &mut message.message {
        grant.generation.started += Span::from_hours(1);
    }
    Mail::new(message, mail.about)
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
            over: false,
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

    pub(crate) fn tell(&mut self, bounds: &Bounds, tab: usize, cue: Cue) {
        let before = self.tabs[tab].kept.token();
        let mut next = Some(cue);
        while let Some(cue) = next.take() {
            let kept = &self.tabs[tab].kept;
            let reaction = match bounds.plain {
                true => Arc::new(kept.react(&cue, tab, self.now)),
                false => kept.recall(&cue, tab, self.now),
            };
            self.tabs[tab].kept = reaction.kept.clone();
            for wish in &reaction.wishes {
                match wish {
                    Wish::Post(mail) => self.post(bounds, tab, mail),
                    Wish::Other(Effect::DrawKey) => {
                        self.keys += 1;
                        let (key, mut record) = (RenewalKey(self.keys), self.record);
                        if bounds.fault == Some(Fault::ForgottenKey) {
                            record.key = None;
                        }
                        next = Some(Cue::KeyDrawn(key, record));
                    }
                    Wish::Other(Effect::ReadRecord) => next = Some(Cue::RecordRead(self.record)),
                    Wish::Other(effect) => self.carry_out(bounds, tab, effect),
                }
            }
        }
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

    fn carry_out(&mut self, bounds: &Bounds, tab: usize, effect: &Effect) {
        match *effect {
            Effect::Note(note) => self.record = self.record.noted(note),
            Effect::SendRenewal { id, key } => {
                // A tab that froze with the turn cannot know that it was passed by before it has looked.
                if !bounds.allows(Trouble::Freeze) {
                    self.watch_renewal();
                }
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
            _ => unreachable!("{effect:?}"),
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

    fn post(&mut self, bounds: &Bounds, from: usize, mail: &Mail) {
        if is_lost(bounds, &mail.message.message) {
            return;
        }
        self.chatter += 1;
        let mut mail = mail.clone();
        if bounds.fault == Some(Fault::LateIsNew) {
            mail = post_dated(&mail);
        }
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
        self.tell(bounds, to, Cue::Heard(mail));
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
                self.tell(bounds, tab, Cue::TurnNear(id));
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
                self.tell(bounds, tab, Cue::TurnLost(id));
            }
            Notice::Looked(turn, tabs, standings) => {
                self.tell(bounds, tab, Cue::Around(tabs, standings));
                if let Some(id) = turn
                    && is_current(id)
                {
                    self.tell(bounds, tab, Cue::TurnCame(id));
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
            Notice::Joined => self.tell(bounds, tab, Cue::Joined),
            Notice::Gone(other) => self.tell(bounds, tab, Cue::Gone(other)),
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
        self.tell(bounds, tab, Cue::Settled(errand, sent, reply));
    }
}
