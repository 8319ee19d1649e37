//! What the core takes, natively: `cargo bench`. Compiled as the package is, for size.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use crowd::{Page, Request, World, with_idle_end};
use sessionkeeper::{
    Activity, Config, Generation, Input, Message, Monotonic, PeerMessage, SharedGrant, Span, TabId,
    Ticket,
};

const BEGINNING: Monotonic = Monotonic::from_millis(0);
const WAY: Span = Span::from_millis(50);

fn signed_in() -> Page {
    let mut page = Page::sign_in(with_idle_end(), 7, BEGINNING);
    page.step(answered);
    page
}

/// A server that is always there.
fn answered(at: Monotonic) -> Request {
    Request {
        reached: at + WAY,
        settled: at + WAY + WAY,
        answered: true,
    }
}

/// What a tab tells that has renewed, as it is written.
fn granted() -> Vec<f64> {
    let wall = World::now(BEGINNING).wall;
    let generation = Generation {
        started: wall,
        asked: wall,
        tab: TabId(2),
    };
    let message = Message::Granted(SharedGrant {
        generation,
        token: None,
        is_shared: false,
        sent: wall,
        expiry: wall + Span::from_mins(15),
        lifetime: Span::from_mins(15),
        due: wall + Span::from_mins(13),
        session_end: None,
        clock: None,
    });
    PeerMessage {
        from: TabId(2),
        message,
    }
    .write()
}

fn inputs(criterion: &mut Criterion) {
    let mut page = signed_in();
    criterion.bench_function("an activity", |bencher| {
        bencher.iter(|| {
            page.input(black_box(Input::Activity));
            page.take_effects()
        });
    });

    let mut page = signed_in();
    criterion.bench_function("a call that needs a token", |bencher| {
        bencher.iter(|| {
            let ticket = Ticket(1);
            page.input(black_box(Input::NeedToken {
                ticket,
                min_validity: None,
            }));
            page.take_effects()
        });
    });

    let mut page = signed_in();
    let message = PeerMessage {
        from: TabId(2),
        message: Message::Active(Activity {
            at: World::now(BEGINNING).wall,
            seen: None,
        }),
    };
    criterion.bench_function("what another tab tells", |bencher| {
        bencher.iter(|| {
            page.input(Input::Peer(black_box(&message).clone()));
            page.take_effects()
        });
    });
}

fn timeouts(criterion: &mut Criterion) {
    let mut page = signed_in();
    criterion.bench_function("a timeout that comes early", |bencher| {
        bencher.iter(|| page.timeout());
    });

    let mut page = signed_in();
    page.input(Input::Visibility { visible: true });
    criterion.bench_function("a minute that passes", |bencher| {
        // Once in thirteen, there is a renewal.
        bencher.iter(|| page.step(answered));
    });
}

fn renewals(criterion: &mut Criterion) {
    criterion.bench_function("a sign-in", |bencher| {
        bencher.iter(|| Page::sign_in(Config::default(), black_box(7), BEGINNING));
    });
    criterion.bench_function("a renewal's whole turn", |bencher| {
        bencher.iter_batched_ref(
            || Page::sign_in(Config::default(), 7, BEGINNING),
            |page| {
                // Due; sent, and answered.
                page.step(answered);
                page.step(answered);
                page.take_effects()
            },
            BatchSize::SmallInput,
        );
    });
}

fn messages(criterion: &mut Criterion) {
    let numbers = granted();
    criterion.bench_function("reading a message of another tab", |bencher| {
        bencher.iter(|| PeerMessage::read(black_box(&numbers), None));
    });
}

criterion_group! {
    name = core;
    config = Criterion::default()
        .warm_up_time(Duration::from_secs(1))
        .measurement_time(Duration::from_secs(3));
    targets = inputs, timeouts, renewals, messages
}
criterion_main!(core);
