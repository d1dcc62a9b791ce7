//! What a reader changes in the list of sections before a book is added: pure functions from what was read and all
//! changes to a new list. Every list partitions the text as the first one did, so nothing can get lost. For the preview
//! of the window and of the command line.

mod error;
mod paragraphs;
mod pattern;
mod split;

use epitome_model::{Edit, LeftOutReason};

pub use error::EditError;
pub use paragraphs::paragraphs;

use crate::book::{Section, count};
use crate::{limits, outline};

/// The list of sections after all changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edited {
    pub sections: Vec<Section>,
    /// Whether chapters were set by a pattern of the reader's.
    pub by_pattern: bool,
}

/// Makes the list of sections of `text` from what was read and the reader's changes, in their order. A change that
/// cannot be made is an error, and none is made then.
///
/// A pattern looks at every line, which may take long with a bad one: `goes_on` is asked before each line, and where it
/// says no the answer is [`EditError::TooSlow`].
pub fn edited(
    text: &str,
    base: &[Section],
    edits: &[Edit],
    goes_on: &mut dyn FnMut() -> bool,
) -> Result<Edited, EditError> {
    if edits.len() > limits::EDITS {
        return Err(EditError::TooMany);
    }
    let mut sections = base.to_vec();
    let mut by_pattern = false;
    for edit in edits {
        match edit {
            Edit::LeaveOut { sections: places } => {
                for place in places {
                    let section = at(&mut sections, *place)?;
                    section.left_out = section.left_out.or(Some(LeftOutReason::Excluded));
                }
            }
            Edit::PutBack { sections: places } => {
                for place in places {
                    let section = at(&mut sections, *place)?;
                    if text[section.range.clone()].trim().is_empty() {
                        return Err(EditError::NoText(section.title.clone()));
                    }
                    section.left_out = None;
                }
            }
            Edit::Rename { section, title } => {
                if title.trim().is_empty() {
                    return Err(EditError::NoTitle);
                }
                at(&mut sections, *section)?.title = outline::clean_title(title);
            }
            Edit::Merge { section, following } => merge(&mut sections, *section, *following)?,
            Edit::Split { section, at: chars } => {
                let found = at(&mut sections, *section)?;
                let second = split::split(text, found, *chars)?;
                sections.insert(*section as usize + 1, second);
            }
            Edit::Pattern { pattern } => {
                sections = pattern::sections(text, &sections, pattern, goes_on)?;
                by_pattern = true;
            }
        }
        if sections.len() > limits::SECTIONS {
            return Err(EditError::TooManySections);
        }
    }
    if !edits.is_empty() && sections.iter().all(|section| section.left_out.is_some()) {
        return Err(EditError::NothingLeft);
    }
    Ok(Edited { sections, by_pattern })
}

fn at(sections: &mut [Section], place: u32) -> Result<&mut Section, EditError> {
    let sections_there = sections.len();
    sections.get_mut(place as usize).ok_or(EditError::NoSection { place, sections: sections_there })
}

/// Makes one of a section and those that follow it. It has the title of the first of them that is a chapter, and is left
/// out only if all of them are.
fn merge(sections: &mut Vec<Section>, first: u32, following: u32) -> Result<(), EditError> {
    at(sections, first)?;
    let (from, last) = (first as usize, (first as usize).saturating_add(following as usize));
    if following == 0 || last >= sections.len() {
        return Err(EditError::NothingFollows(sections[from].title.clone()));
    }
    let merged = sections.drain(from..=last).collect::<Vec<_>>();
    let named = merged.iter().find(|section| section.left_out.is_none()).unwrap_or(&merged[0]);
    let whole = Section {
        range: merged[0].range.start..merged[merged.len() - 1].range.end,
        chars: merged.iter().map(|section| section.chars).sum(),
        ..named.clone()
    };
    sections.insert(from, whole);
    Ok(())
}

/// A section of `text` with what is at `range`.
fn piece(text: &str, range: std::ops::Range<usize>, title: String, like: &Section) -> Section {
    let inner = &text[range.clone()];
    let blank = inner.trim().is_empty().then_some(LeftOutReason::Blank);
    Section { title, part: like.part.clone(), chars: count(inner), range, left_out: like.left_out.or(blank) }
}

#[cfg(test)]
mod tests;
