"""Our reader against others, on the same books: `books.py PROGRAM FOLDER TRUTH`.

A truth file has lines `FILE CHAPTERS`, and what follows a `#` is for people. Prints a line of JSON for each figure, as the table has them.
"""

import collections
import functools
import json
import os
import re
import subprocess
import sys
import tempfile
import unicodedata
from pathlib import Path

# The best of so many runs.
RUNS = 3
# Least F1 of single words and of pairs of words (PARSING.md, the goals).
WORDS, PAIRS = 0.99, 0.97
# Our speed in times theirs, and our memory for a novel of 3 million characters.
TIMES, MEMORY_MB = 20, 60
TEXT_MB_S, CUT_MS = 50, 50

PEERS = {
    ".epub": "ebooklib and BeautifulSoup",
    ".docx": "python-docx",
    ".mobi": "KindleUnpack",
    ".azw3": "KindleUnpack",
    ".fb2": "lxml",
    ".pdf": "pdftotext",
}


def row(what: str, measured: float, unit: str, target: str = "", met: bool = True) -> None:
    print(json.dumps({"goal": "B", "what": what, "measured": measured, "unit": unit, "target": target, "met": met}))
    sys.stdout.flush()


def run(words: list[str], runs: int = RUNS) -> tuple[str, float, float]:
    """What a program says, its processor seconds with its children's, and its most memory in MB; the best of some runs."""
    best = None
    for _ in range(runs):
        with tempfile.TemporaryFile() as out:
            process = subprocess.Popen(words, stdout=out, stderr=subprocess.DEVNULL)
            _, status, used = os.wait4(process.pid, 0)
            out.seek(0)
            said = out.read().decode()
        if status != 0:
            raise RuntimeError(f"{Path(words[0]).name} failed")
        spent = used.ru_utime + used.ru_stime
        if best is None or spent < best[1]:
            best = (said, spent, used.ru_maxrss / 1e3)
    return best


def tokens(text: str) -> list[str]:
    """Words without marks, each Chinese, Japanese or Korean character by itself."""
    text = unicodedata.normalize("NFKC", text).lower()
    return re.findall(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]|[^\W_\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]+", text)


def f1(ours: list, theirs: list) -> float:
    ours, theirs = collections.Counter(ours), collections.Counter(theirs)
    both = sum((ours & theirs).values())
    return 2 * both / max(ours.total() + theirs.total(), 1)


def pairs(words: list[str]) -> list[tuple[str, str]]:
    return list(zip(words, words[1:]))


@functools.cache
def works(program: str) -> bool:
    return subprocess.run(["which", program], capture_output=True, check=False).returncode == 0


def read(program: str, book: Path) -> tuple[dict, float, float]:
    said, _, _ = run([program, "read", str(book)], 1)
    _, spent, memory = run([program, "time", str(book)])
    return json.loads(said), spent, memory


def compare(program: str, book: Path) -> list[str] | None:
    """The figures of one book; its chapters' titles, where it could be read."""
    found, spent, memory = read(program, book)
    if "error" in found:
        row(f"{book.name}: {found['error']}", 0, "", "read", False)
        return None
    name, kind = book.name, book.suffix.lower()
    text = "\n".join(section["text"] for section in found["sections"])
    chapters = [section["title"] for section in found["sections"] if not section["left_out"]]
    size = book.stat().st_size / 1e6
    row(f"{name}: {len(text):,} characters, {len(chapters)} chapters by {found['method']}", spent * 1e3, "ms of processor")
    if kind == ".txt" and size >= 1:
        row(f"{name}: speed, start of the processes included", size / spent, "MB/s", f">= {TEXT_MB_S}", size / spent >= TEXT_MB_S)
    if kind == ".epub" and len(text) > 3_000_000:
        row(f"{name}: memory", memory, "MB", f"<= {MEMORY_MB}", memory <= MEMORY_MB)
    if kind not in PEERS or (kind == ".pdf" and not works("pdftotext")):
        return chapters
    try:
        said, _, _ = run([sys.executable, str(Path(__file__).with_name("books_peer.py")), str(book)])
    except RuntimeError:
        row(f"{name}: {PEERS[kind]} cannot read it", 0, "")
        return chapters
    peer = json.loads(said)
    ours, theirs = tokens(text), tokens(peer["text"])
    words = f1(ours, theirs)
    row(f"{name}: words as {PEERS[kind]} has them", words, "F1", f">= {WORDS}", words >= WORDS)
    if kind == ".pdf":
        same = f1(pairs(ours), pairs(theirs))
        row(f"{name}: pairs of words", same, "F1", f">= {PAIRS}", same >= PAIRS)
    if kind == ".epub":
        times = peer["cpu_s"] / spent
        row(f"{name}: times as fast as {PEERS[kind]}", times, "ratio", f">= {TIMES}", times >= TIMES)
    return chapters


def main() -> None:
    program, folder, truth = sys.argv[1:]
    books = sorted(path for path in Path(folder).iterdir() if path.suffix.lower() in {*PEERS, ".txt"})
    lines = (line.partition("#")[0].strip() for line in Path(truth).read_text("utf-8").splitlines())
    right = dict(line.rsplit(None, 1) for line in lines if line)
    of_stem = collections.defaultdict(dict)
    for book in books:
        chapters = compare(program, book)
        if chapters is None:
            continue
        # A PDF's and a text's headings are not the contents of the other formats.
        if book.suffix.lower() not in {".pdf", ".txt"}:
            of_stem[book.stem][book.suffix] = chapters
        if book.name in right:
            wanted = int(right[book.name])
            row(f"{book.name}: chapters", len(chapters), "", f"= {wanted}", len(chapters) == wanted)
    for stem, formats in of_stem.items():
        if len(formats) > 1:
            titles = {tuple(" ".join(tokens(title)) for title in chapters) for chapters in formats.values()}
            most = max(map(len, titles))
            row(f"{stem}: the same chapters by title from {', '.join(formats)}", most, "", "the same", len(titles) == 1)
    longest = max(books, key=lambda book: book.stat().st_size if book.suffix == ".epub" else 0, default=None)
    if longest and longest.suffix == ".epub":
        said, _, _ = run([program, "cut", str(longest)])
        cut = json.loads(said)
        # As long as for three million characters.
        ms = cut["ms"] * 3e6 / max(cut["chars"], 1)
        row(f"{longest.name}: cutting 3 M characters", ms, "ms", f"<= {CUT_MS}", ms <= CUT_MS)


if __name__ == "__main__":
    main()
