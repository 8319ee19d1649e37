//! The session that the shell drives: recorded in the module that is made for that.

use crate::config::Config;
#[cfg(feature = "recording")]
use crate::recording::Recorded;
#[cfg(not(feature = "recording"))]
use crate::session::Session;

use super::host::Host;
use super::platform::{draw_seed, now};

#[cfg(not(feature = "recording"))]
pub(super) type Driven = Session;

#[cfg(not(feature = "recording"))]
pub(super) fn session(config: Config, _: &Host) -> Driven {
    Session::new(config, draw_seed(), now())
}

#[cfg(feature = "recording")]
pub(super) type Driven = Recorded;

#[cfg(feature = "recording")]
pub(super) fn session(config: Config, host: &Host) -> Driven {
    use wasm_bindgen::JsCast;

    let host: Host = AsRef::<wasm_bindgen::JsValue>::as_ref(host)
        .clone()
        .unchecked_into();
    let secret = super::platform::draw_key().0;
    let write = move |line: &str| host.record(line);
    Recorded::new(config, draw_seed(), now(), secret, write)
}
