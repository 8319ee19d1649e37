//! What the JavaScript side does for the shell. Nothing of it throws.

use js_sys::Promise;
use wasm_bindgen::prelude::{JsValue, wasm_bindgen};
use web_sys::{Request, Response};

#[wasm_bindgen]
extern "C" {
    /// The JavaScript side of a session.
    pub type Host;

    /// The request of a renewal with its key and the time since the last activity, as the application wants it; nothing when one of its
    /// functions threw.
    #[wasm_bindgen(method, js_name = renewalRequest)]
    pub(super) fn renewal_request(this: &Host, key: &str, idle_ms: Option<f64>) -> Option<Request>;

    /// The request of a sign-out.
    #[wasm_bindgen(method, js_name = logoutRequest)]
    pub(super) fn logout_request(this: &Host) -> Option<Request>;

    /// A request that says nothing and that no cache answers, for the server's time.
    #[wasm_bindgen(method, js_name = timeRequest)]
    pub(super) fn time_request(this: &Host) -> Option<Request>;

    /// Sends a request, and gives the response.
    #[wasm_bindgen(method)]
    pub(super) fn send(this: &Host, request: &Request) -> Promise;

    /// The numbers of the record, none where there is none.
    #[wasm_bindgen(method, js_name = readRecord)]
    pub(super) fn read_record(this: &Host) -> Vec<f64>;

    /// Keeps the numbers of the record; removes it where there are none.
    #[wasm_bindgen(method, js_name = writeRecord)]
    pub(super) fn write_record(this: &Host, numbers: &[f64]);

    /// Says something in the console: of a status, of a long `Retry-After` (0), of a policy (1).
    #[wasm_bindgen(method)]
    pub(super) fn say(this: &Host, status: u16);

    /// Takes part under this number: see `js/tabs.js` for this and what follows.
    #[wasm_bindgen(method)]
    pub(super) fn join(this: &Host, tab: u32);
    #[wasm_bindgen(method)]
    pub(super) fn leave(this: &Host);
    #[wasm_bindgen(method)]
    pub(super) fn post(this: &Host, numbers: &[f64], token: Option<&str>);
    #[wasm_bindgen(method)]
    pub(super) fn stand(this: &Host, numbers: &[f64]);
    #[wasm_bindgen(method, js_name = lookAround)]
    pub(super) fn look_around(this: &Host);
    #[wasm_bindgen(method)]
    pub(super) fn watch(this: &Host, tab: u32);
    #[wasm_bindgen(method, js_name = askTurn)]
    pub(super) fn ask_turn(this: &Host, id: u32);
    #[wasm_bindgen(method, js_name = stealTurn)]
    pub(super) fn steal_turn(this: &Host, id: u32);
    #[wasm_bindgen(method, js_name = endTurn)]
    pub(super) fn end_turn(this: &Host, id: u32);

    /// Has `Keeper.tick` called from a task of its own, soon.
    #[wasm_bindgen(method)]
    pub(super) fn wake(this: &Host);

    /// Reads the [`Answer`] of a response, nothing when it is none; rejected when the body broke off.
    #[wasm_bindgen(method, js_name = readAnswer)]
    pub(super) fn read_answer(this: &Host, response: &Response) -> Promise;

    /// Has the verification module judge a token, and reports to `Keeper.verified`.
    #[wasm_bindgen(method)]
    pub(super) fn verify(this: &Host, check: u32, token: &str);

    /// Settles a call; the code is empty when all is well.
    #[wasm_bindgen(method)]
    pub(super) fn settle(this: &Host, ticket: u32, code: &str);

    /// Settles a call with the access token, which is absent where it is a cookie, its generation, and that
    /// of its session's first one.
    #[wasm_bindgen(method, js_name = settleToken)]
    pub(super) fn settle_token(
        this: &Host,
        ticket: u32,
        token: Option<&str>,
        generation: u32,
        first: u32,
    );

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
        idle_ends_at: Option<f64>,
        ends_at: Option<f64>,
        skew: f64,
        uncertainty: f64,
        source: &str,
        online: bool,
        tabs: u32,
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
    #[wasm_bindgen(method, js_name = idleWarning)]
    pub(super) fn idle_warning(this: &Host, ends_at: f64, remaining: f64);
    #[wasm_bindgen(method, js_name = idleExtended)]
    pub(super) fn idle_extended(this: &Host, by: &str);
    #[wasm_bindgen(method, js_name = policyViolation)]
    pub(super) fn policy_violation(this: &Host, lifetime: f64);
    #[wasm_bindgen(method, js_name = tokenRejected)]
    pub(super) fn token_rejected(this: &Host, reason: &str);
    #[wasm_bindgen(method, js_name = stepUpRequired)]
    pub(super) fn step_up_required(
        this: &Host,
        acr_values: Option<&str>,
        max_age: Option<f64>,
        url: &str,
    );
    #[wasm_bindgen(method, js_name = sessionEnding)]
    pub(super) fn session_ending(this: &Host, ends_at: f64);
    #[wasm_bindgen(method, js_name = clockSkew)]
    pub(super) fn clock_skew(this: &Host, skew: f64, uncertainty: f64, source: &str);
    #[wasm_bindgen(method, js_name = clockJump)]
    pub(super) fn clock_jump(this: &Host, by: f64, kind: &str);
    #[wasm_bindgen(method)]
    pub(super) fn ended(this: &Host, reason: &str, by: &str);

    /// Keeps a line of the recording; calls nothing of the application.
    #[cfg(feature = "recording")]
    #[wasm_bindgen(method)]
    pub(super) fn record(this: &Host, line: &str);

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

    /// A JSON object.
    pub(super) type JsonObject;

    #[wasm_bindgen(method, structural, indexing_getter)]
    pub(super) fn get(this: &JsonObject, name: &str) -> JsValue;

    /// The JSON object that a text in UTF-8 stands for; nothing for any other text.
    #[wasm_bindgen(method, js_name = parseObject)]
    pub(super) fn parse_object(this: &Host, json: &[u8]) -> Option<JsonObject>;
}
