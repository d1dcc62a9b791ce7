//! `serve`: the window in a browser, for a machine without a screen. The same commands and the same feed as the window's,
//! over HTTP and server-sent events.
//!
//! Whoever can reach the port can try to talk to it: other programs of the machine, and pages of other sites in the same
//! browser. So nothing is answered without the token of the printed address ([`door`]), and no command reaches a file
//! beside those that were uploaded here ([`calls`]).

mod calls;
mod door;
mod feed;
mod files;
mod page;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use epitome_api::{Api, Open, Reader};
use serde_json::json;
use tokio::net::TcpListener;

use crate::args::{Args, Serve};
use crate::{DONE, report};
use door::Door;
use files::Files;

/// Port where none is named: that of the person's bookmark stays the same.
const PORT: u16 = 8765;

/// What every answer needs.
#[derive(Clone)]
struct Host {
    api: Api,
    files: Arc<Files>,
    /// Built pages of a developer, in place of those inside the program.
    pages: Option<Arc<PathBuf>>,
}

/// Serves until it is interrupted.
pub async fn serve(args: &Args, command: &Serve) -> anyhow::Result<u8> {
    let address = command.addr.unwrap_or(SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), PORT));
    let listener = TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on; name another with --addr, such as 127.0.0.1:0 for any free port")
    })?;
    let address = listener.local_addr()?;
    page::check(command.ui.as_deref())?;
    let open = Open {
        data: command.common.data.clone(),
        resume: true,
        reader: Some(Reader::this_program()),
        ..Open::default()
    };
    let api = Api::open(open).await?;
    let door = Arc::new(Door::new(address, &command.host)?);
    let host = Host {
        files: Arc::new(Files::new(&api.folders().data)?),
        api: api.clone(),
        pages: command.ui.clone().map(Arc::new),
    };
    tell(args, &door, address);
    let served = axum::serve(listener, router(host, door)).into_future();
    tokio::select! {
        served = served => served.context("the server ended")?,
        interrupted = interrupted() => interrupted.context("the interrupt cannot be heard")?,
    }
    api.flush().await;
    Ok(DONE)
}

fn router(host: Host, door: Arc<Door>) -> Router {
    Router::new()
        .route("/api/ping", get(|| async { "epitome" }))
        .route("/api/call", post(calls::call))
        .route("/api/feed", get(feed::feed))
        .route("/api/upload", post(files::upload).layer(axum::extract::DefaultBodyLimit::disable()))
        .route("/api/download/{folder}/{name}", get(files::download))
        .fallback(get(page::page))
        .layer(from_fn_with_state(door, door::guard))
        .layer(from_fn(page::headers))
        .with_state(host)
}

fn tell(args: &Args, door: &Door, address: SocketAddr) {
    let url = door.url(address);
    if args.json() {
        report::line(&json!({"event": "serving", "url": url}));
        return;
    }
    if !address.ip().is_loopback() {
        report::note(
            "Other machines can reach this address. Who has the line below can read and change your library; it is not encrypted.",
        );
    }
    report::note("Open this address in a browser; Ctrl+C ends it.");
    report::say(&url);
}

/// Ctrl+C, or the signal by which a service is ended.
async fn interrupted() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            pressed = tokio::signal::ctrl_c() => pressed,
            _ = end.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}
