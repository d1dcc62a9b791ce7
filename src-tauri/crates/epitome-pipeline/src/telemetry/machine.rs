//! What the machine does while jobs run: processors, and the card where its driver tells.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use epitome_model::{Gauge, Machine};
use nvml_wrapper::Nvml;
use sysinfo::System;

/// Time between two looks.
const EVERY: Duration = Duration::from_secs(1);

/// Looks once a second, on a thread of its own that ends with this.
pub(crate) struct Monitor {
    seen: Arc<Mutex<Machine>>,
}

impl Monitor {
    pub fn start() -> Self {
        let seen = Arc::<Mutex<Machine>>::default();
        let weak = Arc::downgrade(&seen);
        // Without it the board has a few figures less.
        if let Err(error) = std::thread::Builder::new().name("monitor".into()).spawn(move || watch(&weak)) {
            tracing::warn!(%error, "the machine is not watched");
        }
        Self { seen }
    }

    pub fn machine(&self) -> Machine {
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn watch(seen: &Weak<Mutex<Machine>>) {
    let mut system = System::new();
    let nvidia = Nvml::init().ok();
    let amd = amd_cards(Path::new("/sys/class/drm"));
    system.refresh_cpu_usage();
    loop {
        std::thread::sleep(EVERY);
        let Some(seen) = seen.upgrade() else { return };
        system.refresh_cpu_usage();
        let card = nvidia.as_ref().and_then(of_nvidia).or_else(|| of_amd(&amd)).unwrap_or_default();
        let machine = Machine { cpu: Some(share(system.global_cpu_usage())), ..card };
        *seen.lock().unwrap_or_else(PoisonError::into_inner) = machine;
    }
}

/// Memory of all cards of this machine in MiB, where a driver tells. Blocks for as long as that takes.
pub fn card_mib() -> Option<u32> {
    let nvidia = Nvml::init().ok();
    let card = nvidia.as_ref().and_then(of_nvidia).or_else(|| of_amd(&amd_cards(Path::new("/sys/class/drm"))));
    Some(card?.gpu_memory?.bound).filter(|mib| *mib > 0)
}

fn share(percent: f32) -> f32 {
    // Whole percents: what changes less is no news for a frame.
    percent.round().clamp(0.0, 100.0) / 100.0
}

fn mebibytes(bytes: u64) -> u32 {
    u32::try_from(bytes >> 20).unwrap_or(u32::MAX)
}

fn of_nvidia(nvml: &Nvml) -> Option<Machine> {
    let (mut busy, mut memory) = (None::<f32>, Gauge::default());
    for at in 0..nvml.device_count().ok()? {
        let Ok(card) = nvml.device_by_index(at) else { continue };
        if let Ok(used) = card.utilization_rates() {
            busy = Some(busy.unwrap_or_default().max(used.gpu as f32));
        }
        if let Ok(info) = card.memory_info() {
            memory.value += mebibytes(info.used);
            memory.bound += mebibytes(info.total);
        }
    }
    (memory.bound > 0 || busy.is_some()).then(|| Machine {
        cpu: None,
        gpu: busy.map(share),
        gpu_memory: (memory.bound > 0).then_some(memory),
    })
}

/// Folders of the cards whose driver writes its figures into files (amdgpu).
fn amd_cards(drm: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(drm).into_iter().flatten().flatten();
    let mut cards: Vec<PathBuf> = entries.map(|entry| entry.path().join("device")).collect();
    cards.retain(|card| card.join("gpu_busy_percent").is_file());
    cards.sort();
    cards
}

fn of_amd(cards: &[PathBuf]) -> Option<Machine> {
    let number =
        |card: &Path, name: &str| -> Option<u64> { std::fs::read_to_string(card.join(name)).ok()?.trim().parse().ok() };
    let busy = cards.iter().filter_map(|card| number(card, "gpu_busy_percent")).max()?;
    let sum = |name: &str| cards.iter().filter_map(|card| number(card, name)).map(mebibytes).sum();
    let memory = Gauge { value: sum("mem_info_vram_used"), bound: sum("mem_info_vram_total") };
    Some(Machine { cpu: None, gpu: Some(share(busy as f32)), gpu_memory: (memory.bound > 0).then_some(memory) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cards_tell_by_files_and_what_is_no_card_is_passed_over() {
        let drm = tempfile::tempdir().unwrap();
        for (card, busy, used) in [("card0", "37\n", 1_u64 << 30), ("card1", "81\n", 2 << 30)] {
            let device = drm.path().join(card).join("device");
            std::fs::create_dir_all(&device).unwrap();
            std::fs::write(device.join("gpu_busy_percent"), busy).unwrap();
            std::fs::write(device.join("mem_info_vram_used"), used.to_string()).unwrap();
            std::fs::write(device.join("mem_info_vram_total"), (8_u64 << 30).to_string()).unwrap();
        }
        std::fs::create_dir_all(drm.path().join("card1-HDMI-A-1")).unwrap();
        let cards = amd_cards(drm.path());
        assert_eq!(cards.len(), 2);
        let machine = of_amd(&cards).unwrap();
        assert_eq!(machine.gpu, Some(0.81));
        assert_eq!(machine.gpu_memory, Some(Gauge { value: 3_072, bound: 16_384 }));
        std::fs::write(cards[1].join("gpu_busy_percent"), "not a number").unwrap();
        assert_eq!(of_amd(&cards).unwrap().gpu, Some(0.37));
        assert_eq!(of_amd(&[]), None);
    }

    #[test]
    fn the_processors_are_seen_within_a_few_seconds() {
        let monitor = Monitor::start();
        let until = std::time::Instant::now() + Duration::from_secs(20);
        while monitor.machine().cpu.is_none() {
            assert!(std::time::Instant::now() < until, "nothing seen");
            std::thread::sleep(Duration::from_millis(50));
        }
        assert!((0.0..=1.0).contains(&monitor.machine().cpu.unwrap()));
    }
}
