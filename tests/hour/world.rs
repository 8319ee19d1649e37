//! A browser with many tabs, its locks and its channel, and a server that rotates.

use std::collections::{BTreeMap, VecDeque};

use sessionkeeper::*;

use super::support::{read, token_text};

const START: i64 = 1_750_000_000_000;

enum Next {
    Input(usize, Input),
    /// A request arrives at the server, with the cookie that it was sent with.
    Arrives(usize, AttemptId, RenewalKey, u32, Now),
    /// An answer brings its cookie to the browser, and itself to the tab.
    Answers(usize, AttemptId, Now, TokenAnswer, u32),
    /// A look around; with a turn, where it has come.
    Look(usize, Option<TurnId>),
    /// The first in line waits for nobody but the holder.
    Near(usize, TurnId),
}

#[derive(Default)]
struct Locks {
    line: VecDeque<(usize, TurnId)>,
    near: Option<(usize, TurnId)>,
    holder: Option<(usize, TurnId)>,
}

pub(crate) struct World {
    now: i64,
    order: u64,
    chance: Rng,
    queue: BTreeMap<(i64, u64), Next>,
    tabs: Vec<Session>,
    ids: Vec<TabId>,
    standings: Vec<Option<Standing>>,
    locks: Locks,
    record: Record,
    keys: u128,
    cookie: u32,
    /// The key of each rotation.
    rotations: Vec<RenewalKey>,
    lifetime_s: i64,
}

impl World {
    pub(crate) fn new(tabs: usize, lifetime_s: i64, seed: u64) -> World {
        World::with(tabs, lifetime_s, seed, true)
    }

    pub(crate) fn without_locks(tabs: usize, lifetime_s: i64, seed: u64) -> World {
        World::with(tabs, lifetime_s, seed, false)
    }

    fn with(tabs: usize, lifetime_s: i64, seed: u64, locks: bool) -> World {
        let mut world = World {
            now: 0,
            order: 0,
            chance: Rng::seeded(seed),
            queue: BTreeMap::new(),
            tabs: Vec::new(),
            ids: vec![TabId(0); tabs],
            standings: vec![None; tabs],
            locks: Locks::default(),
            record: Record::default(),
            keys: 0,
            cookie: 0,
            rotations: Vec::new(),
            lifetime_s,
        };
        for tab in 0..tabs {
            let config = Config {
                tabs: TabsConfig {
                    locks,
                    channel: true,
                    share_token: true,
                },
                ..Config::default()
            };
            let seed = seed * 1000 + tab as u64;
            world.tabs.push(Session::new(config, seed, world.clocks()));
            world.input(tab, Input::Visibility { visible: false });
        }
        let answer = world.token();
        world.input(
            0,
            Input::Begin {
                ticket: Ticket(0),
                answer,
            },
        );
        for tab in 1..tabs {
            let restore = Input::Restore {
                ticket: Ticket(0),
                fresh: false,
                record: world.record,
            };
            world.later(tab as i64, Next::Input(tab, restore));
        }
        world
    }

    /// How many tokens the server has granted, but for the first.
    pub(crate) fn renewals(&self) -> usize {
        self.rotations.len()
    }

    pub(crate) fn run(&mut self, until: i64) {
        loop {
            let happens = self.queue.keys().next().map(|(at, _)| *at);
            let deadline = |session: &Session| Some(session.poll_timeout()?.at.as_millis());
            let due = (0..self.tabs.len())
                .filter_map(|tab| Some((deadline(&self.tabs[tab])?, tab)))
                .min();
            let next = happens.into_iter().chain(due.map(|(at, _)| at)).min();
            let Some(at) = next.filter(|at| *at <= until) else {
                break;
            };
            self.now = self.now.max(at);
            match (happens, due) {
                (Some(happens), _) if happens <= at => {
                    let (_, next) = self.queue.pop_first().expect("what happens");
                    self.happen(next);
                }
                (_, Some((_, tab))) => {
                    let now = self.clocks();
                    self.tabs[tab].handle_timeout(now);
                    self.carry_out(tab);
                }
                _ => break,
            }
        }
        let held: Vec<_> = self.tabs.iter().map(Session::state).collect();
        assert!(
            held.iter().all(|state| *state == SessionState::Active),
            "{held:?}"
        );
    }

    fn happen(&mut self, next: Next) {
        match next {
            Next::Input(tab, input) => self.input(tab, input),
            Next::Arrives(tab, id, key, cookie, sent) => {
                if cookie as usize == self.rotations.len() {
                    self.rotations.push(key);
                } else {
                    let known = self.rotations.get(cookie as usize) == Some(&key);
                    let latest = cookie as usize + 1 == self.rotations.len();
                    assert!(known && latest, "taken for a theft");
                }
                let answer = self.token();
                let back = self.between(20, 100);
                self.later(back, Next::Answers(tab, id, sent, answer, cookie + 1));
            }
            Next::Answers(tab, id, sent, answer, cookie) => {
                self.cookie = self.cookie.max(cookie);
                let received = self.clocks();
                let outcome = Outcome::Answered(Reply {
                    status: 200,
                    date: Some(ServerTime::from_millis((START + self.now) / 1000 * 1000)),
                    aged: false,
                    retry_after: None,
                    answer: Some(answer),
                });
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
            Next::Look(tab, turn) => {
                let around = Input::Around {
                    tabs: self.ids.clone(),
                    standings: self.standings.iter().copied().flatten().collect(),
                };
                self.input(tab, around);
                if let Some(id) = turn.filter(|id| self.locks.holder == Some((tab, *id))) {
                    self.input(tab, Input::TurnCame { id });
                }
            }
            Next::Near(tab, id) => {
                if self.locks.near == Some((tab, id)) {
                    self.input(tab, Input::TurnNear { id });
                }
            }
        }
    }

    fn input(&mut self, tab: usize, input: Input) {
        let now = self.clocks();
        self.tabs[tab].handle_input(input, now);
        self.carry_out(tab);
    }

    fn carry_out(&mut self, tab: usize) {
        while let Some(effect) = self.tabs[tab].poll_effect() {
            match effect {
                Effect::DrawKey => {
                    self.keys += 1;
                    let (key, record) = (RenewalKey(self.keys), self.record);
                    let now = self.clocks();
                    self.tabs[tab].handle_input(Input::KeyDrawn { key, record }, now);
                }
                Effect::Note(note) => self.record = self.record.noted(note),
                Effect::SendRenewal { id, key } => {
                    let there = self.between(20, 100);
                    let next = Next::Arrives(tab, id, key, self.cookie, self.clocks());
                    self.later(there, next);
                }
                Effect::Join { tab: id } => {
                    self.ids[tab] = id;
                    self.later(2, Next::Input(tab, Input::Joined));
                }
                Effect::Post(message) => {
                    for other in (0..self.tabs.len()).filter(|other| *other != tab) {
                        let takes = self.between(2, 30);
                        let heard = Next::Input(other, Input::Peer(message.clone()));
                        self.later(takes, heard);
                    }
                }
                Effect::Stand(standing) => self.standings[tab] = Some(standing),
                Effect::LookAround => self.later(1, Next::Look(tab, None)),
                Effect::AskTurn { id } => {
                    self.locks.line.push_back((tab, id));
                    self.grant();
                }
                Effect::EndTurn { id } => {
                    let gone = Some((tab, id));
                    self.locks.line.retain(|waits| Some(*waits) != gone);
                    self.locks.near = self.locks.near.filter(|near| Some(*near) != gone);
                    self.locks.holder = self.locks.holder.filter(|holder| Some(*holder) != gone);
                    self.grant();
                }
                Effect::StealTurn { .. } => panic!("nobody hangs here"),
                _ => {}
            }
        }
    }

    fn grant(&mut self) {
        if self.locks.near.is_none()
            && let Some((tab, id)) = self.locks.line.pop_front()
        {
            self.locks.near = Some((tab, id));
            self.later(1, Next::Near(tab, id));
        }
        if self.locks.holder.is_none()
            && let Some((tab, id)) = self.locks.near.take()
        {
            self.locks.holder = Some((tab, id));
            self.later(1, Next::Look(tab, Some(id)));
            self.grant();
        }
    }

    fn token(&mut self) -> TokenAnswer {
        let issued = (START + self.now) / 1000;
        let claims = serde_json::json!({ "iat": issued, "exp": issued + self.lifetime_s });
        TokenAnswer {
            token: Some(read(token_text(&claims))),
            expires_in: Some(self.lifetime_s as f64),
            ..TokenAnswer::default()
        }
    }

    fn clocks(&self) -> Now {
        Now {
            wall: Timestamp::from_millis(START + self.now),
            monotonic: Monotonic::from_millis(self.now),
        }
    }

    fn between(&mut self, least: i64, most: i64) -> i64 {
        least + ((most - least) as f64 * self.chance.share()) as i64
    }

    fn later(&mut self, millis: i64, next: Next) {
        self.order += 1;
        self.queue.insert((self.now + millis, self.order), next);
    }
}
