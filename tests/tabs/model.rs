//! What can happen next, and what must hold: the model that the checker explores.

use std::fmt;
use std::hash::{Hash, Hasher};

use sessionkeeper::{Session, SessionState};
use stateright::{Model, Property};

use crate::bounds::{Bounds, FLIGHT, PROMPT, REACH, Trouble};
use crate::kept::{Cue, Kept, Mail};
use crate::server::Token;
use crate::tab::{Errand, Page, Reply, now};
use crate::world::{Channel, Request, World, Wrong};

/// What happens next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Step {
    /// A page is opened, and restores the session.
    Open(usize),
    /// A tab does what is due.
    Due(usize),
    /// Time passes, until somebody has something to do.
    Pass,
    Hear {
        from: usize,
        to: usize,
    },
    /// A tab is told of the locks.
    Notice(usize),
    /// A request reaches the server.
    Reach(usize),
    /// An answer arrives; the browser keeps its cookie or, where nobody waits for it, may not.
    Arrive {
        request: usize,
        kept: bool,
    },
    /// A page that was resumed takes an answer.
    Answer {
        tab: usize,
        answer: usize,
    },
    Resume(usize),
    Return(usize),
    Kill(usize),
    Freeze(usize),
    Leave(usize),
    Lose {
        from: usize,
        to: usize,
    },
    Delay {
        from: usize,
        to: usize,
    },
    Unsent(usize),
    Unanswered(usize),
    Slow(usize),
    Busy(usize),
    SignOut(usize),
    SignIn(usize),
    Renew(usize),
}

/// No two renewals are on their way at once, unless the earlier one is past its time.
pub(crate) const ONE_AT_A_TIME: &str = "one renewal at a time";
pub(crate) const NO_ALARM: &str = "no alarm";
pub(crate) const ALL_AGREE: &str = "in the end all agree";
pub(crate) const NOT_FOR_EVER: &str = "nobody renews for ever";
pub(crate) const LEFT: &str = "what was left is left";
pub(crate) const NEVER_BACK: &str = "a session never comes back";

/// More messages than this within an instant are too many.
const MOST_CHATTER: u8 = 60;
/// More steps than this without a choice never end.
const MOST_FORCED: u32 = 1_000;

/// The model of a browser with a few tabs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Browser(pub(crate) Bounds);

impl World {
    pub(crate) fn is_calm(&self, bounds: &Bounds) -> bool {
        self.now >= bounds.calm
    }

    /// When something is due next, after now.
    fn next_deadline(&self) -> Option<i64> {
        let deadlines = self.tabs.iter().enumerate();
        deadlines
            .filter_map(|(number, tab)| tab.deadline(number))
            .filter(|at| *at > self.now)
            .min()
    }

    /// Whether time may pass up to then: what is prompt has happened.
    fn may_pass(&self, until: i64) -> bool {
        let tabs = self.tabs.len();
        let settled = self.tabs.iter().enumerate().all(|(number, tab)| {
            let due = tab.deadline(number).is_some_and(|at| at <= self.now);
            !tab.runs() || (tab.notices.is_empty() && tab.replies.is_empty() && !due)
        });
        let heard = self.channels.iter().enumerate().all(|(pair, channel)| {
            channel.mail.is_empty() || channel.delayed || !self.tabs[pair % tabs].runs()
        });
        let answered = self.requests.iter().all(|request| {
            let limit = match (request.slow, &request.reply) {
                (false, _) => PROMPT,
                (true, None) => REACH,
                (true, Some(_)) => FLIGHT,
            };
            until <= request.sent + limit
        });
        settled && heard && answered
    }

    /// What happens without anybody's doing.
    fn ordinary(&self, bounds: &Bounds, steps: &mut Vec<Step>) {
        for (number, tab) in self.tabs.iter().enumerate() {
            match tab.page {
                Page::Closed if tab.loads == 0 && self.now == 0 => steps.push(Step::Open(number)),
                Page::Closed => {}
                Page::Frozen => steps.push(Step::Resume(number)),
                Page::Cached => steps.push(Step::Return(number)),
                Page::Running => {
                    if !tab.notices.is_empty() {
                        steps.push(Step::Notice(number));
                    }
                    for answer in 0..tab.replies.len() {
                        steps.push(Step::Answer {
                            tab: number,
                            answer,
                        });
                    }
                    if tab.deadline(number).is_some_and(|at| at <= self.now) {
                        steps.push(Step::Due(number));
                    }
                }
            }
        }
        let tabs = self.tabs.len();
        for (pair, channel) in self.channels.iter().enumerate() {
            let (from, to) = (pair / tabs, pair % tabs);
            if !channel.mail.is_empty() && self.tabs[to].runs() {
                steps.push(Step::Hear { from, to });
            }
        }
        for (number, request) in self.requests.iter().enumerate() {
            if request.reply.is_none() {
                steps.push(Step::Reach(number));
                continue;
            }
            steps.push(Step::Arrive {
                request: number,
                kept: true,
            });
            let tab = &self.tabs[request.tab];
            let gone = tab.loads != request.load || tab.page == Page::Closed;
            if gone && matches!(request.reply, Some(Reply::Granted(..) | Reply::SignedOut)) {
                steps.push(Step::Arrive {
                    request: number,
                    kept: false,
                });
            }
        }
        let opened = self.tabs.iter().all(|tab| tab.loads > 0);
        if let Some(at) = self.next_deadline()
            && at <= bounds.end
            && opened
            && self.may_pass(at)
        {
            steps.push(Step::Pass);
        }
    }

    fn trouble(&self, bounds: &Bounds, steps: &mut Vec<Step>) {
        let mut add = |trouble: Trouble, step: Step| {
            if bounds.allows(trouble) {
                steps.push(step);
            }
        };
        let signing = self
            .requests
            .iter()
            .any(|request| matches!(request.errand, Errand::Logout(_)));
        for (number, tab) in self.tabs.iter().enumerate() {
            let signed_out = tab.kept.state() == SessionState::SignedOut;
            if tab.page == Page::Closed && tab.loads == 1 {
                add(Trouble::Open, Step::Open(number));
            }
            if tab.page != Page::Closed {
                add(Trouble::Kill, Step::Kill(number));
            }
            if tab.page == Page::Running {
                add(Trouble::Freeze, Step::Freeze(number));
                add(Trouble::Leave, Step::Leave(number));
                if !signed_out {
                    add(Trouble::SignOut, Step::SignOut(number));
                    add(Trouble::Renew, Step::Renew(number));
                }
                // Nobody does so twice within a millisecond.
                if !signing && self.turned < self.now {
                    add(Trouble::SignIn, Step::SignIn(number));
                }
            }
        }
        let tabs = self.tabs.len();
        for (pair, channel) in self.channels.iter().enumerate() {
            let (from, to) = (pair / tabs, pair % tabs);
            if !channel.mail.is_empty() {
                add(Trouble::Lose, Step::Lose { from, to });
                if !channel.delayed && self.tabs[to].runs() {
                    add(Trouble::Delay, Step::Delay { from, to });
                }
            }
        }
        for (number, request) in self.requests.iter().enumerate() {
            match request.reply {
                None => {
                    add(Trouble::Unsent, Step::Unsent(number));
                    add(Trouble::Busy, Step::Busy(number));
                }
                Some(Reply::Granted(..) | Reply::Refused | Reply::SignedOut) => {
                    add(Trouble::Unanswered, Step::Unanswered(number));
                }
                Some(Reply::Busy | Reply::Unreachable) => {}
            }
            if !request.slow {
                add(Trouble::Slow, Step::Slow(number));
            }
        }
    }

    fn steps(&self, bounds: &Bounds, steps: &mut Vec<Step>) {
        self.ordinary(bounds, steps);
        if self.is_calm(bounds) {
            steps.truncate(1);
        } else if self.troubles > 0 {
            self.trouble(bounds, steps);
        }
    }

    /// Takes a step and those that must follow, until there is a choice, or time is to pass: what lies
    /// between is no state of its own, but is judged like one, and shown.
    pub(crate) fn advance(
        &mut self,
        bounds: &Bounds,
        mut step: Step,
        show: &mut impl FnMut(Step, &World),
    ) {
        let mut steps = Vec::new();
        for _ in 0..MOST_FORCED {
            self.take(bounds, step);
            self.judge(bounds);
            steps.clear();
            self.steps(bounds, &mut steps);
            self.over = steps.is_empty();
            show(step, self);
            match steps[..] {
                [next] if next != Step::Pass && self.wrong.is_none() && !bounds.plain => {
                    step = next
                }
                _ => return,
            }
        }
        self.wrong.get_or_insert(Wrong::ForEver);
    }

    fn judge(&mut self, bounds: &Bounds) {
        let many = u32::from(self.renewals) > bounds.most_renewals || self.chatter > MOST_CHATTER;
        if many {
            self.wrong.get_or_insert(Wrong::ForEver);
        }
        if !self.has_left() {
            self.wrong.get_or_insert(Wrong::NotLeft);
        }
    }

    fn take(&mut self, bounds: &Bounds, step: Step) {
        match step {
            Step::Open(tab) => self.open(bounds, tab),
            Step::Due(tab) => self.tell(bounds, tab, Cue::Due),
            Step::Pass => {
                self.now = self.next_deadline().unwrap_or(self.now);
                self.chatter = 0;
            }
            Step::Hear { from, to } => self.deliver(bounds, from, to),
            Step::Notice(tab) => self.notify(bounds, tab),
            Step::Reach(request) => self.commit(request),
            Step::Arrive { request, kept } => self.arrive(bounds, request, kept),
            Step::Answer { tab, answer } => {
                let answer = self.tabs[tab].replies.remove(answer);
                self.answer(bounds, tab, answer);
            }
            Step::Resume(tab) => self.tabs[tab].page = Page::Running,
            Step::Return(tab) => {
                self.tabs[tab].page = Page::Running;
                self.tell(bounds, tab, Cue::Returned(self.record));
            }
            step => {
                self.troubles -= 1;
                self.suffer(bounds, step);
            }
        }
        self.settle(bounds);
    }

    /// Opens the tabs, and lets everything come as it is bound to, until nothing is to come but time.
    fn settle_down(&mut self, bounds: &Bounds) {
        loop {
            let mut steps = Vec::new();
            self.ordinary(bounds, &mut steps);
            match steps.first() {
                None | Some(Step::Pass) => return,
                Some(step) => self.take(bounds, *step),
            }
        }
    }

    fn open(&mut self, bounds: &Bounds, number: usize) {
        if self.tabs[number].loads > 0 {
            self.troubles -= 1;
        }
        let tab = &mut self.tabs[number];
        tab.loads += 1;
        tab.page = Page::Running;
        let seed = number as u64 * 10 + u64::from(tab.loads);
        let session = Session::new(bounds.config(), seed, now(number, self.now));
        tab.kept = Kept::new(session);
        tab.tickets = 0;
        tab.heard = 0;
        self.tell(bounds, number, Cue::Hidden);
        let ticket = self.ticket(number);
        self.tell(bounds, number, Cue::Restore(ticket, self.record));
    }

    fn suffer(&mut self, bounds: &Bounds, step: Step) {
        match step {
            Step::Kill(tab) => {
                self.put_down(tab);
                self.tabs[tab].page = Page::Closed;
                self.tabs[tab].replies.clear();
            }
            Step::Freeze(tab) => self.tabs[tab].page = Page::Frozen,
            Step::Leave(tab) => {
                self.tell(bounds, tab, Cue::Leaving);
                self.tabs[tab].page = Page::Cached;
            }
            Step::Lose { from, to } => {
                let channel = self.channel(from, to);
                channel.mail.pop_front();
                channel.delayed &= !channel.mail.is_empty();
                self.lost += 1;
            }
            Step::Delay { from, to } => self.channel(from, to).delayed = true,
            Step::Unsent(request) | Step::Unanswered(request) => {
                self.requests[request].reply = Some(Reply::Unreachable);
            }
            Step::Busy(request) => self.requests[request].reply = Some(Reply::Busy),
            Step::Slow(request) => self.requests[request].slow = true,
            Step::SignOut(tab) => {
                self.turned = self.now;
                self.left = self.tabs[tab]
                    .kept
                    .token()
                    .map(|token| token.session)
                    .max(self.left);
                let ticket = self.ticket(tab);
                self.tell(bounds, tab, Cue::SignOut(ticket));
            }
            Step::SignIn(tab) => {
                self.turned = self.now;
                let (cookie, token) = self.server.sign_in(self.jar);
                self.jar = Some(cookie);
                let ticket = self.ticket(tab);
                self.tell(bounds, tab, Cue::Begin(ticket, token));
            }
            Step::Renew(tab) => {
                let ticket = self.ticket(tab);
                self.tell(bounds, tab, Cue::Renew(ticket));
            }
            step => unreachable!("{step:?} is no trouble"),
        }
    }

    /// Whether every page that is open has the same token, or one of the same session where each has its
    /// own, or none has any.
    fn agrees(&self, bounds: &Bounds) -> bool {
        let serial = |token: Token| if bounds.shares() { token.serial } else { 0 };
        let open = || self.tabs.iter().filter(|tab| tab.page != Page::Closed);
        let held: Vec<_> = open()
            .map(|tab| match tab.kept.state() {
                SessionState::SignedOut => Some(None),
                SessionState::Active => {
                    let token = tab.kept.usable();
                    token.map(|token| Some((token.session, serial(token))))
                }
                _ => None,
            })
            .collect();
        held.iter().all(|one| one.is_some() && *one == held[0])
    }

    /// Whether no page that has heard everything could send a token of a session that was left. A page
    /// that has not heard of the end may have handed it on; then it passes the end on, too.
    fn has_left(&self) -> bool {
        let tabs = self.tabs.len();
        let is_told = |channel: &Channel| channel.mail.iter().any(Mail::tells_an_end);
        self.lost > 0
            || self.tabs.iter().enumerate().all(|(to, tab)| {
                let waits = |from: usize| !self.channels[from * tabs + to].mail.is_empty();
                let token = tab.kept.usable();
                !tab.runs()
                    || token.is_none_or(|token| Some(token.session) > self.left)
                    || (0..tabs).any(waits)
                    || self.channels.iter().any(is_told)
            })
    }
}

impl Model for Browser {
    type State = World;
    type Action = Step;

    fn init_states(&self) -> Vec<World> {
        let mut world = World::new(&self.0);
        if self.0.settled {
            world.settle_down(&self.0);
        }
        vec![world]
    }

    fn actions(&self, world: &World, steps: &mut Vec<Step>) {
        world.steps(&self.0, steps);
    }

    fn next_state(&self, world: &World, step: Step) -> Option<World> {
        let mut world = world.clone();
        world.advance(&self.0, step, &mut |_, _| ());
        Some(world)
    }

    fn properties(&self) -> Vec<Property<Browser>> {
        fn is(world: &World, wrong: Wrong) -> bool {
            world.wrong == Some(wrong)
        }
        vec![
            Property::always(ONE_AT_A_TIME, |_, world| !is(world, Wrong::TwoAtOnce)),
            Property::always(NO_ALARM, |_, world: &World| world.server.alarm.is_none()),
            Property::always(ALL_AGREE, |model: &Browser, world: &World| {
                !world.over || world.agrees(&model.0)
            }),
            Property::always(NOT_FOR_EVER, |_, world| !is(world, Wrong::ForEver)),
            Property::always(LEFT, |_, world| !is(world, Wrong::NotLeft)),
            Property::always(NEVER_BACK, |_, world| !is(world, Wrong::Backwards)),
        ]
    }
}

impl World {
    pub(crate) fn digest(&self) -> u64 {
        let mut hasher = std::hash::DefaultHasher::new();
        self.hash(&mut hasher);
        hasher.finish()
    }
}

impl PartialEq for World {
    fn eq(&self, other: &World) -> bool {
        self.digest() == other.digest()
    }
}

impl fmt::Debug for World {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.1} s", self.now as f64 / 1000.0)?;
        for tab in &self.tabs {
            let state = tab.kept.state();
            write!(f, "  {:?} {state:?}", tab.page)?;
            if let Some(token) = tab.kept.token() {
                write!(f, " {}", token.to_text())?;
            }
        }
        if let Some(jar) = self.jar {
            write!(f, "  jar {}.{}", jar.session, jar.place)?;
        }
        for Request {
            tab,
            errand,
            cookie,
            reply,
            slow,
            ..
        } in &self.requests
        {
            let cookie = cookie.map_or("-".to_owned(), |cookie| {
                format!("{}.{}", cookie.session, cookie.place)
            });
            write!(
                f,
                "  [{tab}: {errand:?} {cookie} {reply:?}{}]",
                if *slow { " slow" } else { "" }
            )?;
        }
        Ok(())
    }
}
