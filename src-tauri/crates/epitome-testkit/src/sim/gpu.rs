//! How fast the simulated GPU is.

use serde::{Deserialize, Serialize};

/// Aggregate decode gain over one stream, by busy slots; measured ones from PERFORMANCE.md 1.3.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Curve {
    /// llama.cpp on CUDA, 7B Q4 (PR #3776).
    Cuda,
    /// llama.cpp on an M2 Ultra, 4B Q8 (PR #15916).
    Metal,
    /// vLLM, 8B BF16 on an A100: 6.6 at 8; between and beyond by the shape of the RTX 4090 sweep.
    Vllm,
    /// A mixture of experts, 120B on a DGX Spark.
    Moe,
    /// Nothing gained: Ollama 0.30.7 on an M1.
    Flat,
    /// Points of (busy slots, gain), ascending; before them (1, 1).
    Points(Vec<(f64, f64)>),
}

impl Curve {
    /// By name, for command lines.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "cuda" => Self::Cuda,
            "metal" => Self::Metal,
            "vllm" => Self::Vllm,
            "moe" => Self::Moe,
            "flat" => Self::Flat,
            _ => return None,
        })
    }

    /// Gain with `busy` slots: linear between the measured points, level after the last.
    pub fn gain(&self, busy: usize) -> f64 {
        let points: &[(f64, f64)] = match self {
            Self::Cuda => &[(2.0, 1.09), (4.0, 2.08), (8.0, 3.54), (16.0, 4.76), (32.0, 6.27)],
            Self::Metal => &[(2.0, 1.84), (4.0, 2.75)],
            Self::Vllm => &[(2.0, 1.9), (4.0, 3.6), (8.0, 6.6), (16.0, 11.4), (32.0, 17.0)],
            Self::Moe => &[(2.0, 1.36), (4.0, 1.88), (8.0, 2.67), (16.0, 3.80), (32.0, 5.54)],
            Self::Flat => &[],
            Self::Points(points) => points,
        };
        let busy = busy as f64;
        let mut before = (1.0, 1.0);
        for point in points {
            if busy <= point.0 {
                let share = (busy - before.0) / (point.0 - before.0).max(f64::EPSILON);
                return before.1 + share.clamp(0.0, 1.0) * (point.1 - before.1);
            }
            before = *point;
        }
        before.1
    }
}

/// Rates in simulated time. One step of the engine decodes a token in every busy slot and reads up to 512 tokens of
/// one prompt; its time is `t1 * (busy / gain(busy) + kv * tokens held) + prompt tokens / prefill rate`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct GpuModel {
    /// Prompt tokens a second.
    pub prefill_tps: f64,
    /// Tokens a second of one stream alone; `t1` is its inverse.
    pub decode_tps: f64,
    pub curve: Curve,
    /// Slowing by each token held in the cache: 131 kB against 4.9 GB of weights for an 8B model.
    pub kv_per_token: f64,
    /// Milliseconds to load a model.
    pub load_ms: f64,
    /// Bytes; what does not fit spills, and `/api/ps` shows it.
    pub memory: u64,
}

impl Default for GpuModel {
    /// A card of 24 GiB with an 8B model of four bits.
    fn default() -> Self {
        Self {
            prefill_tps: 2_400.0,
            decode_tps: 60.0,
            curve: Curve::Cuda,
            kv_per_token: 2.67e-5,
            load_ms: 2_000.0,
            memory: 24 << 30,
        }
    }
}

impl GpuModel {
    /// Prompt tokens that one step reads at most.
    pub const MICRO_BATCH: usize = 512;

    /// Seconds of one step.
    pub fn step_s(&self, decoding: usize, held: usize, prefill: usize) -> f64 {
        let read = prefill as f64 / self.prefill_tps.max(1.0);
        if decoding == 0 {
            return read;
        }
        let slots = decoding as f64 / self.curve.gain(decoding);
        read + (slots + self.kv_per_token * held as f64) / self.decode_tps.max(0.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_go_through_their_points_and_level_off() {
        let close = |one: f64, other: f64| (one - other).abs() < 1e-9;
        assert!(close(Curve::Cuda.gain(1), 1.0) && close(Curve::Cuda.gain(8), 3.54));
        assert!(close(Curve::Cuda.gain(6), f64::midpoint(2.08, 3.54)));
        assert!(close(Curve::Metal.gain(64), 2.75) && close(Curve::Flat.gain(8), 1.0));
        assert!(close(Curve::Points(vec![(4.0, 4.0)]).gain(2), 2.0));
    }

    #[test]
    fn a_step_slows_with_slots_and_with_the_prompt_beside_it() {
        let gpu = GpuModel { kv_per_token: 0.0, ..GpuModel::default() };
        let alone = gpu.step_s(1, 0, 0);
        assert!((alone - 1.0 / 60.0).abs() < 1e-9);
        assert!(gpu.step_s(4, 0, 0) > alone && gpu.step_s(4, 0, 0) < 4.0 * alone);
        assert!(gpu.step_s(1, 0, 512) > alone + 0.2);
    }
}
