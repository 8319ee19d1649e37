//! What the JavaScript side does for the shell. Nothing of it throws.
//!
//! What has a name on the other side goes over as its number, in the order of `js/names.js`; what is absent
//! is not a number.

use wasm_bindgen::prelude::{JsValue, wasm_bindgen};

/// What is done among the tabs, under the name that `js/names.js` has for it: see `js/tabs.js`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Deed {
    Join,
    Leave,
    LookAround,
    Watch,
    AskTurn,
    StealTurn,
    EndTurn,
}

/// A request to the server.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Errand {
    Renewal,
    Logout,
    Time,
}

#[wasm_bindgen]
extern "C" {
    /// The JavaScript side of a session.
    pub type Host;

    /// Sends a request and reports to `Keeper.answered`. A renewal has a key, and the milliseconds since the last
    /// activity.
    #[wasm_bindgen(method)]
    pub(super) fn send(this: &Host, errand: u32, id: u32, key: &[f64], idle: f64);

    /// The numbers of the record, none where there is none.
    #[wasm_bindgen(method, js_name = readRecord)]
    pub(super) fn read_record(this: &Host) -> Vec<f64>;

    /// Keeps the numbers of the record; removes it where there are none.
    #[wasm_bindgen(method, js_name = writeRecord)]
    pub(super) fn write_record(this: &Host, numbers: &[f64]);

    /// Says something in the console: of a status, of a long `Retry-After` (0), of a policy (1).
    #[wasm_bindgen(method)]
    pub(super) fn say(this: &Host, status: u32);

    /// Does a [`Deed`] with a tab, or with a wish for the turn.
    #[wasm_bindgen(method)]
    pub(super) fn act(this: &Host, deed: u32, subject: u32);
    #[wasm_bindgen(method)]
    pub(super) fn post(this: &Host, numbers: &[f64], token: Option<&str>);
    #[wasm_bindgen(method)]
    pub(super) fn stand(this: &Host, numbers: &[f64]);

    /// Has `Keeper.tick` called from a task of its own, soon.
    #[wasm_bindgen(method)]
    pub(super) fn wake(this: &Host);

    /// Has the verification module judge a token, and reports to `Keeper.verified`.
    #[wasm_bindgen(method)]
    pub(super) fn verify(this: &Host, check: u32, token: &str);

    /// Settles a call: with an error, where the number is that of one.
    #[wasm_bindgen(method)]
    pub(super) fn settle(this: &Host, ticket: u32, error: f64);

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

    /// Replaces the snapshot by one of these numbers; calls no listener.
    #[wasm_bindgen(method)]
    pub(super) fn show(this: &Host, numbers: &[f64], claims: &JsValue);

    /// The snapshot has changed.
    #[wasm_bindgen(method)]
    pub(super) fn changed(this: &Host);

    /// Tells an event, whose details `js/names.js` names.
    #[wasm_bindgen(method)]
    pub(super) fn tell(this: &Host, event: u32, one: f64, two: f64, three: f64, four: f64);
    #[wasm_bindgen(method, js_name = stepUpRequired)]
    pub(super) fn step_up_required(this: &Host, acr_values: Option<&str>, max_age: f64, url: &str);

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
