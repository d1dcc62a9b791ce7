//! The command line, as clap reads it.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as Arguments, Parser, Subcommand, ValueEnum};
use epitome_model::{AddAs, ExportFormat, SearchIn};

/// Turns books into summaries you can trust, on your own GPU.
#[derive(Debug, Parser)]
#[command(name = "epitome-cli", version, about)]
pub struct Args {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Summarise books; what was begun and interrupted goes on.
    Summarise(Summarise),
    /// Show the chapters a file would be split into.
    Chapters(Chapters),
    /// Show the library and what runs.
    Status(Status),
    /// Find words in summaries and in the books' own text.
    Search(Search),
    /// Write a book's summaries to a file.
    Export(Export),
    /// Tell what was measured of a book's newest run, and whether it kept its service levels.
    Report(Report),
    /// Go on with every unfinished job.
    Resume(Resume),
    /// Open the window in a browser: serves it on this machine
    Serve(Serve),
    /// Remember the key of an OpenAI-compatible server, read from standard input.
    Key(Key),
}

/// What every command takes.
#[derive(Clone, Debug, Default, Arguments)]
pub struct Common {
    /// Data folder [default: the window's]
    #[arg(long, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// One JSON object a line on stdout
    #[arg(long)]
    pub json: bool,
}

/// What the commands that run jobs take.
#[derive(Clone, Debug, Arguments)]
pub struct Running {
    #[command(flatten)]
    pub common: Common,
    /// Address of Ollama
    #[arg(long, value_name = "URL")]
    pub url: Option<String>,
    /// Set of values: auto, track1 or baseline
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,
    /// Change one setting for this run
    #[arg(long = "set", value_name = "KEY=VALUE", value_parser = pair)]
    pub set: Vec<(String, String)>,
    /// Write the summaries to files when done
    #[arg(long, value_enum, value_delimiter = ',', value_name = "md,json")]
    pub export: Vec<Format>,
    /// Folder for the files [default: the present one]
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

#[derive(Debug, Arguments)]
pub struct Summarise {
    /// Books, or folders of them
    #[arg(value_name = "FILE", required_unless_present = "sample")]
    pub files: Vec<PathBuf>,
    /// Begin a chapter at each line that this regular expression fits
    #[arg(long, value_name = "REGEX", conflicts_with = "sample")]
    pub pattern: Option<String>,
    /// What becomes of a newer version of a book in the library
    #[arg(long = "as", value_enum, default_value = "update", value_name = "HOW")]
    pub how: How,
    /// Summarise the sample book
    #[arg(long, conflicts_with = "files")]
    pub sample: bool,
    /// Model of the Ollama server
    #[arg(long, value_name = "NAME", conflicts_with = "builtin")]
    pub model: Option<String>,
    /// Use the built-in summariser: no model, no network
    #[arg(long)]
    pub builtin: bool,
    #[command(flatten)]
    pub running: Running,
}

#[derive(Debug, Arguments)]
pub struct Resume {
    #[command(flatten)]
    pub running: Running,
}

#[derive(Debug, Arguments)]
pub struct Chapters {
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Begin a chapter at each line that this regular expression fits
    #[arg(long, value_name = "REGEX")]
    pub pattern: Option<String>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Arguments)]
pub struct Status {
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Arguments)]
pub struct Search {
    /// All of them must be in the same chapter; the last may be the beginning of one
    #[arg(value_name = "WORDS", required = true)]
    pub words: Vec<String>,
    /// Only in this book: number, file name, or part of the title
    #[arg(long, value_name = "BOOK")]
    pub book: Option<String>,
    /// Only in chapters up to this one
    #[arg(long, value_name = "CHAPTER")]
    pub until: Option<u32>,
    /// Only in summaries, or only in the books' own text
    #[arg(long = "in", value_enum, default_value = "everything", value_name = "WHERE")]
    pub within: Within,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Arguments)]
pub struct Export {
    /// Number, file name, or part of the title
    #[arg(value_name = "BOOK")]
    pub book: String,
    #[arg(long, value_enum, default_value = "md")]
    pub format: Format,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Arguments)]
pub struct Report {
    /// Number, file name, or part of the title
    #[arg(value_name = "BOOK")]
    pub book: String,
    /// Also write the figures to this file: charts if its name ends with .svg, else all of them as JSON
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Debug, Arguments)]
pub struct Serve {
    /// Where to listen; another than this machine's own addresses lets other machines in [default: 127.0.0.1:8765]
    #[arg(long, value_name = "IP:PORT")]
    pub addr: Option<SocketAddr>,
    /// A name under which browsers reach this machine, beside localhost and its addresses
    #[arg(long, value_name = "NAME")]
    pub host: Vec<String>,
    /// Folder of built pages, in place of those inside the program
    #[arg(long, value_name = "DIR")]
    pub ui: Option<PathBuf>,
    #[command(flatten)]
    pub common: Common,
}

/// The key itself is no argument, because arguments are seen by every program of the machine.
#[derive(Debug, Arguments)]
pub struct Key {
    /// Address of the server
    #[arg(long, value_name = "URL")]
    pub url: String,
    /// Forget the key instead
    #[arg(long)]
    pub remove: bool,
    #[command(flatten)]
    pub common: Common,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Md,
    Json,
}

/// Where words are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Within {
    Everything,
    Summaries,
    Sources,
}

impl From<Within> for SearchIn {
    fn from(within: Within) -> Self {
        match within {
            Within::Everything => Self::Everything,
            Within::Summaries => Self::Summaries,
            Within::Sources => Self::Sources,
        }
    }
}

/// What becomes of a newer version of a book in the library.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum How {
    /// The book gets what is new; what the file does not hold any more stays
    Update,
    /// The book gets what is new; what the file does not hold any more goes
    Replace,
    /// The file becomes a book of its own
    New,
}

impl From<How> for AddAs {
    fn from(how: How) -> Self {
        match how {
            How::Update => Self::Update,
            How::Replace => Self::Replace,
            How::New => Self::NewBook,
        }
    }
}

impl From<Format> for ExportFormat {
    fn from(format: Format) -> Self {
        match format {
            Format::Md => Self::Markdown,
            Format::Json => Self::Json,
        }
    }
}

impl Args {
    pub fn common(&self) -> &Common {
        match &self.command {
            Command::Summarise(command) => &command.running.common,
            Command::Resume(command) => &command.running.common,
            Command::Chapters(command) => &command.common,
            Command::Status(command) => &command.common,
            Command::Search(command) => &command.common,
            Command::Export(command) => &command.common,
            Command::Report(command) => &command.common,
            Command::Serve(command) => &command.common,
            Command::Key(command) => &command.common,
        }
    }

    pub fn json(&self) -> bool {
        self.common().json
    }
}

fn pair(text: &str) -> Result<(String, String), BadPair> {
    let (key, value) = text.split_once('=').ok_or(BadPair)?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

/// What `--set` says to a word without `=`.
#[derive(Debug)]
pub struct BadPair;

impl std::fmt::Display for BadPair {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("write it as KEY=VALUE, such as llm.concurrency=4")
    }
}

impl std::error::Error for BadPair {}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Args::command().debug_assert();
    }

    #[test]
    fn a_key_is_no_argument() {
        assert!(Args::try_parse_from(["epitome-cli", "key", "--url", "http://box", "sk-1"]).is_err());
        assert!(Args::try_parse_from(["epitome-cli", "key", "--url", "http://box"]).is_ok());
    }

    #[test]
    fn a_setting_needs_its_value() {
        assert!(Args::try_parse_from(["epitome-cli", "summarise", "a.epub", "--set", "llm.concurrency"]).is_err());
        assert!(Args::try_parse_from(["epitome-cli", "summarise"]).is_err());
        let args = Args::try_parse_from(["epitome-cli", "summarise", "a.epub", "--export", "md,json", "--set", "a=b"]);
        let Command::Summarise(command) = args.unwrap().command else { panic!() };
        assert_eq!(command.running.export, [Format::Md, Format::Json]);
        assert_eq!(command.running.set, [("a".to_owned(), "b".to_owned())]);
    }
}
