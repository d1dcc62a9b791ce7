//! Which call holds which slot of a server, for the lanes of the board.

use std::collections::{BTreeMap, HashMap};

use epitome_engine::sched::{CallNo, ServerNo};

/// A call on its slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    /// Rising with the time of sending.
    pub id: u64,
    pub server: ServerNo,
    pub slot: u32,
}

/// The calls in flight of all jobs.
#[derive(Debug, Default)]
pub(crate) struct Lanes {
    slots: BTreeMap<ServerNo, Vec<bool>>,
    spots: HashMap<CallNo, Spot>,
    last: u64,
}

impl Lanes {
    /// Gives a call the lowest slot of its server that is free.
    pub fn take(&mut self, call: CallNo, server: ServerNo) -> Spot {
        let slots = self.slots.entry(server).or_default();
        let free = slots.iter().position(|taken| !taken).unwrap_or_else(|| {
            slots.push(false);
            slots.len() - 1
        });
        slots[free] = true;
        self.last += 1;
        let spot = Spot { id: self.last, server, slot: u32::try_from(free).unwrap_or(u32::MAX) };
        self.spots.insert(call, spot);
        spot
    }

    /// Frees the slot of a call.
    pub fn leave(&mut self, call: CallNo) -> Option<Spot> {
        let spot = self.spots.remove(&call)?;
        if let Some(slot) = self.slots.get_mut(&spot.server).and_then(|slots| slots.get_mut(spot.slot as usize)) {
            *slot = false;
        }
        Some(spot)
    }

    pub fn spot(&self, call: CallNo) -> Option<Spot> {
        self.spots.get(&call).copied()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lowest_free_slot_is_taken_and_servers_do_not_share() {
        let mut lanes = Lanes::default();
        let [one, other] = [ServerNo(0), ServerNo(1)];
        let slots = [0, 1, 2].map(|call| lanes.take(CallNo(call), one).slot);
        assert_eq!(slots, [0, 1, 2]);
        assert_eq!(lanes.take(CallNo(3), other).slot, 0);
        lanes.leave(CallNo(1));
        assert_eq!(lanes.take(CallNo(4), one), Spot { id: 5, server: one, slot: 1 });
        assert_eq!(lanes.leave(CallNo(1)), None, "a call leaves once");
    }
}
