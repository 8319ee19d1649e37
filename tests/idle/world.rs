//! One browser with a few tabs, its record and its channel, and a server that has nothing against anybody.

use std::collections::{BTreeMap, VecDeque};

use sessionkeeper::*;

use crate::dice::Dice;
use crate::model::{Choice, LATE, Model};
use crate::support::{read, token_text};

const START: i64 = 1_750_000_000_000;
const TABS: usize = 4;
/// What instants may differ by, rounded.
const ROUNDING: i64 = 150;
/// The server tells its time in whole seconds: so exactly a sleep is known.
const SLEEP_KNOWN: i64 = 2500;
/// A tab that has woken knows after so long how late it is, and what others have to say.
const COMPOSURE: i64 = 8_000;
/// A hidden tab's timers are so late, and it has to ask before the warning and before the end.
const TICK: i64 = 1_000;

/// What happened in the worlds.
#[derive(Default, Clone, Debug)]
pub(crate) struct Seen {
    ends: u64,
    ends_at_load: u64,
    warnings: u64,
    extended_here: u64,
    extended_elsewhere: u64,
    late_answers: u64,
    uses: u64,
    kills: u64,
    sleeps: u64,
    renewals: u64,
    restored: u64,
}

impl Seen {
    pub(crate) fn add(&mut self, other: Seen) {
        self.ends += other.ends;
        self.ends_at_load += other.ends_at_load;
        self.warnings += other.warnings;
        self.extended_here += other.extended_here;
        self.extended_elsewhere += other.extended_elsewhere;
        self.late_answers += other.late_answers;
        self.uses += other.uses;
        self.kills += other.kills;
        self.sleeps += other.sleeps;
        self.renewals += other.renewals;
        self.restored += other.restored;
    }

    /// A world in which nothing happens would agree with any model.
    pub(crate) fn assert_varied(&self) {
        let Seen {
            ends,
            ends_at_load,
            warnings,
            extended_here,
            extended_elsewhere,
            late_answers,
            uses,
            kills,
            sleeps,
            renewals,
            restored,
        } = *self;
        for (what, count) in [
            ("ends", ends),
            ("ends at a load", ends_at_load),
            ("warnings", warnings),
            ("answers", extended_here),
            ("answers elsewhere", extended_elsewhere),
            (
                "ends put off for whoever was shown a page late",
                late_answers,
            ),
            ("uses", uses),
            ("kills", kills),
            ("sleeps", sleeps),
            ("renewals", renewals),
            ("loads", restored),
        ] {
            assert!(count > 20, "only {count} {what}");
        }
    }
}

#[derive(Clone, Debug)]
enum Next {
    Peer(PeerMessage),
    Renewed(AttemptId, Now),
    /// With the cookie of the sign-in of this number.
    LoggedOut(LogoutId, u32),
    Probed(ProbeId, Now),
    Joined,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Page {
    Closed,
    Running,
    Frozen,
}

struct Tab {
    session: Session,
    page: Page,
    visible: bool,
    joined: bool,
    /// How late its next timer is.
    late: i64,
    /// When it was opened, has thawed or has woken.
    since: i64,
    /// Since when its page is visible.
    shown: i64,
    /// Since when it could warn.
    able: Option<i64>,
    /// Whether it waits to know how late it is.
    doubtful: bool,
    /// When its user last did something that counts.
    acted: i64,
    /// Whether it has been warned since.
    warned: bool,
    /// The sign-in whose session it has.
    session_number: u32,
    /// What it will hear once it has thawed.
    waiting: VecDeque<Next>,
    load: u64,
}

pub(crate) struct World {
    pub(crate) seen: Seen,
    dice: Dice,
    choice: Choice,
    channel: bool,
    /// Whether the monotonic clock runs in sleep.
    counts_sleep: bool,
    /// Whether the server can be told of an end.
    listens: bool,
    /// Whether it is asked for its time in vain, now and then; then nobody sets a clock, for it would be
    /// taken for a sleep.
    loses_probes: bool,
    /// True time since the start.
    now: i64,
    /// The monotonic clock is so far behind it.
    slept: i64,
    /// The wall clock is so far ahead of it.
    set: i64,
    tabs: Vec<Tab>,
    queue: BTreeMap<(i64, u64), (usize, u64, Next)>,
    order: u64,
    record: Record,
    keys: u128,
    /// Whether the browser has a cookie that the server takes.
    cookie: bool,
    /// The session that there is, as far as the model knows.
    model: Option<Model>,
    sign_ins: u32,
    /// When the last one has ended.
    ended: i64,
    /// When the clocks have come apart last.
    parted: i64,
    tickets: u32,
    show: bool,
    lines: VecDeque<String>,
}

impl World {
    pub(crate) fn new(seed: u64, show: bool) -> World {
        let mut dice = Dice::new(seed);
        let (timeout, warning) = dice.pick(&[(120, 30), (120, 60), (1800, 60), (300, 20)]);
        let choice = Choice {
            timeout: timeout * 1000,
            warning: warning * 1000,
            confirm: dice.chance(60),
        };
        let mut world = World {
            seen: Seen::default(),
            choice,
            channel: dice.chance(80),
            counts_sleep: dice.chance(50),
            listens: dice.chance(60),
            loses_probes: dice.chance(50),
            dice,
            now: 0,
            slept: 0,
            set: 0,
            tabs: Vec::new(),
            queue: BTreeMap::new(),
            order: 0,
            record: Record::default(),
            keys: 0,
            cookie: false,
            model: None,
            sign_ins: 0,
            ended: 0,
            parted: i64::MIN / 2,
            tickets: 0,
            show,
            lines: VecDeque::new(),
        };
        for _ in 0..TABS {
            let tab = world.blank();
            world.tabs.push(tab);
        }
        world
    }

    pub(crate) fn tail(&self) -> String {
        self.lines.iter().map(|line| format!("{line}\n")).collect()
    }

    fn trace(&mut self, line: impl FnOnce() -> String) {
        let line = format!("{:>12.3} {}", self.now as f64 / 1000.0, line());
        if self.show {
            println!("{line}");
        }
        self.lines.push_back(line);
        if self.lines.len() > 60 {
            self.lines.pop_front();
        }
    }

    fn blank(&mut self) -> Tab {
        let config = Config {
            logout: true,
            idle: Some(IdleConfig {
                timeout: Span::from_millis(self.choice.timeout),
                warning: Span::from_millis(self.choice.warning),
                confirm: self.choice.confirm,
            }),
            tabs: TabsConfig {
                locks: false,
                channel: self.channel,
                share_token: true,
            },
            ..Config::default()
        };
        Tab {
            session: Session::new(config, self.dice.roll(), self.clocks()),
            page: Page::Closed,
            visible: false,
            joined: false,
            late: 0,
            since: self.now,
            shown: i64::MAX,
            able: None,
            doubtful: false,
            acted: i64::MIN / 2,
            warned: false,
            session_number: 0,
            waiting: VecDeque::new(),
            load: 0,
        }
    }

    fn clocks(&self) -> Now {
        Now {
            wall: Timestamp::from_millis(START + self.now + self.set),
            monotonic: Monotonic::from_millis(self.now - self.slept),
        }
    }

    // What happens of itself.

    /// Goes on to an instant, and does on the way what is due.
    fn pass_until(&mut self, until: i64) {
        let mut rounds = 0;
        loop {
            let queued = self.queue.keys().next().map(|(at, _)| *at);
            let due = (0..TABS)
                .filter_map(|tab| Some((self.fires_at(tab)?, tab)))
                .min();
            let next = queued.into_iter().chain(due.map(|(at, _)| at)).min();
            let Some(at) = next.filter(|at| *at <= until) else {
                break;
            };
            rounds += 1;
            assert!(rounds < 20_000, "it never comes to rest");
            self.move_to(at.max(self.now));
            match (queued, due) {
                (Some(queued), _) if queued <= at => {
                    let (_, (tab, load, next)) = self.queue.pop_first().expect("what is queued");
                    self.arrive(tab, load, next);
                }
                (_, Some((_, tab))) => self.tick(tab),
                _ => break,
            }
        }
        self.move_to(until);
    }

    fn move_to(&mut self, at: i64) {
        for tab in 0..TABS {
            let shown = self.is_shown(tab);
            let since = &mut self.tabs[tab].able;
            *since = since.filter(|_| shown).or(shown.then_some(self.now));
            if let (Some(since), Some(model)) = (*since, &mut self.model) {
                model.shown(since, at);
            }
        }
        self.now = at;
    }

    /// Whether a page can be seen, runs, and knows what time it is.
    fn is_shown(&self, tab: usize) -> bool {
        let tab = &self.tabs[tab];
        tab.page == Page::Running
            && tab.visible
            && !tab.doubtful
            && tab.session.state() == SessionState::Active
    }

    fn fires_at(&self, tab: usize) -> Option<i64> {
        let Tab {
            session,
            page: Page::Running,
            late,
            ..
        } = &self.tabs[tab]
        else {
            return None;
        };
        Some(session.poll_timeout()?.at.as_millis() + self.slept + late)
    }

    fn tick(&mut self, tab: usize) {
        let now = self.clocks();
        self.tabs[tab].session.handle_timeout(now);
        self.carry_out(tab);
    }

    fn input(&mut self, tab: usize, input: Input) {
        let now = self.clocks();
        self.tabs[tab].session.handle_input(input, now);
        self.carry_out(tab);
    }

    fn arrive(&mut self, tab: usize, load: u64, next: Next) {
        if self.tabs[tab].load != load {
            return;
        }
        match self.tabs[tab].page {
            Page::Closed => {}
            Page::Frozen => self.tabs[tab].waiting.push_back(next),
            Page::Running => self.hear(tab, next),
        }
    }

    fn hear(&mut self, tab: usize, next: Next) {
        let received = self.clocks();
        match next {
            Next::Joined => self.input(tab, Input::Joined),
            Next::Peer(message) if self.tabs[tab].joined => self.input(tab, Input::Peer(message)),
            Next::Peer(_) => {}
            Next::LoggedOut(id, number) => {
                if self.listens && number == self.sign_ins {
                    self.cookie = false;
                }
                let outcome = match self.listens {
                    true => Outcome::Answered(self.reply(204, None)),
                    false => Outcome::Unreachable,
                };
                self.input(tab, Input::LogoutSettled { id, outcome });
            }
            Next::Renewed(id, sent) => {
                let (status, answer) = match self.cookie {
                    true => (200, Some(self.token())),
                    false => (401, None),
                };
                let outcome = Outcome::Answered(self.reply(status, answer));
                let exchange = Exchange { sent, received };
                self.input(
                    tab,
                    Input::RenewalSettled {
                        id,
                        exchange,
                        outcome,
                    },
                );
            }
            Next::Probed(id, sent) => {
                let date = self.server_time();
                let exchange = Exchange { sent, received };
                self.input(
                    tab,
                    Input::TimeProbed {
                        id,
                        exchange,
                        date: Some(date),
                    },
                );
            }
        }
    }

    fn later(&mut self, millis: i64, tab: usize, next: Next) {
        self.order += 1;
        let load = self.tabs[tab].load;
        self.queue
            .insert((self.now + millis, self.order), (tab, load, next));
    }

    fn server_time(&self) -> ServerTime {
        ServerTime::from_millis((START + self.now).div_euclid(1000) * 1000)
    }

    fn reply(&self, status: u16, answer: Option<TokenAnswer>) -> Reply {
        Reply {
            status,
            date: Some(self.server_time()),
            aged: false,
            retry_after: None,
            answer,
        }
    }

    fn token(&self) -> TokenAnswer {
        let issued = (START + self.now) / 1000;
        let claims = serde_json::json!({ "iat": issued, "exp": issued + 300 });
        TokenAnswer {
            token: Some(read(token_text(&claims))),
            expires_in: Some(300.0),
            ..TokenAnswer::default()
        }
    }

    // What a session wants, and whether that is right.

    fn carry_out(&mut self, tab: usize) {
        while let Some(effect) = self.tabs[tab].session.poll_effect() {
            match effect {
                Effect::DrawKey => {
                    self.keys += 1;
                    let (key, record) = (RenewalKey(self.keys), self.record);
                    let now = self.clocks();
                    let input = Input::KeyDrawn { key, record };
                    self.tabs[tab].session.handle_input(input, now);
                }
                Effect::ReadRecord => {
                    let (record, now) = (self.record, self.clocks());
                    let input = Input::RecordRead(record);
                    self.tabs[tab].session.handle_input(input, now);
                }
                Effect::Note(note) => {
                    self.record = self.record.noted(note);
                    self.trace(|| format!("tab {tab} notes {note:?}"));
                }
                Effect::SendRenewal { id, .. } => {
                    self.seen.renewals += 1;
                    let end = self.latest_end();
                    assert!(
                        end.is_none_or(|end| self.now <= end + ROUNDING),
                        "tab {tab} renews past the end"
                    );
                    let sent = self.clocks();
                    let takes = self.dice.between(20, 120);
                    self.later(takes, tab, Next::Renewed(id, sent));
                }
                Effect::SendLogout { id } => {
                    self.later(50, tab, Next::LoggedOut(id, self.sign_ins));
                }
                Effect::ProbeTime { id } => {
                    self.tabs[tab].doubtful = true;
                    if !self.loses_probes || self.dice.chance(60) {
                        let sent = self.clocks();
                        let takes = self.dice.between(20, 120);
                        self.later(takes, tab, Next::Probed(id, sent));
                    }
                }
                Effect::Join { .. } => {
                    self.tabs[tab].joined = true;
                    self.later(3, tab, Next::Joined);
                }
                Effect::Leave => self.tabs[tab].joined = false,
                Effect::Post(message) => {
                    for other in (0..TABS).filter(|other| *other != tab) {
                        if self.tabs[other].page != Page::Closed && self.tabs[other].joined {
                            let takes = self.dice.between(1, 100);
                            self.later(takes, other, Next::Peer(message.clone()));
                        }
                    }
                }
                Effect::Emit(event) => self.told(tab, event),
                _ => {}
            }
        }
        if self.tabs[tab].session.state() == SessionState::SignedOut {
            // It is of no interest to it how late it is.
            self.tabs[tab].doubtful = false;
        }
        let late = match self.tabs[tab].visible {
            true => self.dice.between(0, LATE - 2),
            false => self.dice.between(0, TICK),
        };
        self.tabs[tab].late = late;
        self.check(tab);
    }

    fn told(&mut self, tab: usize, event: Event) {
        if event != Event::Changed {
            self.trace(|| format!("tab {tab} tells {event:?}"));
        }
        match event {
            Event::ClockJump { kind, .. } if kind != JumpKind::SetBack => {
                self.tabs[tab].doubtful = false;
                self.part(self.now);
            }
            Event::IdleWarning { .. } => {
                self.seen.warnings += 1;
                self.tabs[tab].warned = true;
            }
            Event::IdleExtended { by } => {
                match by {
                    By::ThisTab => self.seen.extended_here += 1,
                    _ => self.seen.extended_elsewhere += 1,
                }
                self.tabs[tab].warned = false;
            }
            Event::Started { .. } => {
                self.tabs[tab].warned = false;
                self.tabs[tab].session_number = self.sign_ins;
            }
            Event::Ended {
                reason: EndReason::IdleTimeout,
                by,
            } => self.idle_end(tab, by),
            Event::Ended {
                reason: EndReason::SignedOut | EndReason::Rejected,
                by: By::OtherTab | By::Server,
            } => {
                // It has heard of the end from the record, or from the server.
                assert!(self.model.is_none(), "tab {tab} ended without a reason");
            }
            Event::Ended { .. } => panic!("no other end is due: {event:?}"),
            _ => {}
        }
    }

    fn idle_end(&mut self, tab: usize, by: By) {
        // It may hear only now of what was before the last sign-in.
        let Tab {
            since,
            session_number,
            ..
        } = self.tabs[tab];
        let old = since == self.now || session_number != self.sign_ins;
        let concerned = |_: &&Model| by == By::ThisTab || !old;
        let Some(model) = self.model.as_ref().filter(concerned) else {
            return;
        };
        assert_eq!(by, By::ThisTab, "an end that nobody has made");
        let low = model.low;
        assert!(
            self.now + self.unknown() >= low.end(),
            "tab {tab} ends the session {} ms too early",
            low.end() - self.now
        );
        for (other, seen) in self.tabs.iter().enumerate() {
            // One that has just woken, or does not know how late it is, may come too late.
            let could_see = self.is_shown(other)
                && seen
                    .able
                    .is_some_and(|since| since.max(seen.since) < low.end() - 3 * TICK);
            assert!(
                !could_see || seen.warned || other == tab && self.parted > seen.shown,
                "tab {other} was not warned"
            );
        }
        if low.end() > low.deadline() + ROUNDING {
            self.seen.late_answers += 1;
        }
        self.seen.ends += 1;
        if self.tabs[tab].since == self.now {
            self.seen.ends_at_load += 1;
        }
        self.model = None;
        self.ended = self.now;
    }

    /// The clocks have come apart, or a tab has noticed it.
    fn part(&mut self, at: i64) {
        self.parted = at;
        if let Some(model) = &mut self.model {
            model.parted(SLEEP_KNOWN);
        }
    }

    /// When the session must have ended. A page that has warned too early, on what the record knew, warns again
    /// and gives the time for it.
    fn latest_end(&self) -> Option<i64> {
        let again = self.again();
        self.model.as_ref().map(|model| model.high.end() + again)
    }

    fn again(&self) -> i64 {
        if self.channel { 0 } else { 20_000 }
    }

    /// How wrong a tab may be on how late it is.
    fn unknown(&self) -> i64 {
        let active = self.model.as_ref().map_or(0, |model| model.low.active);
        match self.parted > active - SLEEP_KNOWN {
            true => SLEEP_KNOWN,
            false => ROUNDING,
        }
    }

    fn check(&mut self, tab: usize) {
        let Tab {
            session,
            page: Page::Running,
            since,
            doubtful,
            ..
        } = &self.tabs[tab]
        else {
            return;
        };
        let usable = session.usable_token().is_some();
        let rests = session.state() == SessionState::SignedOut;
        match &self.model {
            Some(_) => {
                let late = self.now - self.latest_end().unwrap_or(i64::MAX);
                assert!(
                    late <= ROUNDING || !usable,
                    "tab {tab} outlives the end by {late} ms"
                );
                // Its timers are late, and it has asked the others.
                let composed = self.now - since > COMPOSURE && !doubtful;
                assert!(
                    rests || !composed || late <= 4 * TICK,
                    "tab {tab} does not end, {late} ms after the end"
                );
            }
            None => {
                let over = self.now - self.ended;
                let unaware = self.channel && over <= TICK || self.now - since <= COMPOSURE;
                // Without a channel it hears of it when it renews.
                let own = !self.channel;
                assert!(!usable || unaware || own, "tab {tab} goes on after the end");
            }
        }
    }

    // What the user does, the browser and the device.

    pub(crate) fn step(&mut self) {
        let wait = self.wait();
        self.pass_until(self.now + wait);
        let tab = self.dice.between(0, TABS as i64 - 1) as usize;
        match (self.tabs[tab].page, self.dice.between(0, 99)) {
            (Page::Closed, 0..=39) => self.open(tab),
            (Page::Closed, _) => {}
            (Page::Frozen, 0..=29) => self.thaw(tab),
            (Page::Frozen, 30..=33) => self.kill(tab),
            (_, 34..=36) => self.sleep(),
            (_, 37..=38) => self.set_clock(),
            (Page::Frozen, _) => {}
            (Page::Running, 0..=29) => self.show(tab),
            (Page::Running, 30..=33) => self.kill(tab),
            (Page::Running, 39..=41) => self.close(tab),
            (Page::Running, 42..=46) => self.freeze(tab),
            (Page::Running, 47..=51) => self.reload(tab),
            (Page::Running, 52..=57) => self.ask(tab),
            (Page::Running, 58..=63) => self.use_it(tab, true),
            (Page::Running, _) => self.use_it(tab, false),
        }
    }

    /// Most waits are short; many end near an instant that matters.
    fn wait(&mut self) -> i64 {
        let near = self.model.as_ref().map(|model| {
            let bound = model.low;
            [bound.warns_at(), bound.deadline(), bound.end()]
        });
        match near {
            Some(instants) if self.dice.chance(30) => {
                let at = self.dice.pick(&instants) + self.dice.between(-3000, 3000);
                (at - self.now).max(0)
            }
            _ => self.dice.spread(1, 40_000),
        }
    }

    fn ticket(&mut self) -> Ticket {
        self.tickets += 1;
        Ticket(self.tickets)
    }

    fn open(&mut self, tab: usize) {
        if self.tabs.iter().any(|tab| tab.doubtful) {
            // Whoever does not know how late it is cannot tell a page that is loaded just then.
            self.pass_until(self.now + COMPOSURE);
        }
        let load = self.tabs[tab].load + 1;
        self.tabs[tab] = Tab {
            page: Page::Running,
            load,
            ..self.blank()
        };
        self.seen.restored += 1;
        let visible = self.dice.chance(70);
        self.trace(|| format!("tab {tab} is opened, {}", shown(visible)));
        self.set_visible(tab, visible);
        let (ticket, record) = (self.ticket(), self.record);
        let signs_in = self.model.is_none() && self.dice.chance(60);
        if signs_in {
            self.sign_in(tab);
        } else {
            self.input(
                tab,
                Input::Restore {
                    ticket,
                    fresh: false,
                    record,
                },
            );
            let over = self.record.ending.is_some();
            assert!(!over || self.tabs[tab].session.state() == SessionState::SignedOut);
        }
    }

    fn sign_in(&mut self, tab: usize) {
        self.trace(|| format!("tab {tab} signs in"));
        self.cookie = true;
        self.sign_ins += 1;
        self.model = Some(Model::new(self.choice, self.now));
        for tab in &mut self.tabs {
            tab.acted = i64::MIN / 2;
        }
        self.tabs[tab].acted = self.now;
        let (ticket, answer) = (self.ticket(), self.token());
        self.input(tab, Input::Begin { ticket, answer });
    }

    fn set_visible(&mut self, tab: usize, visible: bool) {
        self.tabs[tab].visible = visible;
        self.tabs[tab].shown = if visible { self.now } else { i64::MAX };
        self.input(tab, Input::Visibility { visible });
        if !visible {
            self.has_told(tab);
        }
    }

    /// A tab has noted all that it knows, unless it does not know how late it is.
    fn has_told(&mut self, tab: usize) {
        let Tab {
            acted, doubtful, ..
        } = self.tabs[tab];
        if let Some(model) = &mut self.model
            && !doubtful
        {
            model.told(acted);
        }
    }

    fn show(&mut self, tab: usize) {
        let visible = !self.tabs[tab].visible;
        self.trace(|| format!("tab {tab} is {}", shown(visible)));
        self.set_visible(tab, visible);
    }

    fn use_it(&mut self, tab: usize, stays: bool) {
        if !self.tabs[tab].visible {
            return;
        }
        if self.model.is_none() && self.tabs[tab].session.state() == SessionState::SignedOut {
            if self.dice.chance(30) {
                self.sign_in(tab);
            }
            return;
        }
        self.trace(|| format!("tab {tab} is used, stays: {stays}"));
        self.seen.uses += 1;
        // What is due comes first, as with every input.
        self.tick(tab);
        let Tab {
            since, doubtful, ..
        } = self.tabs[tab];
        let live = self.tabs[tab].session.state() == SessionState::Active;
        let composed = self.now - since > COMPOSURE && !doubtful && live;
        // Without a channel a tab may go on warning when another one has had an answer.
        let unaware = !self.channel && self.choice.confirm && !stays;
        let (wrong, later) = (self.unknown(), self.again());
        if let Some(model) = &mut self.model {
            let within = (!composed).then_some(COMPOSURE).or(unaware.then_some(0));
            if model.used(stays, self.now, within, wrong, later) {
                self.tabs[tab].acted = self.now;
            }
        }
        let input = if stays {
            Input::Extend
        } else {
            Input::Activity
        };
        self.input(tab, input);
    }

    fn ask(&mut self, tab: usize) {
        let ticket = self.ticket();
        let input = match self.dice.chance(50) {
            true => Input::Renew { ticket },
            false => Input::NeedToken {
                ticket,
                min_validity: None,
            },
        };
        self.input(tab, input);
    }

    fn lose(&mut self, tab: usize) {
        let acted = std::mem::replace(&mut self.tabs[tab].acted, i64::MIN / 2);
        let others = self.tabs.iter().map(|tab| tab.acted).max();
        if let Some(model) = &mut self.model {
            model.lost(acted, others.unwrap_or(i64::MIN / 2));
        }
        self.tabs[tab].page = Page::Closed;
        self.tabs[tab].joined = false;
        self.tabs[tab].load += 1;
    }

    fn kill(&mut self, tab: usize) {
        self.trace(|| format!("tab {tab} is killed"));
        self.seen.kills += 1;
        self.lose(tab);
    }

    fn close(&mut self, tab: usize) {
        self.trace(|| format!("tab {tab} is closed"));
        self.input(tab, Input::Leaving { cached: false });
        self.has_told(tab);
        self.lose(tab);
    }

    fn reload(&mut self, tab: usize) {
        self.close(tab);
        self.open(tab);
    }

    fn freeze(&mut self, tab: usize) {
        if self.tabs[tab].visible {
            self.set_visible(tab, false);
        }
        self.trace(|| format!("tab {tab} is frozen"));
        self.tabs[tab].page = Page::Frozen;
    }

    fn thaw(&mut self, tab: usize) {
        let visible = self.dice.chance(60);
        self.trace(|| format!("tab {tab} thaws, {}", shown(visible)));
        self.tabs[tab].page = Page::Running;
        self.tabs[tab].since = self.now;
        // Timers come before messages.
        self.tick(tab);
        self.set_visible(tab, visible);
        while let Some(next) = self.tabs[tab].waiting.pop_front() {
            self.hear(tab, next);
        }
    }

    fn sleep(&mut self) {
        let span = match self.dice.chance(50) {
            true => self.wait(),
            false => self.dice.spread(3000, 2 * self.choice.timeout),
        };
        if span < 3000 {
            return;
        }
        self.trace(|| format!("the device sleeps for {span} ms"));
        self.seen.sleeps += 1;
        if !self.counts_sleep {
            self.slept += span;
            self.part(self.now + span);
        }
        // Nobody sees anything meanwhile.
        self.now += span;
        self.wake();
    }

    fn set_clock(&mut self) {
        // An instant in the record, or in a message on its way, is of the clock that was set.
        let knows = |tab: &Tab| {
            let estimate = tab.session.snapshot().clock;
            tab.page == Page::Running && estimate.uncertainty < Span::from_secs(1)
        };
        let open: Vec<_> = self
            .tabs
            .iter()
            .filter(|tab| tab.page != Page::Closed)
            .collect();
        // Whoever does not know the server's time takes it for a sleep.
        let known = !open.is_empty() && open.into_iter().all(knows);
        if self.loses_probes || !self.channel || !known {
            return;
        }
        self.pass_until(self.now + 200);
        // Not back: tabs take a session that was begun before the last one ended for an older one.
        let by = self.dice.pick(&[5_000, 60_000, 86_400_000]);
        self.trace(|| format!("the clock is set by {by} ms"));
        self.set += by;
        self.part(self.now);
        self.wake();
        // Whoever reads the record before anybody has noticed takes the time as passed.
        self.pass_until(self.now + COMPOSURE);
    }

    /// Every page that runs looks at its clocks.
    fn wake(&mut self) {
        for tab in &mut self.tabs {
            tab.since = self.now;
            tab.able = None;
        }
        for tab in 0..TABS {
            if self.tabs[tab].page == Page::Running {
                self.tick(tab);
            }
        }
    }
}

fn shown(visible: bool) -> &'static str {
    if visible { "shown" } else { "hidden" }
}
