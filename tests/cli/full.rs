//! A full disk: the run waits for room, says so, and goes on; nothing is lost and nothing is paid for twice.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Duration;

use epitome_testkit::{GpuModel, SimConfig};
use serde_json::Value;

use crate::support::{Home, Server, book, text};

const CHAPTERS: usize = 30;

/// Longer than anything here takes on a busy machine.
const LONG: Duration = Duration::from_secs(60);

/// The program at work on a book, with a file that makes the disk full while it is there.
struct Run {
    home: Home,
    server: Server,
    child: Child,
    told: Receiver<Value>,
}

impl Run {
    fn start(full: bool) -> Self {
        let gpu = GpuModel { load_ms: 0.0, ..GpuModel::default() };
        let server = Server::start(SimConfig { parallel: 4, time_scale: 0.01, gpu, ..SimConfig::default() });
        let home = Home::new();
        let file = home.file("road.txt", book(CHAPTERS, 40));
        let url = server.url();
        if full {
            // The book must be in the library before the disk is full.
            assert!(home.run(&["summarise", &text(&file), "--builtin"]).status.success());
            fill(&home.path("full"));
        }
        let mut child = home
            .command(&["summarise", &text(&file), "--json", "--url", &url, "--export", "json", "--out", "out"])
            .env("EPITOME_TEST_FULL_WHILE", home.path("full"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let out = BufReader::new(child.stdout.take().unwrap());
        let (tell, told) = sync_channel(100_000);
        std::thread::spawn(move || {
            for line in out.lines().map_while(Result::ok) {
                let _ = tell.send(serde_json::from_str(&line).unwrap_or(Value::String(line)));
            }
        });
        Self { home, server, child, told }
    }

    /// Waits for a line.
    fn hears(&self, what: &str, right: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self.told.recv_timeout(LONG).unwrap_or_else(|_| panic!("never heard of {what}"));
            if right(&line) {
                return line;
            }
        }
    }

    fn hears_that_it_waits(&self) {
        let waits = |line: &Value| line["state"] == "unreachable" && line.to_string().contains("disk is full");
        self.hears("the full disk", waits);
    }

    fn ends_well(mut self) {
        assert!(self.child.wait().unwrap().success());
        let export = self.home.export();
        let chapters = export["chapters"].as_array().unwrap();
        assert_eq!(chapters.len(), CHAPTERS);
        assert!(chapters.iter().all(|chapter| chapter["state"] == "done" && chapter["provider"] == "ollama"));
        assert_eq!(self.server.sim.stats().finished_again(), 0, "no call is paid for twice");
    }
}

fn fill(file: &Path) {
    std::fs::write(file, "").unwrap();
}

fn free(file: &Path) {
    std::fs::remove_file(file).unwrap();
}

#[test]
fn a_disk_that_fills_up_in_the_middle_of_a_run_is_waited_for() {
    let run = Run::start(false);
    run.hears("a few chapters", |line| line["chapters_done"].as_u64().is_some_and(|done| done >= 3));
    fill(&run.home.path("full"));
    run.hears_that_it_waits();
    // What was in flight is answered, and nothing more is asked for.
    let before = run.server.settled().finished.len();
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(run.server.settled().finished.len(), before, "no more calls while there is no room for their answers");
    free(&run.home.path("full"));
    run.ends_well();
}

#[test]
fn a_job_that_cannot_be_written_down_is_refused_by_name_and_asks_for_nothing() {
    let mut run = Run::start(true);
    let line = run.hears("the full disk", |line| line["event"] == "error");
    assert!(line.to_string().contains("disk is full"), "{line}");
    assert_eq!(run.child.wait().unwrap().code(), Some(2));
    assert_eq!(run.server.finished(), 0);
}

#[test]
fn a_disk_that_fills_up_at_the_very_end_is_waited_for_and_loses_nothing() {
    let run = Run::start(false);
    run.hears("the last chapter", |line| line["chapters_done"].as_u64() == Some(CHAPTERS as u64));
    fill(&run.home.path("full"));
    run.hears_that_it_waits();
    free(&run.home.path("full"));
    run.ends_well();
}
