//! Title pages known by their shape: the book's title and little else, before the first chapter. For `find`.

use epitome_model::LeftOutReason;

use crate::outline::{Mark, Role, UNTITLED, letters, next_text};

/// Letters and digits besides the title that a title page has at most: authors, translators, an edition.
const BESIDES: usize = 120;
const NAME: &str = "Title page";

/// `marks` in order, with those of title pages left out; text before the first mark may be one too.
pub fn leave_out(text: &str, mut marks: Vec<Mark>, book_title: &str) -> Vec<Mark> {
    marks.sort_by_key(|mark| mark.at);
    let first = next_text(text, 0);
    if marks.first().is_some_and(|mark| mark.at > first && is_title_page(&text[first..mark.at], book_title)) {
        let role = Role::LeftOut(LeftOutReason::TitlePage);
        marks.insert(0, Mark { at: first, title: NAME.to_owned(), part: None, role });
    }
    for at in 0..marks.len() {
        let Some(end) = marks.get(at + 1).map(|next| next.at) else { break };
        let mark = &mut marks[at];
        match mark.role {
            Role::LeftOut(_) | Role::Boilerplate(_) => {}
            _ if text.get(mark.at..end).is_some_and(|page| is_title_page(page, book_title)) => {
                mark.role = Role::LeftOut(LeftOutReason::TitlePage);
                if mark.title == UNTITLED {
                    NAME.clone_into(&mut mark.title);
                }
            }
            _ if text.get(mark.at..end).is_some_and(|page| page.trim().is_empty()) => {}
            _ => break,
        }
    }
    marks
}

fn is_title_page(page: &str, book_title: &str) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
    let (whole, short) = (plain(book_title), plain(book_title.split([':', ';', '(']).next().unwrap_or_default()));
    let most = BESIDES + whole.len();
    if short.is_empty() || letters(page, most + 1) > most {
        return false;
    }
    // A long title may be spread over the first lines.
    let mut first_lines = String::new();
    page.lines().map(plain).any(|line| {
        first_lines.push_str(&line);
        line == whole || line == short || first_lines == whole
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_page_is_the_title_and_little_else() {
        assert!(is_title_page("Pride and Prejudice\n\nBy Jane Austen.", "Pride and Prejudice"));
        assert!(is_title_page("Ann Author\n\nMOBY-DICK\n\nor, the Whale", "Moby Dick; or, The Whale"));
        assert!(is_title_page("PRIDE\n\nAND PREJUDICE\n\nA novel", "Pride and Prejudice"));
        assert!(!is_title_page("It was late when he came home, and it rained.", "It"));
        assert!(!is_title_page("The Storm\n\nBegan.", "Pride and Prejudice"));
        assert!(!is_title_page(&format!("Emma\n\n{}", "She was handsome. ".repeat(20)), "Emma"));
    }

    #[test]
    fn only_pages_before_the_first_chapter_are_left_out() {
        let prose = "She was handsome, clever, and rich. ".repeat(9);
        let text = format!("Emma\n\nEmma\n\nby J. A.\n\nOne\n\n{prose}\n\nEmma\n\nthe end");
        let at = |what: &str| text.find(what).unwrap_or_default();
        let mark = |at: usize| Mark { at, title: String::new(), part: None, role: Role::Chapter };
        let marks = vec![mark(at("One")), mark(text.rfind("Emma").unwrap_or_default()), mark(6)];
        let roles: Vec<_> = leave_out(&text, marks, "Emma").into_iter().map(|mark| mark.role).collect();
        let title_page = Role::LeftOut(LeftOutReason::TitlePage);
        assert_eq!(roles, [title_page, title_page, Role::Chapter, Role::Chapter]);
    }
}
