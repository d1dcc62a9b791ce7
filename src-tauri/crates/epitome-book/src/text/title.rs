//! Title and author of a text that has no header: from its first lines or its file's name. For the text reader.

use epitome_model::BookMeta;

use crate::cut::ends_sentence;
use crate::heading;
use crate::matter;

/// Longest first line that may be a title, in Unicode scalar values.
const LONGEST: usize = 80;
/// Lines in which the author is sought.
const LINES: usize = 8;

/// What the first lines say; an empty title when they say nothing.
pub fn first_lines(body: &str) -> BookMeta {
    let mut meta = BookMeta::default();
    let lines = || body.lines().map(str::trim);
    let Some(first) = lines().find(|line| !line.is_empty()) else { return meta };
    let followed = lines().skip_while(|line| line.is_empty()).nth(1);
    let alone = followed.is_none_or(|next| next.is_empty() || author(next).is_some());
    let title = first.trim_matches(['《', '》', '*', '_', '#', '"', '“', '”', ' ']);
    let title = title.strip_prefix("书名：").or_else(|| title.strip_prefix("Title:")).unwrap_or(title).trim();
    let plain = !ends_sentence(first) && heading::line(first).is_none() && matter::by_title(first).is_none();
    if alone && plain && first.chars().count() <= LONGEST {
        title.clone_into(&mut meta.title);
        let found = lines().filter(|line| !line.is_empty()).take(LINES).find_map(author);
        meta.authors.extend(found.map(str::to_owned));
    }
    meta
}

fn author(line: &str) -> Option<&str> {
    const BEFORE: &[&str] =
        &["by ", "By ", "BY ", "作者：", "作者:", "Author:", "von ", "Von ", "par ", "Par ", "de ", "著者：", "Автор:"];
    let name = BEFORE.iter().find_map(|before| line.strip_prefix(before))?.trim();
    (!name.is_empty() && name.chars().count() <= 60 && !ends_sentence(name)).then_some(name)
}

/// A title from a file's name.
pub fn by_file(file_name: &str) -> String {
    let name = file_name.rsplit(['/', '\\']).next().unwrap_or(file_name);
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let spaced = if stem.contains(' ') { stem.to_owned() } else { stem.replace('_', " ") };
    if spaced.trim().is_empty() { name.to_owned() } else { spaced }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_lines_name_a_book_unless_they_are_text() {
        let meta = first_lines("\n  The Long Road\n\nby A. Walker\n\nChapter 1\n");
        assert_eq!((meta.title.as_str(), meta.authors), ("The Long Road", vec!["A. Walker".to_owned()]));
        assert_eq!(first_lines("It was late.\n\nHe left.").title, "");
        assert_eq!(first_lines("Chapter 1\n\nHe left.").title, "");
        assert_eq!(first_lines("《长路》\n作者：某人\n\n第一章").title, "长路");
        assert_eq!(by_file("dir/long_road.txt"), "long road");
    }
}
