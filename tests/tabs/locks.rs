//! The browser's locks, as the shell of a tab uses them.

use std::collections::VecDeque;

use sessionkeeper::TurnId;

/// Who asks for a lock.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) struct Claim {
    pub(crate) tab: usize,
    pub(crate) id: TurnId,
}

/// An exclusive lock.
#[derive(Clone, PartialEq, Eq, Hash, Default, Debug)]
pub(crate) struct Lock {
    holder: Option<Claim>,
    queue: VecDeque<Claim>,
}

impl Lock {
    /// Queues for the lock; tells who gets it, if anybody does.
    pub(crate) fn request(&mut self, claim: Claim) -> Option<Claim> {
        self.queue.push_back(claim);
        self.grant()
    }

    /// Gives the lock up, or the place in its queue; tells who gets it, if anybody does.
    pub(crate) fn release(&mut self, claim: Claim) -> Option<Claim> {
        self.queue.retain(|other| *other != claim);
        if self.holder == Some(claim) {
            self.holder = None;
        }
        self.grant()
    }

    /// Takes the lock from its holder, who is told.
    pub(crate) fn steal(&mut self, claim: Claim) -> Option<Claim> {
        self.queue.retain(|other| *other != claim);
        self.holder.replace(claim).filter(|holder| *holder != claim)
    }

    /// A tab is gone, or has put everything down; tells who gets the lock, if anybody does.
    pub(crate) fn drop_tab(&mut self, tab: usize) -> Option<Claim> {
        self.queue.retain(|claim| claim.tab != tab);
        if self.holder.is_some_and(|holder| holder.tab == tab) {
            self.holder = None;
        }
        self.grant()
    }

    fn grant(&mut self) -> Option<Claim> {
        if self.holder.is_some() {
            return None;
        }
        self.holder = self.queue.pop_front();
        self.holder
    }
}
