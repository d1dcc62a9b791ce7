//! The simulated Ollama as a program, for trials by hand and for tests of whole programs. Prints its address as one
//! line, and when interrupted what it did.

use std::io::Write;

use anyhow::Context;
use clap::Parser;
use epitome_testkit::{Curve, Faults, Flavour, GpuModel, SimConfig, SimModel, SimOllama};

/// A simulated Ollama: answers are made from the text they are asked about, by no model at all.
#[derive(Parser)]
#[command(name = "epitome-sim", version)]
struct Options {
    /// Port on 127.0.0.1; a free one when 0
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Slots (`OLLAMA_NUM_PARALLEL`)
    #[arg(long, default_value_t = 4)]
    parallel: usize,
    /// A model that the server has; may be given several times
    #[arg(long = "model", default_value = "llama3.1:8b")]
    models: Vec<String>,
    /// Tokens a second that one stream writes alone
    #[arg(long, default_value_t = 60.0)]
    decode_tps: f64,
    /// Prompt tokens a second
    #[arg(long, default_value_t = 2400.0)]
    prefill_tps: f64,
    /// What slots gain together: cuda, metal, vllm, moe or flat
    #[arg(long, default_value = "cuda", value_parser = curve)]
    curve: Curve,
    /// Milliseconds to load a model
    #[arg(long, default_value_t = 2000.0)]
    load_ms: f64,
    /// Real seconds a simulated second: 0.01 is a hundred times faster
    #[arg(long, default_value_t = 1.0)]
    time_scale: f64,
    /// What goes wrong how often, such as `error=0.05,cut=0.02`
    #[arg(long, default_value = "")]
    faults: Faults,
    /// Decides which requests go wrong
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Which server it is: ollama, llama.cpp, vllm or lm-studio
    #[arg(long, default_value = "ollama", value_parser = flavour)]
    flavour: Flavour,
    /// Key without which a server other than Ollama is closed
    #[arg(long)]
    key: Option<String>,
    /// Tokens of the window, where nobody asks for another
    #[arg(long, default_value_t = 4096)]
    window: usize,
    /// Answers without the line that names their text, for pictures
    #[arg(long)]
    plain: bool,
    /// Keep every prompt for `GET /sim/requests`
    #[arg(long)]
    record: bool,
}

fn curve(name: &str) -> Result<Curve, &'static str> {
    Curve::named(name).ok_or("there are cuda, metal, vllm, moe and flat")
}

fn flavour(name: &str) -> Result<Flavour, &'static str> {
    Flavour::named(name).ok_or("there are ollama, llama.cpp, vllm and lm-studio")
}

impl From<Options> for SimConfig {
    fn from(options: Options) -> Self {
        Self {
            port: Some(options.port),
            parallel: options.parallel,
            models: options.models.iter().map(|name| SimModel::named(name)).collect(),
            gpu: GpuModel {
                prefill_tps: options.prefill_tps,
                decode_tps: options.decode_tps,
                curve: options.curve,
                load_ms: options.load_ms,
                ..GpuModel::default()
            },
            time_scale: options.time_scale,
            seed: options.seed,
            faults: options.faults,
            flavour: options.flavour,
            key: options.key,
            default_ctx: options.window,
            marks: !options.plain,
            record_prompts: options.record,
            ..Self::default()
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let options = Options::parse();
    let port = options.port;
    let sim = SimOllama::start(options.into()).await.with_context(|| format!("port {port} cannot be used"))?;
    let mut out = std::io::stdout();
    writeln!(out, "{}", sim.url())?;
    out.flush()?;
    tokio::signal::ctrl_c().await?;
    writeln!(out, "{}", serde_json::to_string_pretty(&sim.stats())?)?;
    Ok(())
}
