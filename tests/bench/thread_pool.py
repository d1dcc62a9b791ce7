"""The first design of this program: a pool of threads that each take a whole chapter: `thread_pool.py BOOK URL MODEL`."""

import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import requests
from book import chapters, end

WORKERS = 3
SIZE = 2000
OVERLAP = 400
# Longer chapters are cut.
THRESHOLD = 5000

# No length is named, so that the simulated model answers with about 80 words.
MAP = "Write a concise summary of the following:\n\n"
REDUCE = "Write a concise summary of the chapter from these summaries of its parts:\n\n"

local = threading.local()


def ask(url: str, model: str, prompt: str) -> str:
    """One call. Its time-out of 60 s is left out, since the server's time runs faster."""
    if not hasattr(local, "session"):
        local.session = requests.Session()
    reply = local.session.post(f"{url}/api/generate", json={"model": model, "prompt": prompt, "stream": False})
    reply.raise_for_status()
    return reply.json()["response"]


def pieces(text: str) -> list[str]:
    """Pieces of a chapter, each with the end of the one before."""
    if len(text) <= THRESHOLD:
        return [text]
    step = SIZE - OVERLAP
    return [text[start : start + SIZE] for start in range(0, len(text) - OVERLAP, step)]


def summarise(url: str, model: str, text: str) -> str:
    """A chapter: its pieces one after another, then their summaries to one."""
    notes = [ask(url, model, MAP + piece) for piece in pieces(text)]
    return notes[0] if len(notes) == 1 else ask(url, model, REDUCE + "\n\n".join(notes))


def main() -> None:
    path, url, model = sys.argv[1:]
    began = time.process_time()
    with ThreadPoolExecutor(max_workers=WORKERS) as pool:
        end(list(pool.map(lambda text: summarise(url, model, text), chapters(path))), began)


if __name__ == "__main__":
    main()
