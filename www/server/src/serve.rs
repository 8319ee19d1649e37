//! The socket: loopback only, with or without TLS, until a signal.

use std::io::{ErrorKind, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener};
use std::sync::Arc;
use std::time::Duration;

use axum_server::tls_rustls::RustlsConfig;
use axum_server::{Handle, Server};
use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::app::{App, StartError};
use crate::faults::{Connection, connections};
use crate::store::SAMPLE_USERS;
use crate::upkeep::look_after;

/// How long open connections may hold up the end.
const GRACE: Duration = Duration::from_millis(1500);

/// Serves until SIGINT or SIGTERM.
pub(crate) async fn serve(app: App, port: u16) -> Result<(), StartError> {
    let (listener, listener_v6) = listen(port)?;
    let address = listener.local_addr()?;
    let handle = Handle::new();
    let handle_v6 = Handle::new();
    // Before the line that says so: whoever reads it may already send a signal.
    let stop = stop_signal()?;
    tokio::spawn({
        let (app, handles) = (app.clone(), [handle.clone(), handle_v6.clone()]);
        async move {
            stop.await;
            app.stop();
            for handle in handles {
                handle.graceful_shutdown(Some(GRACE));
            }
        }
    });
    tokio::spawn(look_after(app.clone()));

    let tls = app.config().tls.then(|| self_signed(&app)).transpose()?;
    announce(&app, address)?;
    let v6 = async {
        match listener_v6 {
            Some(listener) => serve_on(listener, handle_v6, &app, tls.clone()).await,
            None => Ok(()),
        }
    };
    tokio::try_join!(serve_on(listener, handle, &app, tls.clone()), v6)?;
    Ok(())
}

/// Both loopback addresses, since `localhost` may lead to either. A machine may have no `::1`.
fn listen(port: u16) -> Result<(TcpListener, Option<TcpListener>), StartError> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
        .map_err(|source| StartError::Bind { port, source })?;
    let port = listener.local_addr()?.port();
    let listener_v6 = TcpListener::bind((Ipv6Addr::LOCALHOST, port));
    if let Err(error) = &listener_v6
        && error.kind() == ErrorKind::AddrInUse
    {
        eprintln!("warning: [::1]:{port} is in use: localhost may lead there, 127.0.0.1 does not");
    }
    Ok((listener, listener_v6.ok()))
}

async fn serve_on(
    listener: TcpListener,
    handle: Handle<SocketAddr>,
    app: &App,
    tls: Option<RustlsConfig>,
) -> Result<(), StartError> {
    let server = axum_server::from_tcp(listener)?.handle(handle);
    match tls {
        Some(tls) => {
            let server = server.map(|acceptor| {
                axum_server::tls_rustls::RustlsAcceptor::new(tls).acceptor(acceptor)
            });
            run(server, app).await
        }
        None => run(server, app).await,
    }
}

async fn run<A>(mut server: Server<SocketAddr, A>, app: &App) -> Result<(), StartError>
where
    A: axum_server::accept::Accept<tokio::net::TcpStream, Connection>
        + Clone
        + Send
        + Sync
        + 'static,
    A::Stream: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin + Send,
    A::Service:
        axum_server::service::SendService<axum::http::Request<hyper::body::Incoming>> + Send,
    A::Future: Send,
{
    // The application sets `Date`, on its own clock.
    server.http_builder().http1().auto_date_header(false);
    server.http_builder().http2().auto_date_header(false);
    if app.faults().is_some() {
        // Browsers repeat by themselves what a used connection lost, so that a dropped answer
        // would not be seen to be dropped.
        server.http_builder().http1().keep_alive(false);
    }
    server.serve(connections(app.router())).await?;
    Ok(())
}

/// Says who can sign in and where. The listener queues connections from here on.
fn announce(app: &App, address: SocketAddr) -> Result<(), StartError> {
    let mut out = std::io::stdout().lock();
    for user in &SAMPLE_USERS {
        let role = user.role.as_str();
        writeln!(
            out,
            "{role}: sign in as \"{}\" with \"{}\"",
            user.username, user.password
        )?;
    }
    if app.config().demonstration {
        for user in &SAMPLE_USERS {
            let secret = user.one_time_secret_base32();
            writeln!(
                out,
                "one-time codes of \"{}\": secret {secret}",
                user.username
            )?;
        }
    }
    if app.faults().is_some() {
        writeln!(out, "faults can be armed at /faults, and on the page")?;
    }
    let scheme = app.config().scheme();
    if let Some(file) = &app.config().operator_token_file {
        let (port, file) = (address.port(), file.display());
        writeln!(
            out,
            "operator: {scheme}://localhost:{port}/operator, with the token in {file}"
        )?;
    }
    writeln!(out, "listening on {scheme}://localhost:{}", address.port())?;
    out.flush()?;
    Ok(())
}

/// TLS with a certificate that nobody vouches for, made anew at each start.
fn self_signed(app: &App) -> Result<RustlsConfig, StartError> {
    let names = ["localhost", "127.0.0.1", "::1"].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names)
        .map_err(|error| StartError::Certificate(error.to_string()))?;
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(made.signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|builder| {
            builder
                .with_no_client_auth()
                .with_single_cert(vec![made.cert.der().clone()], key)
        })
        .map_err(|error| StartError::Certificate(error.to_string()))?;
    config.alpn_protocols = match app.faults() {
        None => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        // Requests that share a connection cannot lose their answers one by one.
        Some(_) => vec![b"http/1.1".to_vec()],
    };
    Ok(RustlsConfig::from_config(Arc::new(config)))
}

#[cfg(unix)]
fn stop_signal() -> Result<impl Future<Output = ()>, StartError> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupt = signal(SignalKind::interrupt())?;
    let mut terminate = signal(SignalKind::terminate())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}

#[cfg(not(unix))]
fn stop_signal() -> Result<impl Future<Output = ()>, StartError> {
    Ok(async {
        // An error means that no signal will ever come.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
    })
}
