//! The list of settings: key, environment variable, range, and the value each profile gives. This table is the
//! reference; the commented file a person edits is written from it.

use epitome_model::Profile;

/// What values a setting takes.
#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Whole {
        min: u32,
        max: u32,
    },
    /// A whole number, or the word `auto`.
    WholeOrAuto {
        min: u32,
        max: u32,
    },
    Decimal {
        min: f32,
        max: f32,
    },
    Choice(&'static [&'static str]),
    /// An address as `OLLAMA_HOST` is written.
    Address,
    /// `10m`, `300s`, `-1` for ever: as Ollama writes it.
    KeepAlive,
    Text,
}

/// One setting.
#[derive(Clone, Copy, Debug)]
pub struct Knob {
    pub key: &'static str,
    pub environment: &'static str,
    pub group: &'static str,
    pub label: &'static str,
    pub help: &'static str,
    pub unit: &'static str,
    pub kind: Kind,
    /// Values of the profiles `baseline`, `track1` and `auto`.
    defaults: [&'static str; 3],
}

impl Knob {
    /// Value under a profile when nobody chose one.
    pub fn default(&self, profile: Profile) -> &'static str {
        let [baseline, track1, auto] = self.defaults;
        match profile {
            Profile::Baseline => baseline,
            Profile::Track1 => track1,
            Profile::Auto => auto,
        }
    }
}

/// The setting of this key.
pub fn knob(key: &str) -> Option<&'static Knob> {
    KNOBS.iter().find(|knob| knob.key == key)
}

const fn all(value: &'static str) -> [&'static str; 3] {
    [value, value, value]
}

/// Every setting, in the order the settings screen shows them.
pub const KNOBS: &[Knob] = &[
    Knob {
        key: "provider.choice",
        environment: "EPITOME_PROVIDER",
        group: "Provider",
        label: "Who writes the summaries",
        help: "auto uses Ollama where it answers and has a model, and the built-in summariser otherwise.",
        unit: "",
        kind: Kind::Choice(&["auto", "ollama", "built-in"]),
        defaults: all("auto"),
    },
    Knob {
        key: "ollama.url",
        environment: "OLLAMA_HOST",
        group: "Provider",
        label: "Address of Ollama",
        help: "Where the Ollama server answers. Text is sent there and nowhere else.",
        unit: "",
        kind: Kind::Address,
        defaults: all("http://127.0.0.1:11434"),
    },
    Knob {
        key: "ollama.model",
        environment: "EPITOME_MODEL",
        group: "Provider",
        label: "Model",
        help: "Name of the model; empty lets the program choose one that is there.",
        unit: "",
        kind: Kind::Text,
        defaults: all(""),
    },
    Knob {
        key: "profile",
        environment: "EPITOME_PROFILE",
        group: "Speed",
        label: "Profile",
        help: "A set of values at once: auto suits itself to model and book; baseline and track1 are the first design and its tuning, for comparison.",
        unit: "",
        kind: Kind::Choice(&["auto", "track1", "baseline"]),
        defaults: all("auto"),
    },
    Knob {
        key: "llm.concurrency",
        environment: "LLM_CONCURRENCY_LIMIT",
        group: "Speed",
        label: "Calls at a time",
        help: "Most calls in flight. A number is obeyed exactly; auto is 4 with Ollama, and one for each core with the built-in summariser.",
        unit: "calls",
        kind: Kind::WholeOrAuto { min: 1, max: 64 },
        defaults: ["3", "4", "auto"],
    },
    Knob {
        key: "summary.language",
        environment: "EPITOME_LANGUAGE",
        group: "Summaries",
        label: "Language",
        help: "Language of the summaries as a tag such as en or pt-BR; empty keeps the book's own.",
        unit: "",
        kind: Kind::Text,
        defaults: all(""),
    },
    Knob {
        key: "llm.temperature",
        environment: "EPITOME_TEMPERATURE",
        group: "Summaries",
        label: "Temperature",
        help: "How freely the model chooses its words; 0 is always the likeliest.",
        unit: "",
        kind: Kind::Decimal { min: 0.0, max: 2.0 },
        defaults: all("0.3"),
    },
    Knob {
        key: "llm.window",
        environment: "EPITOME_WINDOW",
        group: "Window and pieces",
        label: "Window",
        help: "Tokens the model sees at once, the same for a whole job; auto takes the smallest that holds the longest chapter.",
        unit: "tokens",
        kind: Kind::WholeOrAuto { min: 1024, max: 262_144 },
        defaults: all("auto"),
    },
    Knob {
        key: "llm.window_max",
        environment: "EPITOME_WINDOW_MAX",
        group: "Window and pieces",
        label: "Largest window chosen by itself",
        help: "The memory of the card holds this many tokens for each call at a time.",
        unit: "tokens",
        kind: Kind::Whole { min: 1024, max: 262_144 },
        defaults: all("8192"),
    },
    Knob {
        key: "chunk.size",
        environment: "EPITOME_CHUNK_SIZE",
        group: "Window and pieces",
        label: "Piece",
        help: "Longest text one call reads; auto fills the window, so that most chapters are one call.",
        unit: "characters",
        kind: Kind::WholeOrAuto { min: 400, max: 200_000 },
        defaults: ["2000", "3500", "auto"],
    },
    Knob {
        key: "chunk.overlap",
        environment: "EPITOME_CHUNK_OVERLAP",
        group: "Window and pieces",
        label: "Overlap",
        help: "Text shared by neighbouring pieces, where the size of a piece is fixed.",
        unit: "characters",
        kind: Kind::Whole { min: 0, max: 10_000 },
        defaults: ["400", "275", "0"],
    },
    Knob {
        key: "chunk.threshold",
        environment: "EPITOME_CHUNK_THRESHOLD",
        group: "Window and pieces",
        label: "Cut chapters longer than",
        help: "Shorter chapters stay whole, where the size of a piece is fixed.",
        unit: "characters",
        kind: Kind::Whole { min: 400, max: 200_000 },
        defaults: all("5000"),
    },
    Knob {
        key: "llm.keep_alive",
        environment: "EPITOME_KEEP_ALIVE",
        group: "Patience",
        label: "Keep the model loaded",
        help: "How long the server keeps the model after the last call: 10m, 1h, or -1 for ever.",
        unit: "",
        kind: Kind::KeepAlive,
        defaults: all("10m"),
    },
    Knob {
        key: "llm.first_token_s",
        environment: "EPITOME_FIRST_TOKEN_S",
        group: "Patience",
        label: "Wait for the first word",
        help: "Queueing and loading count in, so be generous.",
        unit: "seconds",
        kind: Kind::Whole { min: 1, max: 86_400 },
        defaults: all("900"),
    },
    Knob {
        key: "llm.stall_s",
        environment: "EPITOME_STALL_S",
        group: "Patience",
        label: "Longest silence between words",
        help: "After it the call is given up and tried again.",
        unit: "seconds",
        kind: Kind::Whole { min: 1, max: 3_600 },
        defaults: all("60"),
    },
    Knob {
        key: "llm.attempts",
        environment: "EPITOME_ATTEMPTS",
        group: "Patience",
        label: "Tries of a call",
        help: "After so many failures the chapter is marked as failed and can be tried again later.",
        unit: "tries",
        kind: Kind::Whole { min: 1, max: 20 },
        defaults: all("4"),
    },
    Knob {
        key: "llm.outage_s",
        environment: "EPITOME_OUTAGE_S",
        group: "Patience",
        label: "Wait for a server that is away",
        help: "After it the job stops and says so; 0 waits for ever.",
        unit: "seconds",
        kind: Kind::Whole { min: 0, max: 604_800 },
        defaults: all("0"),
    },
    Knob {
        key: "queue.summary_capacity",
        environment: "EPITOME_SUMMARY_QUEUE",
        group: "Queues",
        label: "Summary queue",
        help: "Calls planned ahead; memory holds their text.",
        unit: "calls",
        kind: Kind::Whole { min: 1, max: 100_000 },
        defaults: ["200", "1000", "1000"],
    },
    Knob {
        key: "queue.write_capacity",
        environment: "EPITOME_WRITE_QUEUE",
        group: "Queues",
        label: "Write queue",
        help: "Results on their way to the disk.",
        unit: "results",
        kind: Kind::Whole { min: 1, max: 100_000 },
        defaults: ["500", "1000", "1000"],
    },
    Knob {
        key: "queue.backpressure_at",
        environment: "EPITOME_BACKPRESSURE_AT",
        group: "Queues",
        label: "Hold back at",
        help: "Depth of the write queue above which no new call is sent.",
        unit: "results",
        kind: Kind::Whole { min: 1, max: 100_000 },
        defaults: ["400", "800", "800"],
    },
    Knob {
        key: "workers.max",
        environment: "EPITOME_WORKERS",
        group: "Queues",
        label: "Workers",
        help: "Never fewer than calls at a time; the rest stand by.",
        unit: "workers",
        kind: Kind::Whole { min: 1, max: 128 },
        defaults: ["3", "8", "8"],
    },
];
