//! The book that the empty library offers: *Alice's Adventures in Wonderland*, in the public domain; see
//! `sample/README.md` for its source. For the programs that offer it.

/// The sample book, an EPUB.
pub const SAMPLE: &[u8] = include_bytes!("../sample/alice.epub");

/// File name of the sample book.
pub const SAMPLE_NAME: &str = "Alice’s Adventures in Wonderland.epub";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sample_has_its_twelve_chapters() {
        let book = crate::read(SAMPLE, SAMPLE_NAME).unwrap();
        assert_eq!(book.meta.title, "Alice’s Adventures in Wonderland");
        assert_eq!(book.meta.authors, ["Lewis Carroll"]);
        assert_eq!(book.meta.language.as_deref(), Some("en"));
        assert_eq!(book.method, epitome_model::ChapterMethod::Navigation);
        let titles: Vec<_> = book.chapters().map(|(_, _, section)| section.title.as_str()).collect();
        assert_eq!((titles.len(), titles[0], titles[11]), (12, "I. Down the Rabbit-Hole", "XII. Alice’s Evidence"));
        assert!(book.cover.is_some());
    }
}
