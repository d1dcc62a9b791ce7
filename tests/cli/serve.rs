//! The browser host: who is let in, what is reached, and a book from upload to export.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, COOKIE, HOST, LOCATION, ORIGIN, SET_COOKIE};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::Home;

/// Long enough for a slow machine; nothing is asserted about how long it takes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A server that is ended with the test.
struct Served {
    child: Child,
    base: String,
    token: String,
    cookie: String,
    client: Client,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Served {
    async fn start(home: &Home) -> Self {
        std::fs::create_dir_all(home.path("ui/assets")).unwrap();
        home.file("ui/index.html", "<!doctype html><title>Epitome</title>");
        home.file("ui/assets/index.js", "export {}");
        let mut command = home.command(&["serve", "--addr", "127.0.0.1:0", "--ui", "ui", "--json"]);
        let log = std::fs::File::create(home.path("serve.log")).unwrap();
        let command = command.env("RUST_LOG", "debug").stdout(Stdio::piped()).stderr(log);
        let mut child = command.spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let told: Value = serde_json::from_str(&line).unwrap();
        let url = told["url"].as_str().unwrap().to_owned();
        let (base, token) = url.split_once("/?token=").unwrap();
        // The client insists on one, though nothing is encrypted here.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().redirect(reqwest::redirect::Policy::none()).timeout(PATIENCE).build().unwrap();
        let entry = client.get(&url).send().await.unwrap();
        assert_eq!((entry.status(), entry.headers()[LOCATION].to_str().unwrap()), (StatusCode::SEE_OTHER, "/"));
        let cookie = entry.headers()[SET_COOKIE].to_str().unwrap();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Strict"), "{cookie}");
        let cookie = cookie.split(';').next().unwrap().to_owned();
        Self { child, base: base.to_owned(), token: token.to_owned(), cookie, client }
    }

    fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.client.get(format!("{}{path}", self.base)).header(COOKIE, &self.cookie)
    }

    fn post(&self, path: &str, kind: &str) -> reqwest::RequestBuilder {
        let request = self.client.post(format!("{}{path}", self.base));
        request.header(COOKIE, &self.cookie).header(CONTENT_TYPE, kind)
    }

    async fn ask(&self, command: &str, args: Value) -> Result<Value, Value> {
        let body = json!({"command": command, "args": args}).to_string();
        let answer = self.post("/api/call", "application/json").body(body).send().await.unwrap();
        let well = answer.status().is_success();
        let value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
        if well { Ok(value) } else { Err(value) }
    }

    async fn upload(&self, name: &str, bytes: Vec<u8>) -> Response {
        let path = format!("/api/upload?name={name}");
        self.post(&path, "application/octet-stream").body(bytes).send().await.unwrap()
    }
}

fn book(chapters: usize) -> Vec<u8> {
    let sentence = "The road went on over the hills, and nobody knew where it would end that year. ".repeat(30);
    let chapter = |n: usize| format!("Chapter {n}\n\n{sentence}\n\n\n");
    format!("The Long Road\n\n\n{}", (1..=chapters).map(chapter).collect::<String>()).into_bytes()
}

#[tokio::test]
async fn only_who_has_the_token_is_let_in_and_no_page_of_another_site() {
    let home = Home::new();
    let served = Served::start(&home).await;
    let body = r#"{"command":"library","args":{}}"#;
    let call = || served.post("/api/call", "application/json").body(body);
    assert_eq!(call().send().await.unwrap().status(), StatusCode::OK);
    let bearer = served.client.get(format!("{}/api/ping", served.base)).bearer_auth(&served.token);
    assert_eq!(bearer.send().await.unwrap().status(), StatusCode::OK);
    for path in ["/", "/assets/index.js", "/api/ping", "/api/feed", "/?token=0000", "/assets/index.js?token=x"] {
        let answer = served.client.get(format!("{}{path}", served.base)).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNAUTHORIZED, "{path}");
        assert!(answer.text().await.unwrap().contains("token"), "{path}");
    }
    for (name, value) in [
        (HOST.as_str(), "evil.example"),
        (HOST.as_str(), "evil.example:8765"),
        (ORIGIN.as_str(), "http://evil.example"),
        (ORIGIN.as_str(), "null"),
        (ORIGIN.as_str(), "https://127.0.0.1"),
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
    ] {
        let answer = call().header(name, value).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::FORBIDDEN, "{name}: {value}");
    }
    assert_eq!(call().header(ORIGIN, &served.base).send().await.unwrap().status(), StatusCode::OK);
    // What a form of another site can send without asking.
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let answer = served.post("/api/call", kind).body(body).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE, "{kind}");
    }
    let log = std::fs::read_to_string(home.path("serve.log")).unwrap();
    assert!(!log.contains(&served.token), "the token is in no log");
}

#[tokio::test]
async fn pages_come_with_their_rules_and_nothing_else_does() {
    let home = Home::new();
    home.file("secret.txt", "secret");
    let served = Served::start(&home).await;
    let page = served.get("/").send().await.unwrap();
    assert_eq!(page.headers()[CONTENT_TYPE], "text/html");
    let rules = page.headers()["content-security-policy"].to_str().unwrap();
    assert!(rules.contains("script-src 'self';") && rules.contains("connect-src 'self'"), "{rules}");
    assert!(!rules.contains("unsafe"), "{rules}");
    assert_eq!(page.headers()["x-content-type-options"], "nosniff");
    assert!(page.text().await.unwrap().contains("<title>Epitome</title>"));
    let script = served.get("/assets/index.js").send().await.unwrap();
    assert_eq!(script.headers()[CONTENT_TYPE], "text/javascript");
    for path in ["/nowhere", "/%2e%2e/secret.txt", "/..%2fsecret.txt", "/assets/..%5c..%5csecret.txt", "//etc/passwd"] {
        let answer = served.get(path).send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::NOT_FOUND, "{path}");
        assert!(answer.headers().contains_key("content-security-policy"));
    }
}

#[tokio::test]
async fn no_command_reaches_a_file_that_was_not_uploaded() {
    let home = Home::new();
    let outside = home.file("outside.txt", book(2)).to_string_lossy().into_owned();
    let served = Served::start(&home).await;
    for command in ["preview", "files"] {
        for path in [outside.as_str(), "/etc/passwd", "../outside.txt", "", "."] {
            let error = served.ask(command, json!({"paths": [path]})).await.unwrap_err();
            assert_eq!(error["code"], "file_missing", "{command} {path}: {error}");
        }
    }
    let uploaded = served.upload("..%2F..%2Foutside.txt", book(2)).await;
    let told: Value = serde_json::from_str(&uploaded.text().await.unwrap()).unwrap();
    let path = told["path"].as_str().unwrap();
    assert!(path.contains("upload-") && path.ends_with("outside.txt") && !path.contains(".."), "{path}");
    assert!(served.ask("preview", json!({"paths": [path, outside]})).await.is_err(), "one that is not is enough");
    for path in [
        "/api/download/..%2F..%2Fdata/library.sqlite",
        "/api/download/export-x/..%2F..%2Flibrary.sqlite",
        "/api/download/upload-x/a",
    ] {
        assert_eq!(served.get(path).send().await.unwrap().status(), StatusCode::NOT_FOUND, "{path}");
    }
    assert_eq!(served.ask("no_such_command", json!({})).await.unwrap_err()["code"], "bad_use");
    // Nor by way of a setting that has a folder of this machine read.
    let inbox = home.path("secrets");
    let refused = served.ask("set", json!({"key": "inbox.folder", "value": inbox})).await.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("browser"), "{refused}");
    assert!(served.ask("set", json!({"key": " inbox.folder ", "value": inbox})).await.is_err());
}

#[tokio::test]
async fn a_book_goes_from_upload_to_export_and_the_feed_tells() {
    let home = Home::new();
    let served = Served::start(&home).await;
    let mut feed = served.get("/api/feed").send().await.unwrap();
    assert_eq!(feed.headers()[CONTENT_TYPE], "text/event-stream");
    served.ask("set", json!({"key": "provider.choice", "value": "built-in"})).await.unwrap();
    let uploaded = served.upload("The%20Long%20Road.txt", book(5)).await;
    let told: Value = serde_json::from_str(&uploaded.text().await.unwrap()).unwrap();
    let found = served.ask("preview", json!({"paths": [told["path"]]})).await.unwrap();
    assert_eq!(found[0]["outcome"], "book", "{found}");
    let token = &found[0]["preview"]["token"];
    let start = json!({"provider": null, "model": null, "sections": null, "fresh": false});
    let added = served.ask("add", json!({"token": token, "start": start, "how": "update"})).await.unwrap();
    let mut heard = String::new();
    let done = async {
        while !heard.contains(r#""state":"done""#) {
            heard.push_str(&String::from_utf8_lossy(&feed.chunk().await.unwrap().expect("the feed goes on")));
        }
    };
    tokio::time::timeout(PATIENCE, done).await.expect("the feed tells that the job is done");
    assert!(heard.starts_with("data: {\"kind\":\"changed\"}"), "{}", &heard[..80]);
    let asked = json!({"book": added["book"], "format": "json", "path": "/etc/epitome.json"});
    let written = served.ask("export", asked).await.unwrap();
    let link = written["path"].as_str().unwrap();
    assert!(link.starts_with("/api/download/export-"), "{link}");
    let file = served.get(link).send().await.unwrap();
    assert!(file.headers()["content-disposition"].to_str().unwrap().starts_with("attachment;"));
    let export: Value = serde_json::from_str(&file.text().await.unwrap()).unwrap();
    assert_eq!(export["chapters"].as_array().unwrap().len(), 5);

    for (wished, name, begins) in [("/etc/The road.svg", "The%20road.svg", "<svg"), ("/etc/..", "figures.json", "{")] {
        let asked = json!({"job": added["job"], "path": wished});
        let written = served.ask("write_figures", asked).await.unwrap();
        let link = written["path"].as_str().unwrap();
        assert!(link.starts_with("/api/download/export-") && link.ends_with(name), "{link}");
        assert!(served.get(link).send().await.unwrap().text().await.unwrap().starts_with(begins), "{wished}");
    }
}

#[test]
fn what_cannot_be_served_is_said_at_once() {
    let home = Home::new();
    let output = home.run(&["serve", "--addr", "127.0.0.1:0", "--ui", "nowhere"]);
    assert_eq!(crate::support::code(&output), 2);
    assert!(crate::support::err(&output).contains("no index.html"), "{}", crate::support::err(&output));
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let output = home.run(&["serve", "--addr", &address]);
    assert!(crate::support::err(&output).contains("--addr"), "{}", crate::support::err(&output));
}
