//! Why a file is not a book that can be read. For callers of [`crate::read`].

use epitome_model::{ErrorCode, WireError, one_line};

/// Why reading a book failed. `Display` gives a plain sentence about "the file"; [`BookError::for_file`] names it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BookError {
    /// Zero bytes.
    #[error("{}", self.sentence("The file"))]
    Empty,
    /// A readable book without text.
    #[error("{}", self.sentence("The file"))]
    NoText,
    /// A book of pictures of pages, by how few of its pages hold text.
    #[error("{}", self.sentence("The file"))]
    Scanned { pages: usize, with_text: usize },
    /// Binary data of no known kind.
    #[error("{}", self.sentence("The file"))]
    NotABook,
    /// A known format that is not read yet; holds its name with article, such as `a PDF`.
    #[error("{}", self.sentence("The file"))]
    Unsupported(&'static str),
    /// An archive of several books; holds the names of some, as the end of a sentence.
    #[error("{}", self.sentence("The file"))]
    SeveralBooks(String),
    /// Holds what is broken, as the end of a sentence.
    #[error("{}", self.sentence("The file"))]
    Broken(String),
    /// An EPUB whose package lists no readable document.
    #[error("{}", self.sentence("The file"))]
    NoSpine,
    /// Copy protection.
    #[error("{}", self.sentence("The file"))]
    Protected,
    /// Encrypted with a password.
    #[error("{}", self.sentence("The file"))]
    Locked,
    /// Above a limit of [`crate::limits`]; holds which, as the end of a sentence.
    #[error("{}", self.sentence("The file"))]
    TooLarge(String),
    /// The sections do not add up to the text: a fault of ours, refused rather than hidden. Holds bytes.
    #[error("{}", self.sentence("The file"))]
    Ledger { source_bytes: usize, accounted_bytes: usize },
}

impl BookError {
    /// The code a window switches on.
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::Empty | Self::NoText | Self::Scanned { .. } => ErrorCode::BookEmpty,
            Self::NotABook => ErrorCode::NotABook,
            Self::Unsupported(_) => ErrorCode::FormatNotSupported,
            Self::SeveralBooks(_) => ErrorCode::SeveralBooks,
            Self::Broken(_) | Self::NoSpine => ErrorCode::BookBroken,
            Self::Protected | Self::Locked => ErrorCode::BookProtected,
            Self::TooLarge(_) => ErrorCode::BookTooLarge,
            Self::Ledger { .. } => ErrorCode::LedgerMismatch,
        }
    }

    /// What to do about it, in one sentence.
    pub fn hint(&self) -> String {
        match self {
            Self::Empty => "Get the file again: the download or the copy probably did not finish.",
            Self::NoText => "Books of scanned pages or pictures cannot be read; look for an edition with text.",
            Self::NotABook | Self::Unsupported(_) => {
                "Add an EPUB, a PDF, a Word document (DOCX), a Kindle book (MOBI or AZW3), an FB2 book, a web page (HTML), a plain text or a Markdown file instead."
            }
            Self::SeveralBooks(_) => "Unpack it, and add the books one by one.",
            Self::Broken(_) => "Get the book again, or open it in another reader and save a fresh copy.",
            Self::NoSpine => "Repair the book with an EPUB editor, or get another copy of it.",
            Self::Protected => {
                "Use a copy without copy protection, such as the publisher's or shop's DRM-free edition."
            }
            Self::Scanned { .. } => {
                "Make its text readable with a text recognition program (OCR), or look for an edition with text."
            }
            Self::Locked => "Open it in the program that made it, and save a copy without the password.",
            Self::TooLarge(_) => "Split the book, or check that the file is what it claims to be.",
            Self::Ledger { .. } => "Please report this book, with the file if you may share it.",
        }
        .to_owned()
    }

    /// The error as a window or a terminal shows it, naming the file.
    #[must_use]
    pub fn for_file(self, file_name: &str) -> WireError {
        WireError::new(self.code(), self.sentence(&format!("“{file_name}”")), self.hint())
    }

    fn sentence(&self, subject: &str) -> String {
        one_line(&self.words(subject))
    }

    fn words(&self, subject: &str) -> String {
        match self {
            Self::Empty => format!("{subject} is empty (0 bytes)."),
            Self::NoText => format!("{subject} has no text to summarise."),
            Self::NotABook => format!("{subject} is not a book: it holds binary data of an unknown kind."),
            Self::Unsupported(what) if NO_BOOKS.contains(what) => format!("{subject} is {what} and not a book."),
            Self::Unsupported(what) if what.contains("without a book") => format!("{subject} is {what}."),
            Self::Unsupported(what) => format!("{subject} is {what}, which cannot be read yet."),
            Self::SeveralBooks(names) => format!("{subject} holds several books: {names}."),
            Self::Broken(what) => format!("{subject} is damaged: {what}."),
            Self::NoSpine => {
                format!("{subject} is an EPUB that lists no chapters to read (its spine is empty or missing).")
            }
            Self::Protected => format!("{subject} is copy-protected (DRM), so its text cannot be read."),
            Self::Scanned { pages, with_text } => format!(
                "{subject} holds pictures of pages rather than text: {with_text} of its {pages} pages have readable text."
            ),
            Self::Locked => format!("{subject} is locked with a password, so its text cannot be read."),
            Self::TooLarge(what) => format!("{subject} is too large: {what}."),
            Self::Ledger { source_bytes, accounted_bytes } => format!(
                "{subject} was not taken: only {accounted_bytes} of {source_bytes} bytes of its text are in a chapter or a named part."
            ),
        }
    }
}

/// What no version will ever read.
const NO_BOOKS: &[&str] = &["a picture", "a sound file", "a program", "a database"];

/// Unicode scalar values of a name within a sentence.
const NAME: usize = 80;

/// A name that a file gives to one of its parts, in quotes and short enough to be read.
pub(crate) fn quoted(name: &str) -> String {
    let cut: String = name.chars().take(NAME).collect();
    let more = if cut.len() < name.len() { "…" } else { "" };
    format!("“{cut}{more}”")
}

impl From<BookError> for WireError {
    fn from(error: BookError) -> Self {
        Self::new(error.code(), error.to_string(), error.hint())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_names_the_file_and_says_what_to_do() {
        let wire = BookError::Protected.for_file("novel.epub");
        assert_eq!(wire.code, ErrorCode::BookProtected);
        assert_eq!(wire.message, "“novel.epub” is copy-protected (DRM), so its text cannot be read.");
        assert!(wire.hint.starts_with("Use a copy"));
        assert!(BookError::Empty.to_string().starts_with("The file is empty"));
        assert_eq!(BookError::Unsupported("a picture").to_string(), "The file is a picture and not a book.");
        let archive = BookError::Unsupported("a ZIP archive without a book in it").to_string();
        assert_eq!(archive, "The file is a ZIP archive without a book in it.");
    }
}
