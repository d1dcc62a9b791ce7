//! The headless program over the same core as the window. Data goes to stdout, everything else to stderr; it links no
//! window system.

mod args;
mod key;
mod report;
mod status;
mod summarise;

use std::process::ExitCode;

use clap::Parser;
use epitome_model::WireError;

use args::{Args, Command};

/// All done.
const DONE: u8 = 0;
/// Some chapters failed; they are named.
const SOME_FAILED: u8 = 1;
/// Bad use, or input that cannot be read.
const BAD_USE: u8 = 2;

fn main() -> ExitCode {
    if let Some(code) = epitome_api::worker() {
        return code;
    }
    let args = Args::parse();
    start_log();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let outcome = match runtime {
        Ok(runtime) => runtime.block_on(run(&args)),
        Err(error) => Err(anyhow::Error::new(error).context("the program could not start its threads")),
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            report::error(&error, args.json());
            ExitCode::from(BAD_USE)
        }
    }
}

async fn run(args: &Args) -> anyhow::Result<u8> {
    match &args.command {
        Command::Summarise(command) => summarise::summarise(args, command).await,
        Command::Resume(command) => summarise::resume(args, command).await,
        Command::Chapters(command) => status::chapters(args, command).await,
        Command::Status(_) => status::status(args).await,
        Command::Export(command) => status::export(args, command).await,
        Command::Key(command) => key::key(args, command).await,
    }
}

/// Logs go to stderr; `RUST_LOG` says how much, warnings by default.
fn start_log() {
    let filter = tracing_subscriber::EnvFilter::try_from_default_env()
        .unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("error"));
    let log = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    log.init();
}

/// Whether this error is about the use or the input (exit 2); any other one is too, but says so differently.
fn wire(error: &anyhow::Error) -> Option<&WireError> {
    error.downcast_ref::<WireError>()
}
