//! What the machine must have, and getting it.

use anyhow::{Result, bail};

use crate::shell::{command, output, succeed, works};

/// Something of the system that is needed.
pub struct Need {
    /// What it is for, in words.
    pub what: &'static str,
    /// Debian's package.
    pub package: &'static str,
    /// Whether it is there.
    pub there: fn() -> bool,
}

/// To build the window.
const BUILD: [Need; 4] = [
    Need { what: "C compiler and linker", package: "build-essential", there: || works("cc", &["--version"]) },
    Need {
        what: "pkg-config, which finds libraries",
        package: "pkg-config",
        there: || works("pkg-config", &["--version"]),
    },
    Need {
        what: "WebKitGTK 4.1, which draws the window",
        package: "libwebkit2gtk-4.1-dev",
        there: || library("webkit2gtk-4.1"),
    },
    Need { what: "GTK 3, which frames it", package: "libgtk-3-dev", there: || library("gtk+-3.0") },
];

/// To test the window.
const TEST: [Need; 9] = [
    Need { what: "a display without a screen", package: "xvfb", there: || works("sh", &["-c", "command -v Xvfb"]) },
    Need {
        what: "WebKit's driver for tests",
        package: "webkit2gtk-driver",
        there: || works("sh", &["-c", "command -v WebKitWebDriver"]),
    },
    Need { what: "a message bus", package: "dbus", there: || works("sh", &["-c", "command -v dbus-run-session"]) },
    Need {
        what: "mouse and keyboard for tests",
        package: "xdotool",
        there: || works("sh", &["-c", "command -v xdotool"]),
    },
    Need { what: "screenshots", package: "imagemagick", there: || works("sh", &["-c", "command -v import"]) },
    Need {
        what: "GTK for Python, which drags files",
        package: "python3-gi",
        there: || works("/usr/bin/python3", &["-c", "import gi"]),
    },
    Need {
        what: "GTK's description for Python",
        package: "gir1.2-gtk-3.0",
        there: || works("/usr/bin/python3", &["-c", "import gi; gi.require_version('Gtk', '3.0')"]),
    },
    Need { what: "letters of the world's scripts", package: "fonts-noto-core", there: || font("Noto Sans") },
    Need { what: "Chinese and Japanese letters", package: "fonts-noto-cjk", there: || font("Noto Sans CJK JP") },
];

/// Commands to type on systems where nothing is installed by us.
const OTHERS: &str = "  Fedora:   sudo dnf install webkit2gtk4.1-devel gtk3-devel gcc make pkgconf
  Arch:     sudo pacman -S --needed webkit2gtk-4.1 gtk3 base-devel
  openSUSE: sudo zypper install webkit2gtk3-devel gtk3-devel gcc make pkg-config";

fn library(name: &str) -> bool {
    works("pkg-config", &["--exists", name])
}

fn font(name: &str) -> bool {
    output("fc-list", &[name]).is_some_and(|list| !list.is_empty())
}

/// Everything to build the window and its pages.
pub fn for_window() -> Result<()> {
    compiler()?;
    system(&BUILD.iter().collect::<Vec<_>>())?;
    node()
}

/// Everything to run the tests.
pub fn for_tests() -> Result<()> {
    compiler()?;
    system(&BUILD.iter().chain(&TEST).collect::<Vec<_>>())?;
    node()
}

/// What the headless program needs: only a compiler.
pub fn compiler() -> Result<()> {
    if cfg!(target_os = "linux") {
        return system(&[&BUILD[0]]);
    }
    if cfg!(target_os = "macos") && !works("cc", &["--version"]) {
        bail!("The C compiler is missing. Type `xcode-select --install`, then try again.");
    }
    Ok(())
}

/// Installs what is missing of these, on Linux; elsewhere the window comes with the system.
fn system(needs: &[&Need]) -> Result<()> {
    if !cfg!(target_os = "linux") {
        return Ok(());
    }
    let missing: Vec<&&Need> = needs.iter().filter(|need| !(need.there)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    println!("Missing on this machine:");
    for need in &missing {
        println!("  {:<24} {}", need.package, need.what);
    }
    if !works("apt-get", &["--version"]) {
        bail!("Install them with this system's own tool, then try again:\n{OTHERS}");
    }
    let packages: Vec<&str> = missing.iter().map(|need| need.package).collect();
    let root = output("id", &["-u"]).as_deref() == Some("0");
    if !root && !works("sudo", &["--version"]) {
        bail!("Type as root, then try again:\n  apt-get update && apt-get install -y {}", packages.join(" "));
    }
    println!("Installing them with apt-get{}.", if root { "" } else { " (sudo may ask for your password)" });
    let apt = |words: &[&str]| {
        // `sudo` passes no environment on, `env` does.
        let mut all = vec!["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q"];
        all.extend_from_slice(words);
        succeed(&mut if root { command(all[0], &all[1..]) } else { command("sudo", &all) })
    };
    // Old lists still may do; an install that fails says what is wrong.
    let _ = apt(&["update"]);
    let mut install = vec!["install", "-y", "--no-install-recommends"];
    install.extend_from_slice(&packages);
    apt(&install)?;
    match needs.iter().find(|need| !(need.there)()) {
        Some(need) => bail!("{} ({}) is still missing after it was installed.", need.package, need.what),
        None => Ok(()),
    }
}

/// Node and npm are not installed by us: people have their own way of having them.
fn node() -> Result<()> {
    let version = output("node", &["--version"]).unwrap_or_default();
    let major: u32 =
        version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok()).unwrap_or(0);
    if major < 20 {
        let found = if version.is_empty() { "none was found".to_owned() } else { format!("{version} was found") };
        bail!(
            "Node.js 20 or newer is needed for the window's pages; {found}. Get it from https://nodejs.org, then try again."
        );
    }
    let npm = if cfg!(windows) { works("npm", &["--version"]) } else { output("npm", &["--version"]).is_some() };
    if !npm {
        bail!("npm, which comes with Node.js, was not found. Get it from https://nodejs.org, then try again.");
    }
    Ok(())
}
