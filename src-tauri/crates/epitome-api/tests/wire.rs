//! The window's types are the program's types: the committed TypeScript is what the Rust types say. So are the settings
//! that the window's invented host shows.
//! `EPITOME_UPDATE_WIRE=1 cargo test -p epitome-api --test wire` writes it anew.

use std::path::PathBuf;

#[test]
fn the_committed_types_are_up_to_date() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../ui/src/wire");
    let head = "// Generated from the Rust types by `cargo xtask wire`. Do not edit.\n\n";
    let types = format!("{head}{}", epitome_model::wire::typescript());
    let names = names(&types);
    let commands = epitome_api::typescript();
    let used: Vec<&str> = names.iter().copied().filter(|name| uses(&commands, name)).collect();
    let imports = format!("import type {{ {} }} from './types'\n\n", used.join(", "));
    let commands = format!("{head}{imports}{commands}");
    let rows = serde_json::to_string_pretty(&epitome_api::Settings::default().rows()).unwrap();
    let settings = format!(
        "{head}import type {{ SettingRow }} from './types'\n\n\
         /** Every setting as the program gives it when nobody chose anything; for the invented host. */\n\
         export const settingRows: SettingRow[] = {rows}\n"
    );
    let files = [("types.ts", types.as_str()), ("commands.ts", commands.as_str()), ("settings.ts", settings.as_str())];
    for (file, text) in files {
        let path = folder.join(file);
        if std::env::var_os("EPITOME_UPDATE_WIRE").is_some() {
            std::fs::write(&path, text).unwrap();
        }
        let committed = std::fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(committed == *text, "{file} is stale: run `cargo xtask wire`");
    }
}

fn names(types: &str) -> Vec<&str> {
    types.lines().filter_map(|line| line.strip_prefix("export type ")?.split(' ').next()).collect()
}

fn uses(text: &str, name: &str) -> bool {
    text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == name)
}
