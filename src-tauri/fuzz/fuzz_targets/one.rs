//! What all programs here are: a target of `epitome-fuzz`, with its own way of changing inputs.

/// The program of the target of that name.
#[macro_export]
macro_rules! program {
    ($name:literal) => {
        use std::sync::OnceLock;

        use epitome_fuzz::Target;

        fn this() -> &'static Target {
            static THIS: OnceLock<&Target> = OnceLock::new();
            THIS.get_or_init(|| epitome_fuzz::target($name).expect("the target is there"))
        }

        // libFuzzer ends at every panic, but those within an engine of others are caught, and are none of ours.
        fn quiet() {
            let ends = std::panic::take_hook();
            std::panic::set_hook(Box::new(move |panic| {
                let place = panic.location().map_or("", |place| place.file());
                if this().engine.is_none() || place.contains("epitome-") {
                    ends(panic);
                }
            }));
        }

        libfuzzer_sys::fuzz_target!(init: quiet(), |data: &[u8]| {
            (this().check)(data);
        });

        libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
            // Its own changes follow what it has seen; ours keep the outer form.
            if seed % 3 == 0 {
                return libfuzzer_sys::fuzzer_mutate(data, size, max_size);
            }
            let mut changed = epitome_fuzz::mutate(this(), &[], &data[..size], u64::from(seed));
            changed.truncate(max_size);
            data[..changed.len()].copy_from_slice(&changed);
            changed.len()
        });
    };
}
