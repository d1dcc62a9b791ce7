//! Running the program in a home of its own.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

use epitome_testkit::{SimConfig, SimOllama, SimStats};
use serde_json::Value;
use tempfile::TempDir;

/// A data folder, an output folder, and the program between them.
pub struct Home {
    pub folder: TempDir,
}

impl Home {
    pub fn new() -> Self {
        Self { folder: tempfile::tempdir().unwrap() }
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a file into the home.
    pub fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// The program with nothing of this machine's settings. Nothing answers at the address it is given.
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_epitome-cli"));
        command.env_clear().env("EPITOME_CONFIG", self.path("config")).env("EPITOME_DATA", self.path("data"));
        command.env("OLLAMA_HOST", "127.0.0.1:9").current_dir(self.folder.path()).args(words);
        // Windows programs cannot open a socket without it.
        if let Some(root) = std::env::var_os("SystemRoot") {
            command.env("SystemRoot", root);
        }
        command
    }

    pub fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }

    /// What all files below the home hold.
    pub fn files(&self) -> Vec<Vec<u8>> {
        fn walk(folder: &Path, found: &mut Vec<Vec<u8>>) {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() { walk(&path, found) } else { found.push(std::fs::read(&path).unwrap()) }
            }
        }
        let mut found = Vec::new();
        walk(self.folder.path(), &mut found);
        found
    }

    /// The JSON export in the output folder.
    pub fn export(&self) -> Value {
        serde_json::from_str(&self.export_text("json")).unwrap()
    }

    pub fn export_text(&self, ending: &str) -> String {
        let files = std::fs::read_dir(self.path("out")).unwrap();
        let mut found =
            files.map(|file| file.unwrap().path()).filter(|path| path.extension().is_some_and(|e| e == ending));
        std::fs::read_to_string(found.next().unwrap()).unwrap()
    }
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or_else(|| panic!("killed: {}", err(output)))
}

pub fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// The lines of JSON on stdout.
pub fn lines(output: &Output) -> Vec<Value> {
    out(output).lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("not JSON: {line}"))).collect()
}

/// A simulated Ollama in scaled time, in a runtime of its own.
pub struct Server {
    pub sim: SimOllama,
    pub runtime: tokio::runtime::Runtime,
}

impl Server {
    pub fn start(config: SimConfig) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let sim = runtime.block_on(SimOllama::start(config)).unwrap();
        Self { sim, runtime }
    }

    pub fn fast() -> Self {
        Self::start(SimConfig { parallel: 4, time_scale: 0.001, record_prompts: true, ..SimConfig::default() })
    }

    /// Calls that were answered to the end.
    pub fn finished(&self) -> usize {
        self.sim.stats().finished.values().sum()
    }

    /// The sums once no call is under way any more: a server hears a moment later that its client has died.
    pub fn settled(&self) -> SimStats {
        let mut calm = 0;
        for _ in 0..2_000 {
            std::thread::sleep(Duration::from_millis(1));
            calm = if self.sim.stats().in_flight == 0 { calm + 1 } else { 0 };
            if calm == 5 {
                return self.sim.stats();
            }
        }
        panic!("calls are still under way: {:?}", self.sim.stats());
    }

    /// The last message of each call that carried a text.
    pub fn prompts(&self) -> Vec<String> {
        let requests = self.sim.requests().into_iter();
        requests.filter_map(|request| request.messages.last().map(|message| message.content.clone())).collect()
    }

    pub fn url(&self) -> String {
        self.sim.url()
    }
}

/// A text book with numbered chapters of some length.
pub fn book(chapters: usize, sentences: usize) -> String {
    let mut text = String::from("The Long Road\n\nby An Author\n\n\n");
    for chapter in 1..=chapters {
        write!(text, "Chapter {chapter}\n\n").unwrap();
        for sentence in 1..=sentences {
            let year = format!("{chapter}{sentence:03}");
            write!(
                text,
                "In the year {year} the travellers of company {chapter} crossed the river number {sentence}. "
            )
            .unwrap();
            if sentence % 6 == 0 {
                text.push_str("\n\n");
            }
        }
        text.push_str("\n\n\n");
    }
    text
}

pub fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
