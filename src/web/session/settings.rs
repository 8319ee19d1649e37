//! The application's choices, as the JavaScript side has checked them.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::config::{Config, Hidden};
use crate::time::Span;

#[wasm_bindgen]
extern "C" {
    /// The choices; spans are in milliseconds, and what is absent has the core's default.
    pub type Settings;

    #[wasm_bindgen(method, getter)]
    fn lead(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn jitter(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = minInterval)]
    fn min_interval(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn timeout(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn defer(this: &Settings) -> bool;
    #[wasm_bindgen(method, getter, js_name = warnAbove)]
    fn warn_above(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = askTime)]
    fn ask_time(this: &Settings) -> bool;
    #[wasm_bindgen(method, getter)]
    fn base(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn max(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = giveUpAfter)]
    fn give_up_after(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter, js_name = rejectedStatuses)]
    fn rejected_statuses(this: &Settings) -> Option<Vec<u16>>;
    #[wasm_bindgen(method, getter)]
    fn lifetime(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn leeway(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn opaque(this: &Settings) -> Option<bool>;
    #[wasm_bindgen(method, getter)]
    fn verify(this: &Settings) -> bool;
    #[wasm_bindgen(method, getter)]
    fn wait(this: &Settings) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    fn logout(this: &Settings) -> bool;
    /// The header field that carries a renewal's key.
    #[wasm_bindgen(method, getter, js_name = keyHeader)]
    pub(super) fn key_header(this: &Settings) -> Option<String>;
}

pub(super) fn span(millis: f64) -> Span {
    Span::from_millis(millis as i64)
}

impl Settings {
    /// The core's configuration.
    pub(super) fn to_config(&self) -> Config {
        let mut config = Config::default();
        let choose = |target: &mut Span, choice: Option<f64>| {
            if let Some(millis) = choice {
                *target = span(millis);
            }
        };
        choose(&mut config.renewal.min_interval, self.min_interval());
        choose(&mut config.renewal.attempt_limit, self.timeout());
        choose(&mut config.retry.backoff.base, self.base());
        choose(&mut config.retry.backoff.max, self.max());
        choose(&mut config.retry.give_up_after, self.give_up_after());
        choose(&mut config.leeway, self.leeway());
        choose(&mut config.wait, self.wait());
        choose(&mut config.warn_above, self.warn_above());
        config.renewal.lead = self.lead().map(span);
        config.lifetime = self.lifetime().map(span);
        config.renewal.jitter = self.jitter().unwrap_or(config.renewal.jitter);
        if let Some(statuses) = self.rejected_statuses() {
            config.retry.rejected_statuses = statuses;
        }
        config.opaque_tokens = self.opaque().unwrap_or(config.opaque_tokens);
        config.verify = self.verify();
        config.ask_time = self.ask_time();
        if self.defer() {
            config.renewal.hidden = Hidden::Defer;
        }
        config.logout = self.logout();
        config
    }
}
