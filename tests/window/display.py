"""A display without a screen, its pictures, and its mouse and keyboard."""

import ctypes
import ctypes.util
import os
import subprocess

from place import wait

# Room for the larger of the sizes that pictures are taken in.
WIDTH, HEIGHT = 1940, 1100


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


class ClientMessage(ctypes.Structure):
    """XClientMessageEvent, filled up to the size of an XEvent."""

    _fields_ = [
        ("type", ctypes.c_int),
        ("serial", ctypes.c_ulong),
        ("send_event", ctypes.c_int),
        ("display", ctypes.c_void_p),
        ("window", ctypes.c_ulong),
        ("message_type", ctypes.c_ulong),
        ("format", ctypes.c_int),
        ("data", ctypes.c_long * 5),
        ("rest", ctypes.c_long * 24),
    ]


def ask_to_close(title):
    """Asks a window to close, as the button of a window manager does; there is none here, and xdotool only destroys."""
    window = max(windows(title), key=lambda found: box(found)[2] * box(found)[3])
    x11 = ctypes.CDLL(ctypes.util.find_library("X11"))
    x11.XOpenDisplay.restype = ctypes.c_void_p
    x11.XInternAtom.restype = ctypes.c_ulong
    display = ctypes.c_void_p(x11.XOpenDisplay(None))
    atom = [x11.XInternAtom(display, name, 0) for name in (b"WM_PROTOCOLS", b"WM_DELETE_WINDOW")]
    message = ClientMessage(type=33, window=int(window), message_type=atom[0], format=32)
    message.data[0] = atom[1]
    x11.XSendEvent(display, ctypes.c_ulong(int(window)), 0, 0, ctypes.byref(message))
    x11.XCloseDisplay(display)
