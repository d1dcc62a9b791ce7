//! The built-in summariser: no server, no window, the processor's cores.

use std::sync::Arc;

use epitome_engine::Room;
use epitome_engine::ladder::Limit;
use epitome_engine::sched::LaneSpec;
use epitome_llm::{BuiltIn, Provider};
use epitome_model::{Concurrency, JobSettings, ProviderKind};

use super::{LaneHandle, Opened, Tier};

/// Characters it reads at once.
const CHARS: usize = 200_000;

pub(super) fn tier(settings: &JobSettings) -> Opened {
    let provider = BuiltIn::new();
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let limit = match settings.concurrency {
        Concurrency::Fixed(limit) => limit.max(1),
        // Nothing to be found out: it works on the processor.
        Concurrency::Auto => u32::try_from(cores).unwrap_or(1),
    };
    let name = ProviderKind::BuiltIn.name().to_owned();
    let spec = LaneSpec {
        kind: ProviderKind::BuiltIn,
        server: name.clone(),
        model: name,
        window: 0,
        limit: Limit::Fixed(limit),
    };
    let identity = Arc::new(provider.identity().into());
    let lane = LaneHandle { spec, provider: Arc::new(provider), up: true };
    Opened {
        tier: Tier { identity, lanes: vec![lane] },
        window: None,
        kv_bytes_per_token: None,
        room: Room::of(CHARS),
        notes: Vec::new(),
    }
}
