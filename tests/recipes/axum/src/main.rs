// src/main.rs
//! Keeps sessions, and serves the pages of `public/`.

mod auth;
mod sessions;
mod users;

use std::env;
use std::error::Error;
use std::sync::Arc;

use axum::extract::Json;
use axum::routing::get;
use axum::{Extension, Router, middleware};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tower_http::services::ServeDir;

use crate::sessions::{Session, Sessions};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let setting = |name: &str, usual: &str| env::var(name).unwrap_or_else(|_| usual.to_owned());
    let rotation_key = BASE64.decode(env::var("ROTATION_KEY")?)?;
    if rotation_key.len() < 32 {
        return Err("ROTATION_KEY: 32 random bytes, in base64".into());
    }
    let lifetime_s = setting("ACCESS_LIFETIME_S", "900").parse()?;
    let database = setting("DATABASE", "sessions.sqlite3");
    let app = auth::App {
        sessions: Arc::new(Sessions::open(&database, &rotation_key, lifetime_s)?),
        origin: env::var("ORIGIN")?.into(),
    };

    let api = Router::new()
        .route("/me", get(me))
        .layer(middleware::from_fn_with_state(
            app.clone(),
            auth::authorized,
        ))
        .layer(middleware::map_response(auth::no_store));
    let router = Router::new()
        .nest("/auth", auth::routes(&app))
        .nest("/api", api)
        .fallback_service(ServeDir::new("public"))
        .with_state(app);

    let listener = TcpListener::bind(format!("127.0.0.1:{}", setting("PORT", "8080"))).await?;
    let port = listener.local_addr()?.port();
    println!("listening on http://localhost:{port}");
    Ok(axum::serve(listener, router).await?)
}

async fn me(Extension(session): Extension<Arc<Session>>) -> Json<Value> {
    Json(json!({ "sub": session.sub }))
}
