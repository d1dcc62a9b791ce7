//! What batching gains.

use std::fmt;

/// Aggregate decode gain over one stream, by sequences in the batch: the measured points of PERFORMANCE.md 1.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// llama.cpp on CUDA, 7B Q4 (pull request 3776): the main one.
    Cuda,
    /// llama.cpp on an M2 Ultra, 4B Q8 (pull request 15916).
    Metal,
    /// vLLM, 8B BF16 on an A100: 6.6 at 8; the other points by the ratios of the RTX 4090 sweep.
    Vllm,
    /// A mixture of experts of 120B on a DGX Spark under vLLM.
    Moe,
    /// Nothing gained: Ollama 0.30.7 on an M1.
    Flat,
}

impl Curve {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Flat, Self::Moe, Self::Metal, Self::Cuda, Self::Vllm];

    /// The name in tables and on command lines.
    pub fn name(self) -> &'static str {
        match self {
            Self::Cuda => "cuda",
            Self::Metal => "metal",
            Self::Vllm => "vllm",
            Self::Moe => "moe",
            Self::Flat => "flat",
        }
    }

    /// The curve of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.name() == name)
    }

    /// Sequences and gain, ascending.
    fn points(self) -> &'static [(f64, f64)] {
        match self {
            Self::Cuda => &[(1.0, 1.0), (2.0, 1.09), (4.0, 2.08), (8.0, 3.54), (16.0, 4.76), (32.0, 6.27)],
            Self::Metal => &[(1.0, 1.0), (2.0, 1.84), (4.0, 2.75)],
            Self::Vllm => &[(1.0, 1.0), (4.0, 3.68), (8.0, 6.6), (16.0, 11.3), (32.0, 17.1)],
            Self::Moe => &[(1.0, 1.0), (2.0, 1.36), (4.0, 1.88), (8.0, 2.67), (16.0, 3.80), (32.0, 5.54)],
            Self::Flat => &[(1.0, 1.0), (2.0, 1.0)],
        }
    }

    /// Gain with `sequences` decoding: between two points, and after the last with the last slope, linear in the
    /// number's logarithm, since the points are powers of two. Never above the number itself.
    pub fn gain(self, sequences: usize) -> f64 {
        let sequences = sequences.max(1) as f64;
        let points = self.points();
        let pair = points.windows(2).find(|pair| matches!(pair, [_, (upper, _)] if sequences <= *upper));
        let Some([(from, low), (to, high)]) = pair.or(points.windows(2).last()) else { return 1.0 };
        let share = (sequences / from).log2() / (to / from).log2();
        (low + share * (high - low)).clamp(1.0, sequences)
    }
}

impl fmt::Display for Curve {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_go_through_their_points_and_on() {
        let table = [
            (Curve::Cuda, 1, 1.0),
            (Curve::Cuda, 2, 1.09),
            (Curve::Cuda, 3, 1.6691),
            (Curve::Cuda, 16, 4.76),
            (Curve::Cuda, 64, 7.78),
            (Curve::Metal, 4, 2.75),
            (Curve::Metal, 8, 3.66),
            (Curve::Vllm, 2, 2.0),
            (Curve::Vllm, 8, 6.6),
            (Curve::Moe, 32, 5.54),
            (Curve::Flat, 64, 1.0),
        ];
        for (curve, sequences, gain) in table {
            assert!((curve.gain(sequences) - gain).abs() < 1e-4, "{curve} {sequences}: {}", curve.gain(sequences));
        }
    }

    #[test]
    fn more_sequences_never_lose() {
        for curve in Curve::ALL {
            assert_eq!(Curve::named(curve.name()), Some(curve));
            assert!((1..100).all(|sequences| curve.gain(sequences) <= curve.gain(sequences + 1)), "{curve}");
        }
    }
}
