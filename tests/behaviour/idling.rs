//! What becomes of a session that nobody uses.

use sessionkeeper::*;

use crate::support::Driver;

mod alone;
mod among_tabs;
mod asleep;
mod remembered;

const HOUR: Span = Span::from_hours(1);
const MINUTE: Span = Span::from_mins(1);
const SECOND: Span = Span::from_secs(1);
const TIMEOUT: Span = Span::from_mins(30);
const ENDED: Event = Event::Ended {
    reason: EndReason::IdleTimeout,
    by: By::ThisTab,
};

fn config(confirm: bool) -> Config {
    Config {
        logout: true,
        idle: Some(IdleConfig {
            timeout: TIMEOUT,
            warning: MINUTE,
            confirm,
        }),
        ..Config::default()
    }
}

fn signed_in() -> Driver {
    with(config(true))
}

/// A session whose token does not have to be renewed meanwhile, and whose server's time is known.
fn with(config: Config) -> Driver {
    let mut driver = Driver::signed_in(config, Span::from_hours(24));
    driver.renew();
    driver.succeed(Span::from_hours(24));
    driver.events.clear();
    driver.shared.clear();
    driver
}

/// The idle warnings and what follows from them.
fn heard(driver: &mut Driver) -> Vec<Event> {
    let of_idle = |event: &Event| {
        matches!(
            event,
            Event::IdleWarning { .. } | Event::IdleExtended { .. } | Event::Ended { .. }
        )
    };
    driver.take_events().into_iter().filter(of_idle).collect()
}

fn warning(driver: &Driver, remaining: Span) -> Event {
    Event::IdleWarning {
        ends_at: driver.now.wall + remaining,
        remaining,
    }
}

fn see(driver: &mut Driver, visible: bool) {
    driver.input(Input::Visibility { visible });
}

fn is_over(driver: &Driver) -> bool {
    driver.session.snapshot().reason == Some(EndReason::IdleTimeout)
}
