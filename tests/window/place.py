"""Where things lie, and waiting. Used by every file of the window tests."""

import os
import shutil
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ARTIFACTS = ROOT / "tests" / "artifacts"
TARGET = Path(os.environ.get("CARGO_TARGET_DIR") or "target")
TARGET = TARGET if TARGET.is_absolute() else ROOT / TARGET
SAMPLE = ROOT / "src-tauri" / "crates" / "epitome-book" / "sample" / "alice.epub"
FIXTURES = ROOT / "tests" / "fixtures"

# Debian and Fedora differ on whether the driver is on the path.
DRIVER_FOLDERS = ["/usr/bin", "/usr/libexec/webkit2gtk-4.1", "/usr/lib/webkit2gtk-4.1"]


def built(name):
    """A program of this repository, in the profile of the tests; of the window, the one that is named, if any."""
    named = os.environ.get("EPITOME_WINDOW_PROGRAM")
    if named and name == "epitome":
        return named
    path = TARGET / "debug" / name
    if not path.exists():
        raise SystemExit(f"{path} is missing. Build it with `cargo build --workspace --all-targets`.")
    return str(path)


def tauri_driver():
    for folder in [TARGET / "tools", ROOT / "target" / "tools"]:
        if (folder / "bin" / "tauri-driver").exists():
            return str(folder / "bin" / "tauri-driver")
    return shutil.which("tauri-driver") or missing("tauri-driver", "cargo install tauri-driver --version '^2' --locked")


def webkit_driver():
    path = os.pathsep.join([os.environ.get("PATH", ""), *DRIVER_FOLDERS])
    return shutil.which("WebKitWebDriver", path=path) or missing("WebKitWebDriver", "apt-get install webkit2gtk-driver")


def missing(name, command):
    raise SystemExit(f"{name} is missing. Install it: {command}")


def wait(what, check, seconds=20, every=0.05):
    """The first true answer of `check`; fails with `what` in words when none came in time."""
    end = time.monotonic() + seconds
    while True:
        found = check()
        if found:
            return found
        if time.monotonic() > end:
            raise AssertionError(f"waited {seconds} s in vain until {what} (last answer: {found!r})")
        time.sleep(every)
