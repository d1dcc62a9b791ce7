//! The library: what stands there, reading it, taking it out, writing it to files.

use std::path::Path;

use epitome_model::{
    About, BookCard, BookId, BookView, ChapterText, ErrorCode, ExportFormat, Exported, SectionId, SettingRow, WireError,
};
use epitome_store::views::{self, Outcome};

use crate::settings::{known, value};
use crate::{Api, internal};

impl Api {
    pub(crate) async fn library(&self) -> Result<Vec<BookCard>, WireError> {
        let mut cards = self.read_store(views::shelf).await?;
        for card in &mut cards {
            let board = card.job.and_then(|job| self.runs().get(&job)?.board.clone());
            if let Some(board) = board {
                let (state, reason) = board.standing();
                card.remaining = board.vitals().remaining;
                card.state = Some(state);
                card.reason = reason;
            }
        }
        Ok(cards)
    }

    pub(crate) async fn cover(&self, id: BookId) -> Result<Option<String>, WireError> {
        self.read_store(move |conn| views::cover(conn, id)).await
    }

    /// What came of a book, without its chapters.
    pub async fn outcome(&self, id: BookId) -> Result<Outcome, WireError> {
        self.read_store(move |conn| views::outcome(conn, id)).await?.ok_or_else(no_book)
    }

    /// A book with its chapters. Public, because as JSON a long one takes many times the memory.
    pub async fn book(&self, id: BookId) -> Result<BookView, WireError> {
        let view = self.read_store(move |conn| views::book_view(conn, id)).await?;
        view.ok_or_else(no_book)
    }

    pub(crate) async fn chapter(&self, id: SectionId) -> Result<ChapterText, WireError> {
        let text = self.read_store(move |conn| views::chapter_text(conn, id)).await?.ok_or_else(no_book)?;
        if text.summary.is_none() {
            // The reader looks at a chapter whose summary is still to come: it is the next one, if a job has it.
            self.conductor().front_chapter(id).await;
        }
        Ok(text)
    }

    /// Writes a book's summaries to a file; a folder gets a file named after the book.
    pub async fn export(&self, id: BookId, format: ExportFormat, path: String) -> Result<Exported, WireError> {
        let store = self.store().clone();
        tokio::task::spawn_blocking(move || {
            let book = epitome_export::book(&store, id)?;
            let text = match format {
                ExportFormat::Markdown => epitome_export::markdown(&book),
                ExportFormat::Json => epitome_export::json(&book)?,
            };
            let mut target = Path::new(&path).to_path_buf();
            if target.is_dir() {
                target = target.join(epitome_export::file_name(&book.title, format.ending()));
            }
            epitome_export::write(&target, text.as_bytes())?;
            Ok(Exported { path: target.to_string_lossy().into_owned(), bytes: text.len() as u64 })
        })
        .await
        .map_err(internal)?
    }

    #[allow(clippy::unused_async, reason = "commands are all asynchronous")]
    pub(crate) async fn settings(&self) -> Result<Vec<SettingRow>, WireError> {
        Ok(self.settings_now().rows())
    }

    pub(crate) async fn set(&self, key: String, text: String) -> Result<Vec<SettingRow>, WireError> {
        let knob = known(&key)?;
        let text = text.trim();
        let choice = (!text.is_empty()).then(|| value::check(knob, text)).transpose()?;
        self.change_setting(knob.key, choice.as_deref())?;
        if ["provider.", "ollama.", "openai."].iter().any(|of_servers| knob.key.starts_with(of_servers)) {
            self.look().await;
        }
        Ok(self.settings_now().rows())
    }

    #[allow(clippy::unused_async, reason = "commands are all asynchronous")]
    pub(crate) async fn about(&self) -> Result<About, WireError> {
        let folders = self.folders();
        Ok(About {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            data_folder: folders.data.to_string_lossy().into_owned(),
            settings_file: self.settings_path().to_string_lossy().into_owned(),
            log_folder: folders.logs.to_string_lossy().into_owned(),
        })
    }

    /// Finds a book by its number, its file name, or a part of its title that only one book has.
    pub async fn find_book(&self, words: &str) -> Result<BookCard, WireError> {
        let cards = self.library().await?;
        let lower = words.to_lowercase();
        let exact = cards.iter().find(|card| card.id.to_string() == words || card.file_name == words);
        if let Some(card) = exact {
            return Ok(card.clone());
        }
        let matches: Vec<_> = cards.iter().filter(|card| card.meta.title.to_lowercase().contains(&lower)).collect();
        match matches.as_slice() {
            [one] => Ok((*one).clone()),
            [] => Err(WireError::new(
                ErrorCode::NotFound,
                format!("No book in the library is called \u{201c}{words}\u{201d}."),
                "`epitome-cli status` lists the books.",
            )),
            many => Err(WireError::new(
                ErrorCode::NotFound,
                format!("{} books in the library are called \u{201c}{words}\u{201d}.", many.len()),
                "Name the book by its number; `epitome-cli status` shows them.",
            )),
        }
    }
}

pub(crate) fn no_book() -> WireError {
    WireError::new(ErrorCode::NotFound, "This book is no longer in the library.", "Look at the library again.")
}
