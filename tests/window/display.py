"""A display without a screen, its pictures, and its mouse and keyboard."""

import os
import subprocess

from place import wait

WIDTH, HEIGHT = 1600, 900


class Display:
    """An X server on a free display number; also set in this process's environment."""

    def __init__(self):
        reads, writes = os.pipe()
        screen = f"{WIDTH}x{HEIGHT}x24"
        self.server = subprocess.Popen(
            ["Xvfb", "-displayfd", str(writes), "-screen", "0", screen, "-nolisten", "tcp"],
            pass_fds=[writes],
            stderr=subprocess.DEVNULL,
        )
        os.close(writes)
        with os.fdopen(reads) as pipe:
            number = pipe.readline().strip()
        if not number:
            raise SystemExit("Xvfb did not start.")
        os.environ["DISPLAY"] = f":{number}"
        os.environ.pop("WAYLAND_DISPLAY", None)
        # The bus of the tests has no screen reader to talk to.
        os.environ["NO_AT_BRIDGE"] = "1"

    def stop(self):
        self.server.terminate()
        self.server.wait()


def picture(path, box=None):
    """What the display shows, or a part of it (x, y, width, height), as a PNG."""
    crop = ["-crop", "{2}x{3}+{0}+{1}".format(*box), "+repage"] if box else []
    subprocess.run(["import", "-window", "root", *crop, str(path)], check=True, timeout=30)


def measure(path, expression):
    """A figure of a picture, such as `mean` (brightness, 0 to 1) or its number of colours (`%k`)."""
    what = expression if "%" in expression else f"%[fx:{expression}]"
    command = ["convert", str(path), "-colorspace", "Gray", "-format", what, "info:"]
    return float(subprocess.run(command, check=True, capture_output=True, text=True, timeout=30).stdout)


def xdo(*words, check=True):
    """One command of xdotool; its output without the last line break."""
    words = [str(word) for word in words]
    done = subprocess.run(["xdotool", *words], capture_output=True, text=True, timeout=30)
    if check and done.returncode != 0:
        raise AssertionError(f"xdotool {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.strip()


def windows(title):
    """The windows now shown whose title matches the pattern."""
    found = xdo("search", "--onlyvisible", "--name", title, check=False)
    return found.split()


def window_box(title):
    """Place and size (x, y, width, height) of the window with this title, once it is shown. GTK adds small ones of the
    same name beyond the screen's edge for its drags, so the largest is meant."""
    found = wait(f"a window “{title}” is shown", lambda: windows(title))
    return max((box(window) for window in found), key=lambda found: found[2] * found[3])


def box(window):
    lines = dict(line.split("=") for line in xdo("getwindowgeometry", "--shell", window).splitlines())
    return tuple(int(lines[name]) for name in ("X", "Y", "WIDTH", "HEIGHT"))
