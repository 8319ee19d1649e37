//! The requests that reach the server in each second.

use sessionkeeper::{Monotonic, Rng, Span};

use crate::client::Kind;
use crate::world::{BEGINNING, Request, World};

/// Requests by the second in which they reached the server's door.
#[derive(Debug)]
pub struct Traffic {
    world: World,
    /// The mean time between two renewals while the server answers.
    between_renewals: Span,
    clients: u64,
    /// The first second after the server's return is one of them.
    seconds: Vec<u64>,
    /// Clients whose last request before the server's return was in vain.
    waiting: u64,
    down: bool,
}

impl Traffic {
    /// What so many clients of a kind do; each has a seed of its own that follows from `seed`.
    pub fn of(kind: Kind, world: &World, clients: u64, seed: u64) -> Traffic {
        let workers = std::thread::available_parallelism().map_or(1, |count| count.get() as u64);
        let work = |worker: u64| {
            let mut traffic = Traffic::new(kind, world);
            for client in (worker..clients).step_by(workers as usize) {
                let seed = seed
                    .wrapping_mul(0x9e37_79b9_7f4a_7c15)
                    .wrapping_add(client);
                let seed = (Rng::seeded(seed).share() * (1_u64 << 53) as f64) as u64;
                traffic.down = false;
                kind.live(seed, world, &mut traffic);
                traffic.clients += 1;
            }
            traffic
        };
        std::thread::scope(|scope| {
            let workers: Vec<_> = (0..workers)
                .map(|worker| scope.spawn(move || work(worker)))
                .collect();
            let mut all = Traffic::new(kind, world);
            for worker in workers {
                all.add(&worker.join().expect("a worker that lives"));
            }
            all
        })
    }

    fn new(kind: Kind, world: &World) -> Traffic {
        let seconds = (world.end - BEGINNING).as_millis() / 1000 + 2;
        Traffic {
            world: world.clone(),
            between_renewals: kind.between_renewals(),
            clients: 0,
            seconds: vec![0; seconds as usize],
            waiting: 0,
            down: false,
        }
    }

    /// Counts a request.
    pub(crate) fn count(&mut self, request: Request) -> Request {
        let second = request.reached.as_millis() / 1000;
        if let Some(count) = self.seconds.get_mut(second as usize) {
            *count += 1;
        }
        if !request.answered && !self.down {
            self.down = true;
            self.waiting += 1;
        }
        request
    }

    fn add(&mut self, other: &Traffic) {
        self.clients += other.clients;
        self.waiting += other.waiting;
        for (count, more) in self.seconds.iter_mut().zip(&other.seconds) {
            *count += more;
        }
    }

    /// Clients in all.
    pub fn clients(&self) -> u64 {
        self.clients
    }

    /// Requests in all.
    pub fn total(&self) -> u64 {
        self.seconds.iter().sum()
    }

    /// Clients that found the server down.
    pub fn waiting(&self) -> u64 {
        self.waiting
    }

    /// Requests in each second of a span of time.
    pub fn between(&self, from: Monotonic, span: Span) -> &[u64] {
        let from = from.as_millis() / 1000;
        let until = from + span.as_millis() / 1000;
        &self.seconds[from as usize..until as usize]
    }

    /// Requests in a second on average, before the outage.
    pub fn even(&self) -> f64 {
        let span = self.between_renewals;
        let seconds = self.between(self.world.down - span, span);
        seconds.iter().sum::<u64>() as f64 / seconds.len() as f64
    }

    /// Requests in a second on average, in the last minute of the outage.
    pub fn while_down(&self) -> f64 {
        let minute = Span::from_mins(1);
        let seconds = self.between(self.world.back - minute, minute);
        seconds.iter().sum::<u64>() as f64 / seconds.len() as f64
    }

    /// Requests in the first second after the server's return.
    pub fn first_second(&self) -> u64 {
        self.between(self.world.back, Span::from_secs(1))[0]
    }

    /// The most requests in a second around the given number of renewals after the server's return.
    pub fn echo(&self, renewals: u32) -> u64 {
        let between = self.between_renewals;
        let middle = self.world.back + between.share(f64::from(renewals));
        let seconds = self.between(middle - between.half(), between);
        seconds.iter().copied().max().unwrap_or(0)
    }
}
