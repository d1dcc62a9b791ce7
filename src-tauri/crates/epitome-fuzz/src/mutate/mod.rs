//! Changes to a file. For formats with an outer form (archives, records, objects) the form is taken apart, a part is
//! changed, and the form is put together anew, so that a change reaches what is inside.

mod bytes;
mod palm;
mod pdf;
mod zip;

pub use zip::{items, packed};

use epitome_testkit::Random;

use crate::target::{Shape, Target};

/// Bytes of the largest input; more finds nothing that less does not, but slowly.
pub const LARGEST: usize = 256 << 10;

/// What a change is made from.
pub struct Mutator<'a> {
    pub random: Random,
    /// What the format is full of.
    pub words: &'a [&'a str],
    /// Other inputs of the target, parts of which are taken over.
    pub pool: &'a [Vec<u8>],
}

/// `data` changed, for `target`; the same for the same `seed` and `pool`.
pub fn mutate(target: &Target, pool: &[Vec<u8>], data: &[u8], seed: u64) -> Vec<u8> {
    let mut mutator = Mutator { random: Random::new(seed), words: target.words, pool };
    let mut changed = mutator.change(target.shape, data);
    changed.truncate(LARGEST);
    changed
}

impl Mutator<'_> {
    /// One in so many.
    pub fn one_in(&mut self, times: usize) -> bool {
        self.random.below(times) == 0
    }

    /// `data` changed within its shape, or now and then without regard to it.
    pub fn change(&mut self, shape: Shape, data: &[u8]) -> Vec<u8> {
        let shaped = if self.one_in(8) {
            None
        } else {
            match shape {
                Shape::Bytes => None,
                Shape::Zip => self.zip(data),
                Shape::Packed => self.zip(data).or_else(|| self.gzip(data)),
                Shape::Pdf => self.pdf(data),
                Shape::Palm => self.palm(data),
            }
        };
        shaped.unwrap_or_else(|| self.bytes(data))
    }
}
