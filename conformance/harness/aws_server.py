"""A server that speaks the wire of AWS services, for integrations that call them: moto, run as it comes, on a loopback port."""

import re
import subprocess
import sys
import threading
from types import TracebackType
from typing import Self

from harness.deadline import eventually

READY_LINE = re.compile(r"Running on http://127\.0\.0\.1:(\d+)")
START_S = 120.0


class AwsServer:
    """One running server with nothing in it; a context manager that leaves nothing behind."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        # `-u`: the line that tells the port must not wait in a buffer.
        command = [sys.executable, "-u", "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()
        try:
            self.url: str = eventually(self._announced_url, "the AWS-compatible server is ready", START_S)
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """Ends the process; nothing in it is to be kept."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._lines.append(line)

    def _announced_url(self) -> str | None:
        assert self._process.poll() is None, f"ended with {self._process.returncode}:\n{''.join(self._lines)}"
        found = (READY_LINE.search(line) for line in list(self._lines))
        return next((f"http://127.0.0.1:{match[1]}" for match in found if match), None)
