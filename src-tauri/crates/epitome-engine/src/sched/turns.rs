//! Which chapter has its turn when.

use epitome_model::ChapterOrder;

use crate::plan::Chapter;

/// The order chapters are opened and served in. Places are in reading order.
#[derive(Debug, Default)]
pub(crate) struct Turns {
    /// Place of the chapter whose turn it is; empty in reading order.
    places: Vec<u32>,
    /// Turn of the chapter at a place; empty in reading order.
    turns: Vec<u32>,
}

impl Turns {
    pub fn new(order: ChapterOrder, chapters: &[Chapter]) -> Self {
        let mut places: Vec<u32> = (0u32..).zip(chapters).map(|(place, _)| place).collect();
        let chars = |place: &u32| chapters.get(*place as usize).map_or(0, |chapter| chapter.chars);
        // Stable sorts: chapters of one length stay in reading order.
        match order {
            ChapterOrder::Reading => return Self::default(),
            ChapterOrder::Backwards => places.reverse(),
            ChapterOrder::Shortest => places.sort_by_key(chars),
            ChapterOrder::Longest => places.sort_by_key(|place| std::cmp::Reverse(chars(place))),
        }
        let mut turns = vec![0; places.len()];
        for (turn, place) in (0u32..).zip(&places) {
            if let Some(slot) = turns.get_mut(*place as usize) {
                *slot = turn;
            }
        }
        Self { places, turns }
    }

    /// Place of the chapter whose turn it is.
    pub fn place(&self, turn: usize) -> u32 {
        let reading = || u32::try_from(turn).unwrap_or(u32::MAX);
        self.places.get(turn).copied().unwrap_or_else(reading)
    }

    /// Turn of the chapter at a place.
    pub fn turn(&self, place: u32) -> u32 {
        self.turns.get(place as usize).copied().unwrap_or(place)
    }
}

#[cfg(test)]
mod tests {
    use epitome_model::SectionId;

    use super::*;

    #[test]
    fn each_order_is_a_permutation_and_turns_are_its_inverse() {
        let lengths = [30, 10, 20, 10];
        let chapter = |(place, chars)| Chapter::new(SectionId(1), place, String::new(), chars, None);
        let chapters: Vec<Chapter> = (0u32..).zip(lengths).map(chapter).collect();
        for (order, expected) in [
            (ChapterOrder::Reading, [0, 1, 2, 3]),
            (ChapterOrder::Backwards, [3, 2, 1, 0]),
            (ChapterOrder::Shortest, [1, 3, 2, 0]),
            (ChapterOrder::Longest, [0, 2, 1, 3]),
        ] {
            let turns = Turns::new(order, &chapters);
            assert_eq!([0, 1, 2, 3].map(|turn| turns.place(turn)), expected, "{order:?}");
            for turn in 0..4 {
                assert_eq!(turns.turn(turns.place(turn as usize)), turn, "{order:?}");
            }
        }
    }
}
