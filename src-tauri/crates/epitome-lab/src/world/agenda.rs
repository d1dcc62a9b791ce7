//! What is to happen, by time and then by the order in which it was put down: nothing else decides.

use std::collections::BTreeMap;
use std::time::Duration;

/// Things to come.
#[derive(Debug)]
pub(super) struct Agenda<T> {
    items: BTreeMap<(Duration, u64), T>,
    next: u64,
}

impl<T> Agenda<T> {
    pub fn new() -> Self {
        Self { items: BTreeMap::new(), next: 0 }
    }

    pub fn put(&mut self, at: Duration, item: T) {
        self.items.insert((at, self.next), item);
        self.next += 1;
    }

    /// When the next thing is due.
    pub fn due(&self) -> Option<Duration> {
        self.items.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn pop(&mut self) -> Option<(Duration, T)> {
        self.items.pop_first().map(|((at, _), item)| (at, item))
    }

    /// Forgets what the condition does not hold for.
    pub fn retain(&mut self, mut keep: impl FnMut(&T) -> bool) {
        self.items.retain(|_, item| keep(item));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_due_at_the_same_time_keeps_its_order() {
        let mut agenda = Agenda::new();
        for (second, item) in [(2, 'c'), (1, 'a'), (2, 'd'), (1, 'b'), (0, 'x')] {
            agenda.put(Duration::from_secs(second), item);
        }
        agenda.retain(|item| *item != 'x');
        assert_eq!(agenda.due(), Some(Duration::from_secs(1)));
        let order: String = std::iter::from_fn(|| agenda.pop()).map(|(_, item)| item).collect();
        assert_eq!(order, "abcd");
    }
}
