"""Another program that files are dragged from: a small window without a frame. Used by drag.py.

    dragsource.py X Y FILE...      prints `ready` once it is shown
"""

import sys
from pathlib import Path

import gi

gi.require_version("Gdk", "3.0")
gi.require_version("Gtk", "3.0")
from gi.repository import Gdk, Gtk  # noqa: E402

SIDE = 120


def main():
    x, y, *files = sys.argv[1:]
    addresses = [Path(file).resolve().as_uri() for file in files]
    window = Gtk.Window(type=Gtk.WindowType.TOPLEVEL, title="Files to drag", decorated=False)
    window.set_default_size(SIDE, SIDE)
    window.move(int(x), int(y))
    # Without a window manager, nobody else keeps it above.
    window.set_keep_above(True)
    box = Gtk.EventBox()
    box.drag_source_set(Gdk.ModifierType.BUTTON1_MASK, [], Gdk.DragAction.COPY)
    box.drag_source_add_uri_targets()
    box.connect("drag-data-get", lambda _box, _context, data, _info, _time: data.set_uris(addresses))
    window.add(box)
    window.connect("map-event", lambda *_: print("ready", flush=True))
    window.show_all()
    Gtk.main()


main()
