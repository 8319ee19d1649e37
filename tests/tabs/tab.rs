//! A tab: its session, and what its shell knows.

use std::collections::VecDeque;
use std::hash::{Hash, Hasher};

use sessionkeeper::{
    AttemptId, LogoutId, Monotonic, Now, Session, Standing, TabId, Timestamp, TurnId,
};

use crate::bounds::Bounds;
use crate::kept::Kept;
use crate::server::{Cookie, Token};

/// Where a page is.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Page {
    /// It is not open: never was, or was killed.
    Closed,
    Running,
    Frozen,
    /// It is in the back/forward cache.
    Cached,
}

/// What the shell is told of the locks, in this order.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Notice {
    /// The others can see it.
    Joined,
    /// It has the place before the turn.
    PlaceCame(TurnId),
    PlaceLost(TurnId),
    TurnCame(TurnId),
    TurnLost(TurnId),
    /// It has looked around, as the holder of the turn if there is one.
    Looked(Option<TurnId>, Vec<TabId>, Vec<Standing>),
    /// It has looked around before it takes the turn from its holder.
    Stealing(TurnId),
    Gone(TabId),
}

/// The shell's part in the turn.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Turn {
    pub(crate) id: TurnId,
    /// Whether it has asked for the turn itself, and not only for the place before it.
    pub(crate) asked: bool,
    pub(crate) came: bool,
}

/// What came of a request.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Reply {
    Granted(Cookie, Token),
    Refused,
    Busy,
    SignedOut,
    Unreachable,
}

/// What a request is for.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum Errand {
    Renewal(AttemptId, sessionkeeper::RenewalKey),
    Logout(LogoutId),
}

#[derive(Clone)]
pub(crate) struct Tab {
    pub(crate) page: Page,
    /// How often a page was loaded here.
    pub(crate) loads: u8,
    pub(crate) kept: Kept,
    pub(crate) id: TabId,
    /// Whether it is present, and hears the others.
    pub(crate) joined: bool,
    pub(crate) standing: Option<Standing>,
    pub(crate) turn: Option<Turn>,
    pub(crate) notices: VecDeque<Notice>,
    /// Answers that came while the page could not take them, with the time when they were sent for.
    pub(crate) replies: Vec<(Errand, i64, Reply)>,
    /// Those whose going it wants to be told of.
    pub(crate) watched: Vec<TabId>,
    pub(crate) tickets: u32,
    /// The newest sign-in that it has heard of.
    pub(crate) heard: u8,
}

impl Tab {
    pub(crate) fn closed(number: usize, bounds: &Bounds) -> Tab {
        let session = Session::new(bounds.config(), 0, now(number, 0));
        Tab {
            page: Page::Closed,
            loads: 0,
            kept: Kept::new(session),
            id: TabId(0),
            joined: false,
            standing: None,
            turn: None,
            notices: VecDeque::new(),
            replies: Vec::new(),
            watched: Vec::new(),
            tickets: 0,
            heard: 0,
        }
    }

    pub(crate) fn runs(&self) -> bool {
        self.page == Page::Running
    }

    /// When it wants to be called, in the world's time.
    pub(crate) fn deadline(&self, number: usize) -> Option<i64> {
        if self.page == Page::Closed {
            return None;
        }
        Some(self.kept.deadline()?.as_millis() - origin(number))
    }
}

impl Hash for Tab {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        self.page.hash(hasher);
        if self.page != Page::Closed {
            self.kept.hash(hasher);
            self.joined.hash(hasher);
            self.standing.hash(hasher);
            self.turn.hash(hasher);
            self.notices.hash(hasher);
            self.replies.hash(hasher);
            self.watched.hash(hasher);
            self.heard.hash(hasher);
        }
        self.loads.hash(hasher);
    }
}

/// Each tab's monotonic clock has a zero of its own.
fn origin(number: usize) -> i64 {
    5_000 + 1_000 * number as i64
}

/// What the clocks of a tab show.
pub(crate) fn now(number: usize, at: i64) -> Now {
    Now {
        wall: Timestamp::from_millis(1_700_000_000_000 + at),
        monotonic: Monotonic::from_millis(origin(number) + at),
    }
}
