//! The stage of `stage.js`, and how a test uses it.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use js_sys::{Date, Function, Object, Promise};
use serde_json::{Value, json};
use sessionkeeper::{Host, Keeper};
use wasm_bindgen::prelude::{JsCast, JsValue, wasm_bindgen};
use wasm_bindgen_futures::JsFuture;

#[wasm_bindgen(module = "/tests/web/stage.js")]
extern "C" {
    pub type Stage;
    #[wasm_bindgen(constructor)]
    fn new() -> Stage;
    #[wasm_bindgen(method)]
    fn strike(this: &Stage);
    #[wasm_bindgen(method, js_name = callBack, variadic)]
    fn call_back_with(this: &Stage, told: &str, method: &str, args: &[JsValue]);
    #[wasm_bindgen(method)]
    pub fn deliver(this: &Stage, place: u32, reply: Reply);
    #[wasm_bindgen(method, js_name = seen)]
    fn seen_text(this: &Stage) -> String;
    #[wasm_bindgen(method, js_name = settled)]
    fn settled_promise(this: &Stage, ticket: u32) -> Promise;
    #[wasm_bindgen(method)]
    fn host(this: &Stage) -> Host;
    #[wasm_bindgen(method, getter)]
    fn replies(this: &Stage) -> js_sys::Array;
    #[wasm_bindgen(method, setter)]
    pub fn set_always(this: &Stage, reply: Reply);
    #[wasm_bindgen(method, setter)]
    pub fn set_prepares(this: &Stage, prepares: bool);
    #[wasm_bindgen(method, setter)]
    fn set_keeper(this: &Stage, session: &Session);

    fn turn() -> Promise;
    #[wasm_bindgen(js_name = collectGarbage)]
    pub async fn collect_garbage();

    /// How a request is answered.
    #[wasm_bindgen(extends = Function)]
    pub type Reply;
    fn answer(status: u16, headers: &Object, body: &str) -> Reply;
    #[wasm_bindgen(js_name = brokenAnswer)]
    pub fn broken_answer() -> Reply;
    pub fn redirect() -> Reply;
    pub fn rejection() -> Reply;
    pub fn exception() -> Reply;
}

#[wasm_bindgen]
extern "C" {
    /// The exported class, under the names that the JavaScript side calls.
    pub type Session;
    #[wasm_bindgen(method)]
    pub fn restore(this: &Session, ticket: u32, fresh: bool);
    #[wasm_bindgen(method, js_name = signOut)]
    pub fn sign_out(this: &Session, ticket: u32, logout: bool);
    #[wasm_bindgen(method)]
    pub fn renew(this: &Session, ticket: u32);
    #[wasm_bindgen(method, js_name = needToken)]
    pub fn need_token(this: &Session, ticket: u32);
    #[wasm_bindgen(method)]
    pub fn dispose(this: &Session);
}

/// The names of the choices, in their order.
const CHOICES: [&str; 18] = [
    "jitter",
    "minInterval",
    "timeout",
    "defer",
    "base",
    "max",
    "giveUpAfter",
    "lifetime",
    "leeway",
    "opaque",
    "verify",
    "wait",
    "warnAbove",
    "askTime",
    "logout",
    "locks",
    "channel",
    "shareToken",
];

impl Stage {
    /// A stage with a session on it that is configured like this.
    pub fn set(settings: Value) -> (Stage, Session) {
        let stage = Stage::new();
        let choices = CHOICES.map(|name| match &settings[name] {
            Value::Bool(choice) => f64::from(u8::from(*choice)),
            choice => choice.as_f64().unwrap_or(f64::NAN),
        });
        let keeper = Keeper::new(&choices, None, stage.host());
        let session: Session = JsValue::from(keeper).unchecked_into();
        stage.set_keeper(&session);
        (stage, session)
    }

    /// A stage with a session on it that has just been restored, by call 1.
    pub async fn set_live(settings: Value) -> (Stage, Session) {
        let (stage, session) = Stage::set(settings);
        stage.reply(&[fresh_token()]);
        session.restore(1, false);
        stage.settled(1).await;
        (stage, session)
    }

    /// How to answer the next requests.
    pub fn reply(&self, replies: &[Reply]) {
        for reply in replies {
            self.replies().push(reply);
        }
    }

    /// The next time that the host is told this, it calls the session back, from within.
    pub fn call_back(&self, told: &str, method: &str, args: &[Value]) {
        let args: Vec<JsValue> = args.iter().cloned().map(js).collect();
        self.call_back_with(told, method, &args);
    }

    /// All that can be seen from outside.
    pub fn seen(&self) -> Value {
        serde_json::from_str(&self.seen_text()).unwrap()
    }

    /// What the session did and was told, from a place on.
    pub fn log(&self, from: usize) -> Vec<String> {
        let log: Vec<String> = serde_json::from_value(self.seen()["log"].take()).unwrap();
        log[from..].to_vec()
    }

    pub fn requests(&self) -> usize {
        self.seen()["requests"].as_array().unwrap().len()
    }

    /// Waits until a call that was just made, or is about to be, is settled.
    pub async fn settled(&self, ticket: u32) {
        JsFuture::from(self.settled_promise(ticket)).await.unwrap();
    }

    /// Waits for a condition.
    pub async fn until(&self, what: &str, condition: impl Fn(&Value) -> bool) {
        let start = Date::now();
        while !condition(&self.seen()) {
            assert!(
                Date::now() - start < 10_000.0,
                "waited in vain until {what}: {}",
                self.seen()
            );
            JsFuture::from(turn()).await.unwrap();
        }
    }

    /// Clears the stage: nothing must have been thrown, and a session that was disposed of leaves
    /// nothing behind.
    pub async fn clear(self, session: Session) {
        session.dispose();
        let requests = self.requests();
        for _ in 0..3 {
            JsFuture::from(turn()).await.unwrap();
        }
        let seen = self.seen();
        assert_eq!(seen["uncaught"], json!([]));
        assert_eq!(seen["timers"], 0, "{seen}");
        assert_eq!(self.requests(), requests);
        assert!(seen["mostTimers"].as_u64().unwrap() <= 1, "{seen}");
        self.strike();
    }
}

fn js(value: Value) -> JsValue {
    js_sys::JSON::parse(&value.to_string()).unwrap()
}

/// An answer with a JSON body and header fields.
pub(crate) fn json_answer(status: u16, headers: Value, body: Value) -> Reply {
    answer(status, js(headers).unchecked_ref(), &body.to_string())
}

/// An answer with a body that is no token answer.
pub(crate) fn text_answer(status: u16, body: &str) -> Reply {
    answer(status, &Object::new(), body)
}

/// A token with these claims.
pub(crate) fn token(claims: &Value) -> String {
    let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let header = json!({ "alg": "ES256", "typ": "at+jwt" });
    format!("{}.{}.c2ln", part(&header), part(claims))
}

/// An answer with a token of an hour.
pub(crate) fn fresh_token() -> Reply {
    let claims = json!({ "sub": "u1", "exp": seconds_now() + 3600 });
    json_answer(
        200,
        json!({}),
        json!({ "access_token": token(&claims), "expires_in": 3600 }),
    )
}

/// The device's time, in whole seconds since the Unix epoch.
pub(crate) fn seconds_now() -> i64 {
    (Date::now() / 1000.0) as i64
}
