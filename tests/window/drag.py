"""Dragging files from another program onto a window, as a hand does it."""

import subprocess
import sys
import time
from pathlib import Path

from display import WIDTH, window_box, xdo

HERE = Path(__file__).parent
SIDE = 120  # as in dragsource.py
STEPS = 12
# A hand's pace. GTK only sees a drag in movement spread over time; nothing is asserted by it.
PACE = 0.06


class Drag:
    """Files held over the lower middle of a window; `drop` lets go. Used in a `with` statement."""

    def __init__(self, files, title="^Epitome$"):
        self.files = [str(file) for file in files]
        self.title = title
        self.held = False

    def __enter__(self):
        x, y = WIDTH - SIDE - 20, 300
        command = [sys.executable, str(HERE / "dragsource.py"), str(x), str(y), *self.files]
        self.source = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        if self.source.stdout.readline().strip() != "ready":
            raise AssertionError("the program to drag from did not start")
        left, top, width, height = window_box(self.title)
        begin = (x + SIDE // 2, y + SIDE // 2)
        end = (left + width // 2, top + height * 3 // 4)
        xdo("mousemove", *begin)
        time.sleep(PACE)
        xdo("mousedown", 1)
        self.held = True
        for step in range(1, STEPS + 1):
            time.sleep(PACE)
            xdo("mousemove", *(int(a + (b - a) * step / STEPS) for a, b in zip(begin, end)))
        # Two small movements over the target, since entering and being over it are two messages.
        for nudge in (3, 6):
            time.sleep(PACE)
            xdo("mousemove", end[0] + nudge, end[1])
        return self

    def drop(self):
        xdo("mouseup", 1)
        self.held = False

    def __exit__(self, *_):
        if self.held:
            self.drop()
        # The source hands its data over after the drop, so it must outlive it; killing it here is after the checks.
        self.source.kill()
        self.source.wait()
