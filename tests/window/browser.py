"""The window in a browser: `epitome-cli serve`, and WebKit's small browser driven by its driver."""

import os
import subprocess
from pathlib import Path

from app import free_port, listens
from driver import Page
from place import built, missing, wait, webkit_driver

FOLDERS = ["/usr/lib", "/usr/libexec", "/usr/lib64"]


def mini_browser():
    """Part of WebKitGTK itself."""
    for folder in FOLDERS:
        for found in sorted(Path(folder).glob("**/webkit2gtk-4.1/MiniBrowser")):
            return str(found)
    return missing("MiniBrowser", "apt-get install libwebkit2gtk-4.1-0")


class Browser:
    """A server with a home of its own, and a browser that has opened the address it printed."""

    def __init__(self, home, env):
        self.home = Path(home)
        self.env = env
        self.url = None
        self.server = self.driver = None

    def start(self):
        with open(self.home / "serve.log", "ab") as log:
            command = [built("epitome-cli"), "serve", "--addr", "127.0.0.1:0"]
            self.server = subprocess.Popen(command, env=self.env, stdout=subprocess.PIPE, stderr=log, text=True)
        self.url = self.server.stdout.readline().strip()
        if not self.url.startswith("http://127.0.0.1:"):
            raise AssertionError(f"the server printed “{self.url}”: {(self.home / 'serve.log').read_text()}")
        port = free_port()
        with open(self.home / "driver.log", "ab") as log:
            command = [webkit_driver(), f"--port={port}"]
            self.driver = subprocess.Popen(command, env=self.env, stdout=log, stderr=log, start_new_session=True)
        wait("the driver answers", lambda: listens(port))
        options = {"webkitgtk:browserOptions": {"binary": mini_browser(), "args": ["--automation"]}}
        page = Page.begin(f"http://127.0.0.1:{port}", options)
        page.open(self.url)
        page.see("rail-library", 40)
        return page

    def stop(self):
        for process in (self.driver, self.server):
            if process:
                process.terminate()
                process.wait(20)
        self.driver = self.server = None
