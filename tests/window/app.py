"""The program under test in its real window, with folders of its own."""

import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from display import window_box
from driver import Page
from place import built, tauri_driver, wait, webkit_driver

# Nothing answers there: the discard port.
NOWHERE = "http://127.0.0.1:9"


def free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


class App:
    """A home folder, and the program in it; `start` again after `kill` is the same person starting it again."""

    def __init__(self, home, ollama=NOWHERE, more=None):
        self.home = Path(home)
        self.log = self.home / "app.log"
        self.pid_file = self.home / "app.pid"
        self.driver = None
        self.page = None
        folders = {"EPITOME_DATA": "data", "EPITOME_CONFIG": "config", "HOME": "home"}
        folders |= {"XDG_DATA_HOME": "home/share", "XDG_CONFIG_HOME": "home/config", "XDG_CACHE_HOME": "home/cache"}
        self.env = dict(os.environ)
        for name, folder in folders.items():
            (self.home / folder).mkdir(parents=True, exist_ok=True)
            self.env[name] = str(self.home / folder)
        self.env["OLLAMA_HOST"] = ollama
        self.env.setdefault("RUST_LOG", "info,wry=warn,tao=warn")
        # Pictures without a graphics card.
        self.env |= {"LIBGL_ALWAYS_SOFTWARE": "1", "WEBKIT_DISABLE_DMABUF_RENDERER": "1"}
        self.env |= more or {}
        self.env |= {"LANG": "C.UTF-8", "GTK_USE_PORTAL": "0"}

    def start(self, *files):
        """Opens the window and waits until the page lives."""
        # The driver tells neither the process's number, nor what it wrote, nor how it ended; this does.
        program = self.home / "program"
        named = " ".join(f'"{file}"' for file in files)
        start = f"""sh -c 'date +%s%3N > "{self.pid_file}.began"; echo $$ > "{self.pid_file}"; exec "$@"' start "{built("epitome")}" {named}"""
        program.write_text(f'#!/bin/sh\nexec >> "{self.log}" 2>&1\n{start} "$@"\necho "ended with $?"\n')
        program.chmod(0o755)
        port, native = free_port(), free_port()
        command = [tauri_driver(), "--port", str(port), "--native-port", str(native), "--native-driver", webkit_driver()]
        with open(self.home / "driver.log", "ab") as log:
            self.driver = subprocess.Popen(command, env=self.env, stdout=log, stderr=log, start_new_session=True)
        wait("the drivers answer", lambda: listens(port) and listens(native))
        self.page = Page(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{native}", str(program))
        self.page.see("rail-library", 40)
        return self.page

    def second_start(self, *files):
        """Starts the program once more beside the open window; its exit code."""
        command = [built("epitome"), *map(str, files)]
        with open(self.log, "ab") as log:
            return subprocess.run(command, env=self.env, stdout=log, stderr=log, timeout=30).returncode

    def pid(self):
        """The program's process; none before it has started."""
        return int(self.pid_file.read_text()) if self.pid_file.exists() else None

    def began_ms(self):
        """Unix time in milliseconds at which the program was started."""
        return int(Path(f"{self.pid_file}.began").read_text())

    def runs(self):
        return alive(self.pid())

    def kill(self):
        """Power cut: no clean-up of any kind."""
        os.kill(self.pid(), signal.SIGKILL)
        self.stop()

    def stop(self):
        """Ends driver and program; harmless when they have ended already."""
        if self.driver is None:
            return
        try:
            os.killpg(self.driver.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.driver.wait()
        self.driver, pid = None, self.pid()
        wait("the program has ended", lambda: not alive(pid))

    def forget_page(self):
        """Deletes the page's own storage, as if the web view had not come to write it before the program ended."""
        kept = [folder for folder in (self.home / "home").rglob("*") if folder.name.lower() in ("localstorage", "storage")]
        assert kept, "the web view keeps its storage elsewhere"
        for folder in kept:
            shutil.rmtree(folder, ignore_errors=True)

    def box(self):
        return window_box("^Epitome$")

    def keep_logs(self, folder, name):
        for log in ("app.log", "driver.log", "sim.log"):
            if (self.home / log).exists():
                shutil.copy(self.home / log, Path(folder) / f"{name}.{log}")


def listens(port):
    with socket.socket() as trial:
        return trial.connect_ex(("127.0.0.1", port)) == 0


def alive(pid):
    """Whether a process runs; one that only waits to be collected does not."""
    try:
        return Path(f"/proc/{pid or 'none'}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
