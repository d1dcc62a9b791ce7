"""The book of a contest, and what a contestant says when it is done."""

import json
import re
import sys
import time
from pathlib import Path


def chapters(path: str) -> list[str]:
    """Texts of the chapters, each of which begins with a heading of its own line."""
    parts = re.split(r"^Chapter \d+$", Path(path).read_text(encoding="utf-8"), flags=re.MULTILINE)
    return [part.strip() for part in parts[1:]]


def end(summaries: list[str], began: float) -> None:
    """Prints how many summaries there are and the processor time since `began`; fails where one is empty."""
    if not all(summary.strip() for summary in summaries):
        sys.exit("a chapter has no summary")
    print(json.dumps({"chapters": len(summaries), "cpu_s": time.process_time() - began}))
