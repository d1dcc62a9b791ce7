"""The simulated Ollama as a process."""

import subprocess

from driver import request
from place import built

MODEL = "llama3.1:8b"
# Calls that it works on at a time.
PARALLEL = 4


class Sim:
    """`epitome-sim` on a free port. `scale` is real seconds a simulated second. Used in a `with` statement."""

    def __init__(self, log, scale=0.05, *options):
        command = [built("epitome-sim"), "--port", "0", "--parallel", str(PARALLEL), "--load-ms", "0"]
        self.command = [*command, "--model", MODEL, "--time-scale", str(scale), *options]
        self.log = log

    def __enter__(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=subprocess.PIPE, stderr=log, text=True)
        self.address = self.process.stdout.readline().strip()
        if not self.address.startswith("http://"):
            raise AssertionError("the simulated Ollama did not start")
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def stats(self):
        return request(f"{self.address}/sim/stats")
