//! The documents of a KF8 book: the text holds a skeleton of each, followed by the fragments that belong into it. For the
//! Kindle reader.

use super::files::File;
use super::index::Index;

/// Tags of the two indexes.
const COUNT: u8 = 1;
const GEOMETRY: u8 = 6;
/// How far back a tag's beginning is looked for, in bytes.
const LONGEST_TAG: usize = 4_096;

/// The outer elements of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Skeleton {
    pub start: usize,
    pub length: usize,
    /// Number of fragments that follow it.
    pub fragments: usize,
}

/// A stretch of a document.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// Where it belongs, in bytes of the text with all fragments before it in their places.
    pub insert: usize,
    pub length: usize,
}

pub fn skeletons(index: &Index<'_>) -> Option<Vec<Skeleton>> {
    let skeletons = index.entries.iter().map(|entry| {
        Some(Skeleton {
            start: entry.get(GEOMETRY, 0)?,
            length: entry.get(GEOMETRY, 1)?,
            fragments: entry.get(COUNT, 0)?,
        })
    });
    skeletons.collect()
}

pub fn fragments(index: &Index<'_>) -> Option<Vec<Fragment>> {
    let fragments = index.entries.iter().map(|entry| {
        let insert = std::str::from_utf8(entry.label).ok()?.trim().parse().ok()?;
        Some(Fragment { insert, length: entry.get(GEOMETRY, 1)? })
    });
    fragments.collect()
}

/// The documents, which together hold every byte of the text; `None` if the tables do not fit it.
pub fn files(raw: &[u8], skeletons: &[Skeleton], fragments: &[Fragment]) -> Option<Vec<File>> {
    let mut files: Vec<File> = Vec::with_capacity(skeletons.len());
    let mut fragments = fragments.iter();
    let mut at = 0;
    for skeleton in skeletons {
        let between = raw.get(at..skeleton.start)?;
        match files.last_mut() {
            Some(before) => before.markup.extend_from_slice(between),
            None if between.is_empty() => {}
            None => files.push(File::new(at, between)),
        }
        at = skeleton.start.checked_add(skeleton.length)?;
        let mut rest = raw.get(skeleton.start..at)?;
        let mut markup = Vec::with_capacity(rest.len());
        for fragment in fragments.by_ref().take(skeleton.fragments) {
            let place = fragment.insert.saturating_sub(skeleton.start);
            let (before, after) = rest.split_at(place.saturating_sub(markup.len()).min(rest.len()));
            markup.extend_from_slice(before);
            rest = finish_tag(&mut markup, after);
            let end = at.checked_add(fragment.length)?;
            markup.extend_from_slice(raw.get(at..end)?);
            at = end;
        }
        markup.extend_from_slice(rest);
        files.push(File { start: skeleton.start, markup, ..File::default() });
    }
    files.last_mut()?.markup.extend_from_slice(raw.get(at..)?);
    Some(files)
}

/// Completes a tag that `markup` ends within from `rest`, and returns what remains of it: nothing belongs inside a tag.
fn finish_tag<'a>(markup: &mut Vec<u8>, rest: &'a [u8]) -> &'a [u8] {
    let last = &markup[markup.len().saturating_sub(LONGEST_TAG)..];
    let open = last.iter().rev().find(|byte| matches!(byte, b'<' | b'>')) == Some(&b'<');
    let end = rest.iter().take(LONGEST_TAG).position(|byte| *byte == b'>').filter(|_| open);
    let (tag, rest) = rest.split_at(end.map_or(0, |end| end + 1));
    markup.extend_from_slice(tag);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(raw: &str, skeletons: &[(usize, usize, usize)], fragments: &[(usize, usize)]) -> Option<Vec<String>> {
        let skeletons: Vec<Skeleton> = skeletons
            .iter()
            .map(|(start, length, fragments)| Skeleton { start: *start, length: *length, fragments: *fragments })
            .collect();
        let fragments: Vec<Fragment> =
            fragments.iter().map(|(insert, length)| Fragment { insert: *insert, length: *length }).collect();
        let files = files(raw.as_bytes(), &skeletons, &fragments)?;
        Some(files.into_iter().map(|file| String::from_utf8(file.markup).unwrap()).collect())
    }

    #[test]
    fn fragments_go_into_their_skeletons() {
        let raw = "<b></b>onetwo<i></i>three";
        assert_eq!(
            made(raw, &[(0, 7, 2), (13, 7, 1)], &[(3, 3), (6, 3), (16, 5)]).unwrap(),
            ["<b>onetwo</b>", "<i>three</i>"]
        );
    }

    #[test]
    fn no_byte_is_lost_where_the_tables_are_wrong() {
        let raw = "x<b></b>oneleft<i></i>";
        assert_eq!(made(raw, &[(1, 7, 1), (15, 7, 9)], &[(2, 3)]).unwrap(), ["x", "<b>one</b>left", "<i></i>"]);
        assert_eq!(made("<b></b>one", &[(0, 7, 1)], &[(usize::MAX, 3)]).unwrap(), ["<b></b>one"]);
        assert_eq!(made("<b></b>one", &[(0, 7, 1)], &[(3, 4)]), None);
        assert_eq!(made("<b></b>one", &[(3, usize::MAX, 0)], &[]), None);
        assert_eq!(made("<b></b>one", &[], &[]), None);
    }
}
