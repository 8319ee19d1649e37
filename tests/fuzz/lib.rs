//! Fuzzers of what reads bytes from outside: each says what must hold, whatever the bytes.
//!
//! As ordinary tests they read the lines of `corpus/`, and some thousands of inputs that chance
//! makes of them:
//!
//! ```sh
//! cargo test -p fuzz                                                      # seconds
//! BOLERO_RANDOM_ITERATIONS=10000000 cargo test --release -p fuzz          # as long as you like
//! ```
//!
//! With libFuzzer, which looks for inputs that reach new code, one target at a time:
//!
//! ```sh
//! cargo install --locked cargo-bolero@0.13.5 --no-default-features --features libfuzzer
//! cargo bolero test challenge::what_is_mangled -p fuzz --sanitizer NONE -T 10m
//! ```
//!
//! A run that fails prints the input and its seed. What libFuzzer finds goes to `__fuzz__/*/crashes`,
//! which every later run takes first; better is a line in the corpus.

#[cfg(test)]
mod answer;
#[cfg(test)]
mod challenge;
#[cfg(test)]
mod corpus;
#[cfg(test)]
mod date;
#[cfg(test)]
mod honest;
#[cfg(test)]
mod record;
#[cfg(test)]
mod recording;
#[cfg(test)]
mod retry_after;
#[cfg(test)]
#[path = "../support/mod.rs"]
mod support;
#[cfg(test)]
mod tabs;
#[cfg(test)]
mod token;
