//! The one list of commands. The window, the browser host and the command line all go through it, so a command that
//! is added here without an answer, or an answer without a caller's type, does not compile.

use epitome_model::{
    About, AddAs, AddPreview, Added, Board, BookCard, BookId, BookView, ChapterText, Edit, ExportFormat, Exported,
    JobId, PreviewOutcome, ProviderStatus, SectionId, SectionParagraphs, SettingRow, StartJob, WireError,
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
    /// The files that dropped paths stand for: a folder stands for the books in it, unless its pages are one book.
    files / Files { paths: Vec<String> } -> Vec<String>;
    /// Reads files and says what they hold; nothing is stored yet.
    preview / Preview { paths: Vec<String> } -> Vec<PreviewOutcome>;
    /// Changes the sections of a preview; `edits` are all of the reader's changes, in their order.
    edit_preview / EditPreview { token: String, edits: Vec<Edit> } -> AddPreview;
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
    /// Puts a chapter, or all of a job, before everything else that waits.
    front / Front { job: JobId, section: Option<SectionId> } -> ();
    /// The whole board of a job.
    board / Board { job: JobId } -> Board;
    /// A book with its chapters.
    book / Book { book: BookId } -> BookView;
    /// One chapter: summary and source.
    chapter / Chapter { section: SectionId } -> ChapterText;
    /// Takes a book and everything made from it out of the library.
    remove / Remove { book: BookId } -> ();
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
    about / About {} -> About;
}
