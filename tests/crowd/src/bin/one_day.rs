//! What one page's session does in a day, for counting instructions: always the same, to the last bit.
//!
//! `cargo xtask costs` runs it under callgrind.

use std::hint::black_box;

use crowd::{Page, World, with_idle_end};
use sessionkeeper::{
    Activity, Generation, Input, Message, Monotonic, PeerMessage, Span, Standing, TabId, Ticket,
};

const DAY: Span = Span::from_hours(24);
const BEGINNING: Monotonic = Monotonic::from_millis(0);
const TABS: u32 = 4;

fn main() {
    let world = World::day(Span::from_mins(13));
    let (requests, page) = live(&world);
    println!("{requests} requests, {:?}", page.session().state());
}

/// A page that is shown, used once a minute, and hears of the other tabs; the server is away for ten minutes.
#[inline(never)]
fn live(world: &World) -> (u32, Page) {
    let mut page = Page::sign_in(with_idle_end(), 7, BEGINNING);
    page.input(Input::Visibility { visible: true });
    let (mut requests, mut steps) = (0, 0);
    // A page that is shown looks at its clocks once a minute: no step is longer.
    while page.at() < BEGINNING + DAY {
        page.step(|at| {
            requests += 1;
            world.send(at)
        });
        steps += 1;
        page.input(Input::Activity);
        page.input(Input::NeedToken {
            ticket: Ticket(steps),
            min_validity: None,
        });
        hear(&mut page, TabId(1 + steps % TABS));
    }
    (requests, page)
}

/// What another tab tells, as it is written.
fn hear(page: &mut Page, tab: TabId) {
    let wall = World::now(page.at()).wall;
    let standing = Standing {
        generation: Some(Generation {
            started: wall,
            asked: wall,
            tab,
        }),
        failures: 0,
        until: None,
        sent: None,
    };
    black_box(Standing::read(&black_box(standing.write())));
    let message = PeerMessage {
        from: tab,
        message: Message::Active(Activity {
            at: wall,
            seen: None,
        }),
    };
    if let Some(message) = PeerMessage::read(&black_box(message.write()), None) {
        page.input(Input::Peer(message));
    }
}
