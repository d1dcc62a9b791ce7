"""Tests in the real window, on a display without a screen.

    /usr/bin/python3 tests/window/run.py [--screenshots] [--only NAME]

`--only` runs the tests whose name holds NAME; `--screenshots` only those that take the pictures of every screen.
Pictures, and of every failure the logs, are kept in tests/artifacts. The last line is `N passed, N failed`.
"""

import argparse
import fcntl
import importlib
import os
import shutil
import signal
import sys
import tempfile
import time
import traceback
from pathlib import Path

sys.dont_write_bytecode = True

from app import App  # noqa: E402
from display import Display, picture  # noqa: E402
from place import ARTIFACTS  # noqa: E402

FILES = [
    "test_library",
    "test_palette",
    "test_preview",
    "test_search",
    "test_whole",
    "test_board",
    "test_harm",
    "test_settings",
    "test_keyboard",
    "test_start",
    "test_killed",
    "test_browser",
    "test_screens",
]
SESSION = "EPITOME_WINDOW_SESSION"
# A test that hangs is ended, so that the whole stays bounded.
MOST_SECONDS = 180


class Bench:
    """What a test is given: a folder, and programs that are ended after it."""

    def __init__(self, name, folder):
        self.name = name
        self.folder = Path(folder)
        self.sim_log = self.folder / "sim.log"
        self.app = None
        self.ends = []

    def environment(self):
        """That of a program in this test's home."""
        return App(self.folder).env

    def open(self, *ollama_and_more):
        self.app = App(self.folder, *ollama_and_more)
        return self.app.start()

    def also(self, end):
        """Something else that is to be ended after the test."""
        self.ends.append(end)

    def failed(self):
        """Keeps what is needed to understand a failure."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        try:
            picture(ARTIFACTS / f"failed-{self.name}.png")
        except Exception as error:
            print(f"  no picture: {error}")
        if self.app:
            print(f"  the program {'runs' if self.app.runs() else 'has ended'}")
            self.app.keep_logs(ARTIFACTS, f"failed-{self.name}")

    def end(self):
        if self.app:
            self.app.stop()
        for end in self.ends:
            end()


def too_long(*_):
    raise AssertionError(f"the test took more than {MOST_SECONDS} s")


def run_one(name, test):
    """Whether it passed."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="epitome-window-", ignore_cleanup_errors=True) as folder:
        bench = Bench(name, folder)
        signal.alarm(MOST_SECONDS)
        try:
            test(bench)
            fine = True
        except Exception:
            signal.alarm(0)
            bench.failed()
            traceback.print_exc(file=sys.stdout)
            fine = False
        finally:
            signal.alarm(0)
            bench.end()
    print(f"{'ok    ' if fine else 'FAILED'} {time.monotonic() - begun:5.1f} s  {name}", flush=True)
    return fine


def chosen(options):
    files = ["test_screens"] if options.screenshots else FILES
    for file in files:
        module = importlib.import_module(file)
        for name, test in vars(module).items():
            if name.startswith("test_") and callable(test) and (options.only or "") in name:
                yield name.removeprefix("test_"), test


def main():
    parser = argparse.ArgumentParser(description="Tests in the real window.")
    parser.add_argument("--screenshots", action="store_true", help="only take the pictures of every screen")
    parser.add_argument("--only", metavar="NAME", help="only tests whose name holds NAME")
    options = parser.parse_args()
    # A message bus of its own: the single-instance rule goes by it, and must not meet a running program.
    if SESSION not in os.environ:
        if not shutil.which("dbus-run-session"):
            raise SystemExit("dbus-run-session is missing. Install it: apt-get install dbus")
        os.environ[SESSION] = "1"
        sys.stdout.flush()
        config = f"--config-file={Path(__file__).with_name('session.conf')}"
        os.execvp("dbus-run-session", ["dbus-run-session", config, "--", sys.executable, *sys.argv])
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    # Two runs at a time would write into each other's pictures.
    alone = open(ARTIFACTS / ".lock", "w")
    fcntl.flock(alone, fcntl.LOCK_EX)
    tests = list(chosen(options))
    for old in ARTIFACTS.glob("failed-*"):
        old.unlink()
    signal.signal(signal.SIGALRM, too_long)
    # Ended from outside, it still ends what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    display = Display()
    passed = failed = 0
    try:
        for name, test in tests:
            if run_one(name, test):
                passed += 1
            else:
                failed += 1
    finally:
        display.stop()
    print(f"{passed} passed, {failed} failed")
    # A run that tested nothing did not pass.
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main())
