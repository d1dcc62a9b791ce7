//! The headless program over the same core as the window. Data goes to stdout, everything else to stderr; it links no
//! window system.

mod args;
mod figures;
mod key;
mod report;
mod search;
mod serve;
mod status;
mod summarise;

use std::process::ExitCode;

use clap::Parser;
use epitome_api::Folders;
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
    start_log(&args);
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
        Command::Search(command) => search::search(args, command).await,
        Command::Export(command) => status::export(args, command).await,
        Command::Report(command) => figures::report(args, command).await,
        Command::Serve(command) => serve::serve(args, command).await,
        Command::Key(command) => key::key(args, command).await,
    }
}

/// Logs go to stderr, errors by default; what stays and is not watched also writes them to files.
fn start_log(args: &Args) {
    let folders = match &args.command {
        Command::Serve(serve) => Folders::find(serve.common.data.as_deref(), |name| std::env::var(name).ok()).ok(),
        _ => None,
    };
    epitome_api::log::start("error", folders.as_ref());
}

/// Whether this error is about the use or the input (exit 2); any other one is too, but says so differently.
fn wire(error: &anyhow::Error) -> Option<&WireError> {
    error.downcast_ref::<WireError>()
}
