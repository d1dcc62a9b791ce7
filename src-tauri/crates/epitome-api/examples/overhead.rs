//! Makes a number of calls to a server in another process, so that an instruction counter can tell what one more of
//! them costs: `overhead WHAT CALLS URL`, the difference between two numbers of calls divided by theirs. WHAT is `ours`
//! (a job of so many chapters, each one call, with everything that belongs to it), `import` (the same without the job)
//! or `bare` (an HTTP client that sends as long a prompt, reads each line as JSON and does nothing else). Prints how
//! many calls there were and how many tokens they were answered with. `cargo xtask soak instructions` runs it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "a measurement that fails should stop")]

use std::fmt::Write;
use std::path::Path;

use epitome_api::{Api, Open, Request};
use epitome_model::{JobId, JobState, StartJob};
use serde_json::{Value, json};

/// Characters of a chapter: with the instructions around it, a prompt has about 8,400.
const CHAPTER: usize = 6_900;

/// Calls at a time, of both clients.
const AT_A_TIME: usize = 4;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, calls, url] = words.as_slice() else { panic!("overhead WHAT CALLS URL") };
    let calls: usize = calls.parse().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match what.as_str() {
            "ours" => ours(calls, url, true).await,
            "import" => ours(calls, url, false).await,
            "bare" => bare(calls, url).await,
            other => panic!("nothing is called {other}"),
        }
        let stats: Value = client().get(format!("{url}/sim/stats")).send().await.unwrap().json().await.unwrap();
        let made: u64 = stats["requests"].as_object().unwrap().values().filter_map(Value::as_u64).sum();
        println!("calls {made} tokens {}", stats["output_tokens"]);
    });
}

/// A chapter's text; each has other words.
fn chapter(number: usize) -> String {
    let mut text = String::with_capacity(CHAPTER + 200);
    for sentence in 1.. {
        if text.len() >= CHAPTER {
            break;
        }
        let day = number * 1_000 + sentence;
        write!(text, "On day {day} the travellers of company {number} crossed the wide river by a narrow bridge. ")
            .unwrap();
        if sentence % 6 == 0 {
            text.push_str("\n\n");
        }
    }
    text
}

async fn ours(calls: usize, url: &str, run: bool) {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("road.txt");
    write_book(&file, calls);
    let choose = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    let at_a_time = AT_A_TIME.to_string();
    let choices = [("ollama.url", url), ("provider.choice", "ollama"), ("llm.concurrency", &at_a_time)];
    let open = Open { data: Some(home.path().join("data")), choices: choices.map(choose).to_vec(), ..Open::default() };
    let api = Api::open(open).await.unwrap();
    // Somebody listens, as the window does.
    let mut feed = api.feed();
    tokio::spawn(async move { while feed.recv().await.is_ok() {} });
    let book = api.import(&file).await.unwrap();
    if run {
        let start = Request::Start { book, start: StartJob::default() };
        let job: JobId = serde_json::from_value(api.answer(start).await.unwrap()).unwrap();
        assert_eq!(api.wait(job).await, JobState::Done);
    }
}

fn write_book(file: &Path, chapters: usize) {
    let mut text = String::from("The Long Road\n\nby An Author\n\n\n");
    for number in 1..=chapters {
        write!(text, "Chapter {number}\n\n{}\n\n\n", chapter(number)).unwrap();
    }
    std::fs::write(file, text).unwrap();
}

fn client() -> reqwest::Client {
    // Fails only when it is installed already.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder().no_proxy().tcp_nodelay(true).build().unwrap()
}

async fn bare(calls: usize, url: &str) {
    let client = client();
    let workers: Vec<_> = (0..AT_A_TIME)
        .map(|worker| {
            let (client, url) = (client.clone(), format!("{url}/api/chat"));
            tokio::spawn(async move {
                for number in (1..=calls).filter(|number| number % AT_A_TIME == worker) {
                    one(&client, &url, number).await;
                }
            })
        })
        .collect();
    for worker in workers {
        worker.await.unwrap();
    }
}

async fn one(client: &reqwest::Client, url: &str, number: usize) {
    // As many characters of instructions as the program writes, and a request for as long an answer.
    let ask = "Summarise the text below, which is a chapter of a book. ".repeat(26);
    let user = format!("{ask}\nTITLE:\nSUMMARY:\nLength: about 115 words\n\n<<<TEXT\n{}\nTEXT>>>", chapter(number));
    let request = json!({
        "model": "llama3.1:8b",
        "messages": [{"role": "user", "content": user}],
        "stream": true,
        "think": false,
        "options": {"num_ctx": 8192, "num_predict": 700},
    });
    let mut response = client.post(url).json(&request).send().await.unwrap();
    let (mut buffer, mut text) = (Vec::new(), String::new());
    while let Some(bytes) = response.chunk().await.unwrap() {
        buffer.extend_from_slice(&bytes);
        while let Some(end) = buffer.iter().position(|byte| *byte == b'\n') {
            let line: Value = serde_json::from_slice(&buffer[..end]).unwrap();
            buffer.drain(..=end);
            text.push_str(line["message"]["content"].as_str().unwrap_or_default());
        }
    }
    assert!(!text.is_empty());
}
