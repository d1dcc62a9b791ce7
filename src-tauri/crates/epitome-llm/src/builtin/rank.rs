//! Centrality of sentences: continuous LexRank. A sentence counts much when it is like many sentences that count much.

use std::collections::{BTreeMap, HashMap};

/// Chance of a random jump in the walk over the graph; 0.15 as in the paper.
const JUMP: f32 = 0.15;

/// The walk ends when no share moves by more than this, or after so many steps.
const SETTLED: f32 = 1e-5;
const STEPS: usize = 60;

/// A term in more than this share of the sentences joins everything with everything and tells nothing; in a text of few
/// sentences it may be all there is.
const COMMON: f32 = 0.25;
const FEW: usize = 40;

/// A sentence as a vector of weighted terms, scaled to length 1 and sorted by term.
pub type Vector = Vec<(u32, f32)>;

/// TF-IDF vectors; the frequency of a term is counted over the sentences themselves.
pub fn vectors(sentences: &[BTreeMap<String, f32>]) -> Vec<Vector> {
    let mut numbers: HashMap<&str, (u32, f32)> = HashMap::new();
    for terms in sentences {
        for term in terms.keys() {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            numbers.entry(term).or_insert((next, 0.0)).1 += 1.0;
        }
    }
    let all = sentences.len() as f32;
    let most = if sentences.len() > FEW { all * COMMON } else { all };
    let vector = |terms: &BTreeMap<String, f32>| {
        let mut vector: Vector = terms
            .iter()
            .filter_map(|(term, count)| {
                let (number, occurs) = numbers.get(term.as_str()).filter(|(_, occurs)| *occurs <= most)?;
                Some((*number, count * (1.0 + all / occurs).ln()))
            })
            .collect();
        vector.sort_unstable_by_key(|(number, _)| *number);
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt();
        if length > 0.0 {
            for (_, weight) in &mut vector {
                *weight /= length;
            }
        }
        vector
    };
    sentences.iter().map(vector).collect()
}

/// Cosine of two vectors.
pub fn likeness(one: &Vector, other: &Vector) -> f32 {
    let (mut at, mut sum) = (0, 0.0);
    for (number, weight) in one {
        while at < other.len() && other[at].0 < *number {
            at += 1;
        }
        if let Some((found, theirs)) = other.get(at)
            && found == number
        {
            sum += weight * theirs;
        }
    }
    sum
}

/// Share of each sentence in the whole; they add up to 1.
pub fn centrality(vectors: &[Vector]) -> Vec<f32> {
    let count = vectors.len();
    if count == 0 {
        return Vec::new();
    }
    let graph: Vec<Vec<(usize, f32)>> = neighbours(vectors);
    let even = 1.0 / count as f32;
    let mut shares = vec![even; count];
    for _ in 0..STEPS {
        let mut next = vec![JUMP * even; count];
        let mut lost = 0.0;
        for (share, edges) in shares.iter().zip(&graph) {
            if edges.is_empty() {
                lost += share;
            }
            for (to, weight) in edges {
                next[*to] += (1.0 - JUMP) * share * weight;
            }
        }
        // A sentence like no other gives its share to all.
        for share in &mut next {
            *share += (1.0 - JUMP) * lost * even;
        }
        let moved = shares.iter().zip(&next).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
        shares = next;
        if moved < SETTLED {
            break;
        }
    }
    shares
}

/// Edges of each sentence, weights adding up to 1. Found by way of the terms, so sentences with none in common cost
/// nothing.
fn neighbours(vectors: &[Vector]) -> Vec<Vec<(usize, f32)>> {
    let mut places: HashMap<u32, Vec<(usize, f32)>> = HashMap::new();
    for (place, vector) in vectors.iter().enumerate() {
        for (term, weight) in vector {
            places.entry(*term).or_default().push((place, *weight));
        }
    }
    let mut sums = vec![0.0f32; vectors.len()];
    let edges = |(place, vector): (usize, &Vector)| {
        let mut touched = Vec::new();
        for (term, weight) in vector {
            for (other, theirs) in places.get(term).into_iter().flatten() {
                if *other != place {
                    if sums[*other] == 0.0 {
                        touched.push(*other);
                    }
                    sums[*other] += weight * theirs;
                }
            }
        }
        touched.sort_unstable();
        let total: f32 = touched.iter().map(|other| sums[*other]).sum();
        let edges: Vec<_> = touched.iter().map(|other| (*other, sums[*other] / total)).collect();
        for other in touched {
            sums[other] = 0.0;
        }
        edges
    };
    vectors.iter().enumerate().map(edges).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::builtin::sentences::terms;

    #[test]
    fn the_sentence_that_is_like_the_others_is_central() {
        let sentences = ["the cat sat", "the cat sat with the dog", "the dog ran", "nothing whatever alike"];
        let vectors = vectors(&sentences.map(terms));
        let shares = centrality(&vectors);
        let most = (0..4).max_by(|one, other| shares[*one].total_cmp(&shares[*other])).unwrap();
        assert_eq!(most, 1);
        assert!((shares.iter().sum::<f32>() - 1.0).abs() < 0.01);
    }

    #[test]
    fn likeness_is_a_cosine() {
        let vectors = vectors(&["red apples", "red apples", "blue plums"].map(terms));
        assert!((likeness(&vectors[0], &vectors[1]) - 1.0).abs() < 1e-4);
        assert!(likeness(&vectors[0], &vectors[2]).abs() < 1e-6);
    }
}
