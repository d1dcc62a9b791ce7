//! Why a PDF could not be read. For callers of this crate.

/// Why an engine gave nothing. `Display` gives the end of a sentence about the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PdfError {
    /// It opens only with a password, or its encryption is of an unknown kind.
    #[error("it opens only with a password")]
    Password,
    /// Pages that it says it has are not there.
    #[error("only {found} of its {declared} pages are there, so it was probably cut short")]
    Incomplete { found: usize, declared: usize },
    /// It has no pages.
    #[error("it has no pages")]
    NoPages,
    /// Above a limit of this crate; holds which, as the end of a sentence.
    #[error("{0}")]
    TooLarge(String),
    /// Its structure cannot be followed.
    #[error("its structure cannot be read")]
    Broken,
    /// The engine failed on it.
    #[error("its structure makes the reader fail")]
    Panic,
}
