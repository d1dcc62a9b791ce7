"""How smooth the real window is: `measure.py [--seconds N] [--only NAME]`, a JSON object a line for each figure, with its
goal and verdict where it has one, and how many were met at the end.

A frame's time is from the start of its animation callback to the first task after it has been drawn; a block is how much
later than due a timer came that fires every few milliseconds. Both are of the page's own thread, so they say what the
page costs there, whatever draws it.
"""

import argparse
import json
import os
import shutil
import sys
import tempfile
import time
from pathlib import Path

sys.dont_write_bytecode = True

from app import App  # noqa: E402
from display import Display  # noqa: E402
from place import wait  # noqa: E402
from sim import Sim  # noqa: E402

SESSION = "EPITOME_WINDOW_SESSION"

METER = """
const meter = { frames: [], blocks: [], on: true }
window.__meter = meter
const after = new MessageChannel()
let begun = 0
after.port1.onmessage = () => meter.frames.push(performance.now() - begun)
const frame = () => {
  if (!meter.on) return
  begun = performance.now()
  after.port2.postMessage(0)
  requestAnimationFrame(frame)
}
requestAnimationFrame(frame)
const EVERY = 4
let last = performance.now()
const timer = setInterval(() => {
  const now = performance.now()
  meter.blocks.push(now - last - EVERY)
  last = now
  if (!meter.on) clearInterval(timer)
}, EVERY)
"""

READ = """
const { frames, blocks } = window.__meter
window.__meter.on = false
const sorted = (list) => [...list].sort((one, two) => one - two)
const at = (list, share) => list[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0
const [f, b] = [sorted(frames), sorted(blocks)]
return { frames: f.length, p50: at(f, 0.5), p95: at(f, 0.95), p99: at(f, 0.99), longest: b.at(-1) ?? 0,
         long: b.filter((ms) => ms > 50).length }
"""

# Seconds of frames that tell enough.
METERED = 30

SENTENCE = "In the year {year} the travellers of company {chapter} crossed the river number {year} and rested there. "


MET = []


def tell(figure, value, unit, most=None):
    row = {"figure": figure, "value": round(value, 3), "unit": unit}
    if most is not None:
        MET.append(value <= most)
        row |= {"most": most, "verdict": "met" if MET[-1] else "MISSED"}
    print(json.dumps(row), flush=True)


def book(path, chapters, sentences):
    with open(path, "w", encoding="utf-8") as out:
        out.write("The Long Road\n\n\n")
        for chapter in range(1, chapters + 1):
            out.write(f"Chapter {chapter}\n\n")
            for year in range(sentences):
                out.write(SENTENCE.format(year=year, chapter=chapter))
                out.write("\n\n" if year % 8 == 7 else "")
            out.write("\n\n\n")
    return path


def metered(page, name, seconds):
    """Frames and blocks over some seconds of whatever the page does."""
    page.run(METER)
    time.sleep(seconds)
    told(page.run(READ), name)


def told(found, name):
    tell(f"{name}: time of a frame, 95th percentile", found["p95"], "ms", 16)
    tell(f"{name}: time of a frame, median", found["p50"], "ms")
    tell(f"{name}: longest block of the page", found["longest"], "ms", 50)
    tell(f"{name}: blocks over 50 ms", found["long"], "blocks")


def memory(app):
    """MiB that the program and the processes it started hold for themselves: files that other programs have mapped too
    would count by how many those are."""
    parents = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError):
                continue
    tree, grows = {app.pid()}, True
    while grows:
        more = {pid for pid, parent in parents.items() if parent in tree} - tree
        tree, grows = tree | more, bool(more)
    total = 0
    for pid in tree:
        try:
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss_Anon:"))
    return total / 1024


def run_of(folder, chapters, sentences, scale, seconds):
    """A run of a book of so many chapters, watched on its board."""
    name = f"a run of {chapters} chapters"
    home = Path(folder)
    with Sim(home / "sim.log", scale) as sim:
        app = App(home, sim.address)
        try:
            page = app.start(book(home / "road.txt", chapters, sentences))
            page.click("preview-start", 60)
            page.see("chapter-grid", 60)
            page.click("charts-all")
            page.see("stages", 60)
            time.sleep(10)
            # By itself, because what meters the frames fills memory too. Flat is what a garbage collector leaves lying
            # between two of its runs, and no more for a longer time.
            before = memory(app)
            time.sleep(seconds)
            tell(f"{name}: memory of all processes at the start", before, "MiB")
            tell(f"{name}: growth of it in {seconds} s", memory(app) - before, "MiB", 32)
            metered(page, name, min(seconds, METERED))
            tell(f"{name}: calls answered meanwhile", sim.stats()["finished"], "calls")
            state = page.state("job-state")
            if state not in ("running", "done"):
                raise AssertionError(f"the job is {state}")
        finally:
            app.stop()


def run_385(folder, seconds):
    # So slow that the run outlasts the watching: at a scale of 1 it takes about 830 s.
    run_of(folder, 385, 60, (seconds + METERED + 30) / 830, seconds)


def run_10000(folder, seconds):
    run_of(folder, 10_000, 16, 0.001, seconds)


def library_500(folder, _seconds):
    """Five hundred books dropped as a folder: read, offered and added."""
    home = Path(folder)
    books = home / "books"
    books.mkdir()
    for number in range(500):
        book(books / f"book {number:03}.txt", 30, 60 + number % 40)
        text = (books / f"book {number:03}.txt").read_text()
        (books / f"book {number:03}.txt").write_text(text.replace("The Long Road", f"The Road Number {number}", 1))
    size = sum(file.stat().st_size for file in books.iterdir())
    app = App(home)
    try:
        page = app.start()
        begun = time.monotonic()
        page.run(METER)
        app.second_start(books)
        page.see("preview-add", 60)
        wait("all are read", lambda: not page.all("preview-add")[0]["disabled"], 300, 0.5)
        read = time.monotonic() - begun
        page.click("preview-add", 60)
        wait("all are added", lambda: not page.has("preview"), 300, 0.5)
        added = time.monotonic() - begun
        told(page.run(READ), "500 books")
        tell("500 books: read and offered", read, "s")
        tell("500 books: in the library", added, "s")
        tell("500 books: their size", size / 1e6, "MB")
        tell("500 books: memory of all processes", memory(app), "MiB")
        page.see("book-card", 60)
        metered(page, "a library of 500 books at rest", 5)
    finally:
        app.stop()


PAINT = """const paint = performance.getEntriesByType('paint').find((one) => one.name === 'first-contentful-paint')
return paint ? performance.timeOrigin + paint.startTime : null"""


def start(folder, _seconds):
    """From the start of the program to the first picture of its page, several times; the first is with cold files."""
    taken = []
    for at in range(6):
        home = Path(folder) / str(at)
        home.mkdir()
        app = App(home)
        try:
            page = app.start()
            taken.append(wait("the page is painted", lambda: page.run(PAINT), 20) - app.began_ms())
        finally:
            app.stop()
    tell("start to the first paint, the first time", taken[0], "ms")
    tell("start to the first paint, median of the others", sorted(taken[1:])[len(taken[1:]) // 2], "ms", 500)


PARTS = {"start": start, "run-385": run_385, "run-10000": run_10000, "library-500": library_500}


def main():
    parser = argparse.ArgumentParser(description="How smooth the real window is.")
    parser.add_argument("--seconds", type=int, default=30, help="how long each run is watched")
    parser.add_argument("--only", metavar="NAME", choices=PARTS, help=f"one of {', '.join(PARTS)}")
    options = parser.parse_args()
    if SESSION not in os.environ:
        if not shutil.which("dbus-run-session"):
            raise SystemExit("dbus-run-session is missing. Install it: apt-get install dbus")
        os.environ[SESSION] = "1"
        config = f"--config-file={Path(__file__).with_name('session.conf')}"
        os.execvp("dbus-run-session", ["dbus-run-session", config, "--", sys.executable, *sys.argv])
    display = Display()
    try:
        for name, part in PARTS.items():
            if options.only in (None, name):
                with tempfile.TemporaryDirectory(prefix="epitome-measure-", ignore_cleanup_errors=True) as folder:
                    part(folder, options.seconds)
    finally:
        display.stop()
    print(f"{sum(MET)} met, {len(MET) - sum(MET)} missed")
    return 0 if all(MET) else 1


if __name__ == "__main__":
    sys.exit(main())
