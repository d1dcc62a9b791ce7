//! Files that the program was started with, that another start handed over, or that the system had it open: kept until
//! the page can be told of them. One path for all systems.

use std::sync::{Mutex, MutexGuard, PoisonError};

/// Kept before the application is open, because a second start may come that early.
#[derive(Default)]
pub struct Handover {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Whether somebody hears what is told now.
    listens: bool,
    waiting: Vec<String>,
}

impl Handover {
    /// Takes files; gives what the page is to be told now, which is nothing while it does not listen.
    pub fn put(&self, paths: Vec<String>) -> Vec<String> {
        let mut inner = self.inner();
        inner.waiting.extend(paths);
        if inner.listens { std::mem::take(&mut inner.waiting) } else { Vec::new() }
    }

    /// The page listens from now on; gives what waited for that.
    pub fn listens(&self) -> Vec<String> {
        let mut inner = self.inner();
        inner.listens = true;
        std::mem::take(&mut inner.waiting)
    }

    /// The page is being loaded, for the first time or anew, and hears nothing until it says so.
    pub fn is_loading(&self) {
        self.inner().listens = false;
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> Vec<String> {
        vec![name.to_owned()]
    }

    #[test]
    fn a_file_is_told_once_and_only_to_a_page_that_listens() {
        let files = Handover::default();
        assert!(files.put(named("/first.epub")).is_empty(), "of the command line, before there is a page");
        assert!(files.put(named("/second.epub")).is_empty(), "of a second start, before the page listens");
        assert_eq!(files.listens(), ["/first.epub", "/second.epub"]);
        assert_eq!(files.put(named("/third.epub")), ["/third.epub"]);
        assert!(files.listens().is_empty(), "told already");
    }

    #[test]
    fn a_file_that_comes_while_the_page_is_loaded_anew_waits_for_it() {
        let files = Handover::default();
        files.listens();
        files.is_loading();
        assert!(files.put(named("/a.epub")).is_empty());
        assert_eq!(files.listens(), ["/a.epub"]);
    }
}
