//! Natural order of file names: `chapter-2` before `chapter-10`. For the reader of web pages.

use std::cmp::Ordering;

/// Sorts files by their names, folder by folder.
pub fn sort(files: &mut [(String, Vec<u8>)]) {
    files.sort_by(|(one, _), (two, _)| compare(one, two));
}

/// Compares two paths, written with `/`.
pub fn compare(one: &str, two: &str) -> Ordering {
    let (mut one, mut two) = (one.split('/').peekable(), two.split('/').peekable());
    loop {
        match (one.next(), two.next()) {
            (Some(a), Some(b)) if a == b => {}
            // Files of a folder come before its folders.
            (Some(a), Some(b)) => return one.peek().is_some().cmp(&two.peek().is_some()).then_with(|| natural(a, b)),
            (a, b) => return a.is_some().cmp(&b.is_some()),
        }
    }
}

fn natural(one: &str, two: &str) -> Ordering {
    let (mut one_rest, mut two_rest) = (one, two);
    loop {
        let (Some(a), Some(b)) = (one_rest.chars().next(), two_rest.chars().next()) else {
            return one_rest.len().cmp(&two_rest.len()).then_with(|| one.cmp(two));
        };
        let found = if a.is_ascii_digit() && b.is_ascii_digit() {
            let (number, rest) = digits(one_rest);
            let (other, other_rest) = digits(two_rest);
            (one_rest, two_rest) = (rest, other_rest);
            // Of two numbers without zeros in front, the longer is the larger.
            number.len().cmp(&other.len()).then(number.cmp(other))
        } else {
            (one_rest, two_rest) = (&one_rest[a.len_utf8()..], &two_rest[b.len_utf8()..]);
            a.to_lowercase().cmp(b.to_lowercase())
        };
        if found.is_ne() {
            return found;
        }
    }
}

/// A number in front without its leading zeros, and the rest.
fn digits(text: &str) -> (&str, &str) {
    let (number, rest) = text.split_at(text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len()));
    (number.trim_start_matches('0'), rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_count() {
        let sorted =
            ["a/1.htm", "Chapter 2.html", "chapter 10.html", "chapter 010b.html", "b.txt", "a/10.htm", "a/2.htm"];
        let mut files: Vec<(String, Vec<u8>)> = sorted.iter().map(|name| ((*name).to_owned(), Vec::new())).collect();
        sort(&mut files);
        let names: Vec<_> = files.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(
            names,
            ["b.txt", "Chapter 2.html", "chapter 10.html", "chapter 010b.html", "a/1.htm", "a/2.htm", "a/10.htm"]
        );
    }
}
