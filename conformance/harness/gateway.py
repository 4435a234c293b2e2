"""A `lambdagate` process of the tests' own, on a free loopback port, ended by its own process id."""

import json
import os
import re
import subprocess
import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from harness.deadline import eventually
from harness.http import Client

READY_LINE = re.compile(r"http://(?:127\.0\.0\.1|[a-z0-9.-]*localhost):(\d+)")
START_S = 60.0
STOP_S = 30.0


class Gateway:
    """One running process; a context manager that leaves nothing behind."""

    def __init__(self, command: list[str], log: Path, environment: Mapping[str, str] | None = None) -> None:
        self.lines: list[str] = []
        self._log = log
        self._errors = log.open("ab")
        # Whatever the developer's shell says of AWS is not for the gateway under test.
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        self._process = subprocess.Popen(
            command,
            env=inherited | dict(environment or {}),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )
        self._reader = threading.Thread(target=self._read_lines, daemon=True)
        self._reader.start()
        try:
            self.port: int = eventually(self._announced_port, f"a ready line of {command}", START_S)
            self.client = Client(self.port)
            eventually(self._healthy, "GET /_lambdagate/health answers 200", START_S)
        except BaseException:
            self.kill()
            raise

    @classmethod
    def serve(
        cls, binary: Path, data_dir: Path, log: Path, *flags: str, environment: Mapping[str, str] | None = None
    ) -> Self:
        """`lambdagate serve` over a data directory, which a later process may take over."""
        command = [str(binary), "serve", "--listen", "127.0.0.1:0", "--data-dir", str(data_dir), *flags]
        return cls(command, log, environment)

    @classmethod
    def dev(cls, binary: Path, project: Path, log: Path) -> Self:
        """`lambdagate dev` of a project folder, in memory."""
        return cls([str(binary), "dev", str(project), "--listen", "127.0.0.1:0"], log)

    @property
    def url(self) -> str:
        """What a client names as its endpoint."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """The process, for questions to the operating system."""
        return self._process.pid

    def stop(self) -> int:
        """Asks the process to end, as an operator would, and tells its exit code."""
        self._process.terminate()
        try:
            return self._process.wait(STOP_S)
        finally:
            self.kill()

    def kill(self) -> None:
        """Ends the process at once, as a crash would."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._reader.join()
        self._errors.close()

    def output(self) -> str:
        """All that the process said, for the message of a failed test."""
        return "\n".join([*self.lines, self._log.read_text(errors="replace")])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self.stop()

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self.lines.append(line.rstrip("\n"))

    def _announced_port(self) -> int | None:
        assert self._process.poll() is None, f"ended with {self._process.returncode}:\n{self.output()}"
        found = (READY_LINE.search(line) for line in list(self.lines))
        return next((int(match[1]) for match in found if match), None)

    def _healthy(self) -> bool:
        assert self._process.poll() is None, f"ended with {self._process.returncode}:\n{self.output()}"
        try:
            response = self.client.send("GET", "/_lambdagate/health")
        except OSError:
            return False
        return response.status == 200 and json.loads(response.body) == {"status": "ok"}


def is_alive(pid: int) -> bool:
    """Whether a process of that id exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
