"""An installed release of Procrastinate, in the Python that has it: `worker.py` runs there."""

import os
import subprocess
from pathlib import Path


class Release:
    """A client and worker that connect anew for each answer."""

    def __init__(self, python: str, dsn: str) -> None:
        self.process = subprocess.Popen(
            [python, Path(__file__).with_name("worker.py"), dsn],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
        )

    def __enter__(self) -> "Release":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self.process.communicate()

    def ask(self, verb: str) -> str:
        """What comes of `register`, `defer` or `fetch`: `works`, `waits`, `gone`, or how it fails."""
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{verb}\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().strip() or "fails: the worker ended"
