//! What the JavaScript side does for the shell. Nothing of it throws.

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{RequestInit, Response};

#[wasm_bindgen]
extern "C" {
    /// The JavaScript side of a session.
    pub type Host;

    /// What the application says of a request to an endpoint, asked anew for each; nothing when
    /// one of its functions threw.
    #[wasm_bindgen(method)]
    pub(super) fn prepare(this: &Host, logout: bool) -> Option<PreparedRequest>;

    /// The address that tells the server's time.
    #[wasm_bindgen(method, js_name = timeUrl)]
    pub(super) fn time_url(this: &Host) -> String;

    /// Has `Keeper.tick` called from a task of its own, soon.
    #[wasm_bindgen(method)]
    pub(super) fn wake(this: &Host);

    /// The members of a token answer; nothing when the text is none.
    #[wasm_bindgen(method, js_name = readAnswer)]
    pub(super) fn read_answer(this: &Host, text: JsValue, response: &Response) -> Option<Answer>;

    /// Has the verification module judge a token, and reports to `Keeper.verified`.
    #[wasm_bindgen(method)]
    pub(super) fn verify(this: &Host, check: u32, token: &str);

    /// Settles a call; the code is empty when all is well.
    #[wasm_bindgen(method)]
    pub(super) fn settle(this: &Host, ticket: u32, code: &str);

    /// Settles a call with the access token.
    #[wasm_bindgen(method, js_name = settleToken)]
    pub(super) fn settle_token(this: &Host, ticket: u32, token: &str);

    /// Replaces the snapshot; calls no listener.
    #[wasm_bindgen(method)]
    pub(super) fn show(
        this: &Host,
        state: &str,
        reason: Option<&str>,
        claims: &JsValue,
        token_expires_at: Option<f64>,
        renews_at: Option<f64>,
        renewing: bool,
        failures: u32,
        ends_at: Option<f64>,
        skew: f64,
        uncertainty: f64,
        source: &str,
        online: bool,
    );

    #[wasm_bindgen(method)]
    pub(super) fn changed(this: &Host);
    #[wasm_bindgen(method)]
    pub(super) fn started(this: &Host, restored: bool);
    #[wasm_bindgen(method)]
    pub(super) fn renewed(this: &Host, by: &str, expires_at: f64, attempts: u32, took: f64);
    #[wasm_bindgen(method, js_name = renewalFailed)]
    pub(super) fn renewal_failed(this: &Host, cause: &str, attempt: u32, retry_at: Option<f64>);
    #[wasm_bindgen(method)]
    pub(super) fn degraded(this: &Host, since: f64);
    #[wasm_bindgen(method)]
    pub(super) fn recovered(this: &Host, after: f64);
    #[wasm_bindgen(method, js_name = sessionEnding)]
    pub(super) fn session_ending(this: &Host, ends_at: f64);
    #[wasm_bindgen(method, js_name = clockSkew)]
    pub(super) fn clock_skew(this: &Host, skew: f64, uncertainty: f64, source: &str);
    #[wasm_bindgen(method, js_name = clockJump)]
    pub(super) fn clock_jump(this: &Host, by: f64, kind: &str);
    #[wasm_bindgen(method)]
    pub(super) fn ended(this: &Host, reason: &str, by: &str);

    /// A request as the application wants it.
    pub(super) type PreparedRequest;

    #[wasm_bindgen(method, getter)]
    pub(super) fn url(this: &PreparedRequest) -> String;
    #[wasm_bindgen(method, getter)]
    pub(super) fn init(this: &PreparedRequest) -> RequestInit;

    /// The members of a token answer (RFC 6749 section 5.1).
    pub type Answer;

    #[wasm_bindgen(method, getter)]
    pub(super) fn access_token(this: &Answer) -> Option<String>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn expires_in(this: &Answer) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn expires_at(this: &Answer) -> Option<f64>;
    #[wasm_bindgen(method, getter)]
    pub(super) fn session_expires_in(this: &Answer) -> Option<f64>;

    /// Sends a request; a promise that never throws where it is called.
    #[wasm_bindgen(catch)]
    pub(super) fn fetch(url: &str, init: &RequestInit) -> Result<Promise, JsValue>;
}
