//! Bakes `tauri.conf.json`, the icons and the built user interface into the program, and makes the one command it
//! offers to its pages something that has to be permitted.
#![allow(clippy::print_stdout, reason = "a build script speaks to cargo that way")]

fn main() {
    let commands = tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        println!("cargo::error=the window could not be prepared: {error:#}");
    }
}
