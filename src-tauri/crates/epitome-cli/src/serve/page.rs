//! The pages: those built into the program, under the same rules of content as in the window.

use std::borrow::Cow;
use std::path::{Component, Path};

use anyhow::bail;
use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use rust_embed::RustEmbed;

use super::Host;

/// As in the window (`tauri.conf.json`), but that the page talks to its own server.
const CONTENT: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; \
                       connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

#[derive(RustEmbed)]
#[folder = "../../../ui/dist"]
#[allow_missing = true]
struct Pages;

/// Whether there are pages at all.
pub fn check(folder: Option<&Path>) -> anyhow::Result<()> {
    match (folder, find(folder, "index.html")) {
        (_, Some(_)) => Ok(()),
        (Some(folder), None) => bail!("{} holds no built pages: there is no index.html", folder.display()),
        (None, None) => {
            bail!("this program was built without its pages; run `npm run build` in ui, then build it again")
        }
    }
}

pub async fn page(State(host): State<Host>, uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    let path = if path.is_empty() { "index.html" } else { path };
    let folder = host.pages.as_ref().map(|folder| folder.as_path());
    match find(folder, path) {
        Some(bytes) => {
            let kind = mime_guess::from_path(path).first_or_octet_stream().to_string();
            // Names of built files change with what is in them, the page's own does not.
            let keep = if path.starts_with("assets/") { "private, max-age=31536000, immutable" } else { "no-store" };
            ([(CONTENT_TYPE, kind), (CACHE_CONTROL, keep.to_owned())], bytes).into_response()
        }
        None => (StatusCode::NOT_FOUND, "There is no such page.").into_response(),
    }
}

fn find(folder: Option<&Path>, path: &str) -> Option<Cow<'static, [u8]>> {
    let path = Path::new(path);
    if path.components().any(|part| !matches!(part, Component::Normal(_))) {
        return None;
    }
    match folder {
        Some(folder) => std::fs::read(folder.join(path)).ok().map(Cow::Owned),
        None => Pages::get(path.to_str()?).map(|page| page.data),
    }
}

/// Rules that hold for every answer, refusals included.
pub async fn headers(request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_of_content_are_the_windows_own() {
        let window = include_str!("../../../../../tauri.conf.json");
        let window: serde_json::Value = serde_json::from_str(window).unwrap();
        let window = window["app"]["security"]["csp"].as_str().unwrap();
        assert_eq!(CONTENT, window.replace("connect-src ipc: http://ipc.localhost", "connect-src 'self'"));
    }

    #[test]
    fn no_path_leads_out_of_the_pages() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("ui")).unwrap();
        std::fs::write(folder.path().join("secret"), "secret").unwrap();
        std::fs::write(folder.path().join("ui/index.html"), "page").unwrap();
        let ui = folder.path().join("ui");
        assert!(find(Some(&ui), "index.html").is_some());
        let absolute = folder.path().join("secret");
        for path in ["../secret", "assets/../../secret", absolute.to_str().unwrap(), ".", ""] {
            assert!(find(Some(&ui), path).is_none(), "{path}");
        }
        assert!(check(Some(&ui)).is_ok() && check(Some(folder.path())).is_err());
    }
}
