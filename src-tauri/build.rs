//! Bakes `tauri.conf.json`, the icons and the built user interface into the program, and makes the one command it
//! offers to its pages something that has to be permitted.

fn main() {
    let commands = tauri_build::AppManifest::new().permissions_path_pattern("src-tauri/permissions/*.toml");
    let attributes = tauri_build::Attributes::new().app_manifest(commands);
    if let Err(error) = tauri_build::try_build(attributes) {
        eprintln!("the window could not be prepared: {error:#}");
        std::process::exit(1);
    }
}
