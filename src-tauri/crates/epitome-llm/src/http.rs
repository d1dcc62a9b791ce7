//! HTTP as every provider uses it. No proxy, because the text must not take a detour; no redirect, because neither text
//! nor key must go where nobody sent them; no time-out on a whole request, because waiting and loading are not failures.

use std::sync::Once;
use std::time::Duration;

use reqwest::header::HeaderMap;

use crate::LlmError;

const CONNECT: Duration = Duration::from_secs(5);

/// For questions a healthy server answers from memory.
pub const QUICK: Duration = Duration::from_secs(5);

/// A client that sends these headers with every request.
pub fn client(headers: HeaderMap) -> Result<reqwest::Client, LlmError> {
    static CRYPTO: Once = Once::new();
    CRYPTO.call_once(|| {
        // Fails only when another provider is installed already, which then serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .no_proxy()
        .default_headers(headers)
        .connect_timeout(CONNECT)
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_secs(30))
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| LlmError::BadRequest { words: error.to_string() })
}

/// Why a request got no reply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoReply {
    /// It could not even be put together.
    BadAddress,
    /// Something answered that does not speak HTTP.
    NotHttp,
    /// Nobody is there.
    Away,
    /// The server took the request and dropped it: its model may have crashed on this very text, so it counts.
    Dropped,
}

impl NoReply {
    pub fn of(error: &reqwest::Error) -> Self {
        tracing::debug!(%error, "request failed");
        if error.is_builder() {
            Self::BadAddress
        } else if is_not_http(error) {
            Self::NotHttp
        } else if error.is_connect() || error.is_timeout() {
            Self::Away
        } else {
            Self::Dropped
        }
    }
}

fn is_not_http(error: &reqwest::Error) -> bool {
    let mut source = std::error::Error::source(error);
    while let Some(inner) = source {
        let words = inner.to_string();
        if words.contains("invalid HTTP") || words.contains("corrupt message") {
            return true;
        }
        source = inner.source();
    }
    false
}
