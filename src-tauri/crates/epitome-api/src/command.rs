//! The one list of commands. The window, the browser host and the command line all go through it, so a command that
//! is added here without an answer, or an answer without a caller's type, does not compile.

use std::collections::BTreeMap;

use epitome_model::{
    About, AddAs, AddPreview, Added, Alert, Board, BookCard, BookId, BookView, ChapterMarks, ChapterText, DiskUse,
    Edit, Estimate, ExportFormat, Exported, Found, History, JobId, KeptAlert, PreviewOutcome, ProviderStatus, SearchIn,
    SectionId, SectionParagraphs, SettingRow, StartJob, Verdict, WireError, Wording, WordsTrial,
};
use serde::{Deserialize, Serialize};
use ts_rs::{Config, TS};

use crate::Api;
use crate::keys::NewKey;

macro_rules! commands {
    ($($(#[$doc:meta])* $name:ident / $variant:ident { $($field:ident : $kind:ty),* $(,)? } -> $reply:ty;)+) => {
        /// A command with its arguments, as it travels: `{"command": "...", "args": {...}}`.
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "command", content = "args", rename_all = "snake_case")]
        pub enum Request {
            $($(#[$doc])* $variant { $($field: $kind),* },)+
        }

        impl Api {
            /// Answers a command with its reply as JSON.
            pub async fn answer(&self, request: Request) -> Result<serde_json::Value, WireError> {
                match request {
                    $(Request::$variant { $($field),* } => {
                        let reply: $reply = Box::pin(self.$name($($field),*)).await?;
                        serde_json::to_value(reply).map_err(crate::internal)
                    })+
                }
            }
        }

        /// The commands as a TypeScript interface: name to arguments and reply.
        pub fn typescript() -> String {
            let config = Config::default();
            let mut text = String::from("export interface Commands {\n");
            $(
                let args: Vec<String> = vec![$(format!("{}: {}", stringify!($field), <$kind as TS>::name(&config))),*];
                text.push_str(&format!(
                    "  {}: {{ args: {{ {} }}; reply: {} }};\n",
                    stringify!($name),
                    args.join("; "),
                    <$reply as TS>::name(&config),
                ));
            )+
            text.push_str("}\n");
            text
        }
    };
}

commands! {
    /// Books on the shelf, newest first.
    library / Library {} -> Vec<BookCard>;
    /// A book's own cover as a `data:` address.
    cover / Cover { book: BookId } -> Option<String>;
    /// The files that dropped paths stand for: a folder stands for the books in it, unless its pages are one book.
    files / Files { paths: Vec<String> } -> Vec<String>;
    /// Reads files and says what they hold; nothing is stored yet.
    preview / Preview { paths: Vec<String> } -> Vec<PreviewOutcome>;
    /// Changes the sections of a preview; `edits` are all of the reader's changes, in their order.
    edit_preview / EditPreview { token: String, edits: Vec<Edit> } -> AddPreview;
    /// What a previewed book would cost with this start.
    estimate / Estimate { token: String, start: StartJob } -> Estimate;
    /// Makes a short test call to tell how fast the model is, and gives the estimate with its time.
    try_speed / TrySpeed { token: String, start: StartJob } -> Estimate;
    /// Paragraphs of a section of a preview, from one of its characters on, for choosing where to split it.
    preview_text / PreviewText { token: String, section: u32, from: u32 } -> SectionParagraphs;
    /// Puts a previewed book into the library and, where asked, starts on it; `how` counts where the library holds an
    /// older version of it.
    add / Add { token: String, start: Option<StartJob>, how: AddAs } -> Added;
    /// Forgets a preview.
    discard / Discard { token: String } -> ();
    /// Adds the sample book and starts on it.
    try_sample / TrySample {} -> Added;
    /// Starts a job for a book.
    start / Start { book: BookId, start: StartJob } -> JobId;
    pause / Pause { job: JobId } -> ();
    resume / Resume { job: JobId } -> ();
    stop / Stop { job: JobId } -> ();
    /// Finishes the chapters that were begun, then stops.
    finish / Finish { job: JobId } -> ();
    /// Puts a chapter, or all of a job, before everything else that waits.
    front / Front { job: JobId, section: Option<SectionId> } -> ();
    /// What a chapter would be asked with these words and, where `ask` is set, what the model answers; nothing is kept.
    try_words / TryWords { section: SectionId, words: Wording, ask: bool } -> WordsTrial;
    /// The whole board of a job.
    board / Board { job: JobId } -> Board;
    /// The figures of a job over the last hours.
    history / History { job: JobId } -> History;
    /// Writes the figures of a job to a file: its charts where the name ends with `.svg`, else all of them as JSON.
    write_figures / WriteFigures { job: JobId, path: String } -> Exported;
    /// A book with its chapters.
    book / Book { book: BookId } -> BookView;
    /// One chapter: summary and source.
    chapter / Chapter { section: SectionId } -> ChapterText;
    /// Looks for words in titles, summaries and the books' own text; in one book where `book` is given, and only in
    /// its chapters up to the number `until`.
    search / Search { words: String, within: SearchIn, book: Option<BookId>, until: Option<u32> } -> Found;
    /// Where words are in the texts of a chapter; in the synopsis, as its summary, where none is given.
    marks / Marks { book: BookId, section: Option<SectionId>, words: String } -> ChapterMarks;
    /// Takes a book and everything made from it out of the library, and stops its jobs. For some minutes it can be
    /// brought back.
    remove / Remove { book: BookId } -> ();
    /// Brings a removed book back and goes on with what was at work on it.
    restore / Restore { book: BookId } -> ();
    /// How a run is judged by the service levels.
    verdict / Verdict { job: JobId } -> Verdict;
    /// Alerts of all jobs that nobody has seen, or that still stand.
    alerts / Alerts {} -> Vec<KeptAlert>;
    /// An alert was seen.
    see_alert / SeeAlert { job: JobId, alert: Alert } -> ();
    /// Writes a book's summaries to a file.
    export / Export { book: BookId, format: ExportFormat, path: String } -> Exported;
    /// Looks for the provider anew.
    provider / Provider {} -> ProviderStatus;
    /// Has the server fetch a model; progress comes over the feed.
    pull / Pull { model: String } -> ();
    cancel_pull / CancelPull {} -> ();
    /// Remembers the key of an OpenAI-compatible server in the system's keyring; an empty one is forgotten. No command
    /// gives it back.
    set_key / SetKey { url: String, key: NewKey } -> ();
    /// Whether there is a key for a server.
    has_key / HasKey { url: String } -> bool;
    settings / Settings {} -> Vec<SettingRow>;
    /// Changes a setting in the settings file; an empty value takes the person's choice back.
    set / Set { key: String, value: String } -> Vec<SettingRow>;
    /// What the window remembers of itself from one start to the next: names and values of its own.
    remembered / Remembered {} -> BTreeMap<String, String>;
    /// Remembers such a thing, in a file beside the library.
    remember / Remember { name: String, value: String } -> ();
    about / About {} -> About;
    /// What the library takes of the disk.
    storage / Storage {} -> DiskUse;
    /// Gives what is unused back to the disk; `put_aside` also deletes damaged libraries that were put aside.
    clean / Clean { put_aside: bool } -> DiskUse;
}
