//! Who is let in: only who knows the token, under a name of this machine, and from no other site.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use anyhow::anyhow;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use subtle::ConstantTimeEq;

/// What is asked of a request.
pub struct Door {
    token: String,
    port: u16,
    /// Names beside `localhost` and addresses under which the person reaches this machine.
    names: Vec<String>,
    /// Browsers do not tell the cookies of two ports apart, so the port is in its name.
    cookie: String,
}

impl Door {
    pub fn new(address: SocketAddr, names: &[String]) -> anyhow::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(|error| anyhow!("the system gives no random numbers: {error}"))?;
        let digit = |four: u8| char::from_digit(four.into(), 16).unwrap_or_default();
        let token = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
        Ok(Self {
            token,
            port: address.port(),
            names: names.iter().map(|name| name.to_ascii_lowercase()).collect(),
            cookie: format!("epitome_{}", address.port()),
        })
    }

    /// The address to open, token included.
    pub fn url(&self, address: SocketAddr) -> String {
        let name = match (self.names.first(), address.ip()) {
            (Some(name), _) => name.clone(),
            (None, ip) if ip.is_unspecified() => "localhost".to_owned(),
            (None, IpAddr::V6(ip)) => format!("[{ip}]"),
            (None, ip) => ip.to_string(),
        };
        format!("http://{name}:{}/?token={}", self.port, self.token)
    }

    fn is_token(&self, given: &str) -> bool {
        given.as_bytes().ct_eq(self.token.as_bytes()).into()
    }

    fn knows_token(&self, headers: &HeaderMap) -> bool {
        let bearer = text(headers, AUTHORIZATION).and_then(|value| value.strip_prefix("Bearer "));
        let cookies = headers.get_all(COOKIE).into_iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|value| value.split(';')).filter_map(|pair| pair.trim().split_once('='));
        bearer.is_some_and(|token| self.is_token(token))
            || pairs.any(|(name, value)| name == self.cookie && self.is_token(value))
    }

    /// Whether a request names this machine. A page of another site can have its own name point here (DNS rebinding), so
    /// only addresses, `localhost` and what the person named will do.
    fn is_ours(&self, host: &str) -> bool {
        let (name, port) = match host.rsplit_once(':') {
            Some((name, port)) if !port.ends_with(']') => (name, port.parse().ok()),
            _ => (host, Some(80)),
        };
        let name = name.trim_matches(['[', ']']).to_ascii_lowercase();
        port == Some(self.port) && (name == "localhost" || name.parse::<IpAddr>().is_ok() || self.names.contains(&name))
    }
}

fn text(headers: &HeaderMap, name: axum::http::HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Lets a request in, or says why not.
pub async fn guard(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    match admit(&door, request.method(), request.uri(), request.headers()) {
        Ok(None) => next.run(request).await,
        Ok(Some(entry)) => entry,
        Err((status, why)) => (status, why).into_response(),
    }
}

type Refusal = (StatusCode, &'static str);

/// `Some` is the answer to who comes with the token of the printed address: a cookie instead, and the way in.
fn admit(door: &Door, method: &Method, uri: &Uri, headers: &HeaderMap) -> Result<Option<Response>, Refusal> {
    let host = text(headers, HOST).filter(|host| door.is_ours(host));
    let host = host.ok_or((StatusCode::FORBIDDEN, "This address is not one of Epitome's. Open the one it printed."))?;
    let foreign = (StatusCode::FORBIDDEN, "Epitome does not answer pages of other sites.");
    if headers.contains_key(ORIGIN) && text(headers, ORIGIN) != Some(&format!("http://{host}")) {
        return Err(foreign);
    }
    let site = headers.get("sec-fetch-site").and_then(|value| value.to_str().ok());
    let entering = method == Method::GET && uri.path() == "/";
    if site.is_some_and(|site| site != "same-origin" && site != "none" && !entering) {
        return Err(foreign);
    }
    if *method == Method::POST && !has_our_type(uri, headers) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "Send JSON to a command, and bytes to an upload."));
    }
    let given = uri.query().unwrap_or_default().split('&').find_map(|pair| pair.strip_prefix("token="));
    if entering && given.is_some_and(|token| door.is_token(token)) {
        let cookie = format!("{}={}; HttpOnly; SameSite=Strict; Path=/", door.cookie, door.token);
        let entry = (StatusCode::SEE_OTHER, [(LOCATION, "/".to_owned()), (SET_COOKIE, cookie)]);
        return Ok(Some(entry.into_response()));
    }
    if !door.knows_token(headers) {
        let why = "Open the whole address that Epitome printed: it ends with a token. A new start has a new one.";
        return Err((StatusCode::UNAUTHORIZED, why));
    }
    Ok(None)
}

/// Types that a form of another site cannot send without asking first.
fn has_our_type(uri: &Uri, headers: &HeaderMap) -> bool {
    let given = text(headers, CONTENT_TYPE).unwrap_or_default();
    let wanted = if uri.path() == "/api/upload" { "application/octet-stream" } else { "application/json" };
    given.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case(wanted))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_are_ours() {
        let door = Door::new("127.0.0.1:8765".parse().unwrap(), &["Books.home".to_owned()]).unwrap();
        for host in ["127.0.0.1:8765", "localhost:8765", "[::1]:8765", "192.168.1.7:8765", "books.home:8765"] {
            assert!(door.is_ours(host), "{host}");
        }
        for host in ["evil.example:8765", "127.0.0.1:80", "127.0.0.1", "localhost.evil.example:8765", "", ":8765"] {
            assert!(!door.is_ours(host), "{host}");
        }
    }

    #[test]
    fn each_start_has_its_own_token_and_only_the_whole_of_it_opens() {
        let door = || Door::new("127.0.0.1:8765".parse().unwrap(), &[]).unwrap();
        let (one, other) = (door(), door());
        assert_ne!(one.token, other.token);
        assert_eq!(one.token.len(), 64);
        let with = |cookie: String| HeaderMap::from_iter([(COOKIE, cookie.parse().unwrap())]);
        assert!(one.knows_token(&with(format!("a=b; epitome_8765={}", one.token))));
        assert!(!one.knows_token(&with(format!("epitome_8765={}", other.token))));
        assert!(!one.knows_token(&with(format!("epitome_8765={}", &one.token[..63]))));
        assert!(!one.knows_token(&with(format!("epitome_80={}", one.token))));
        assert!(!one.knows_token(&HeaderMap::new()));
    }
}
