"""The unmodified AWS CLI, one process per command as a reader of the tutorials runs it."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND_S = 120.0


class CliError(AssertionError):
    """A command that failed, with what it wrote to standard error."""


@dataclass(frozen=True)
class AwsCli:
    """Runs `aws …` against one endpoint, in a folder of its own and without the user's configuration."""

    endpoint: str
    folder: Path

    def __call__(self, *arguments: str) -> Any:
        """The command's JSON output; `None` when it printed nothing."""
        result = self._run(arguments)
        if result.returncode != 0:
            raise CliError(f"aws {' '.join(arguments)}\n{result.stderr}")
        return json.loads(result.stdout) if result.stdout.strip() else None

    def error(self, *arguments: str) -> str:
        """What a command that must fail wrote to standard error."""
        result = self._run(arguments)
        assert result.returncode != 0, f"succeeded: aws {' '.join(arguments)}\n{result.stdout}"
        return result.stderr.strip()

    def _run(self, arguments: tuple[str, ...]) -> subprocess.CompletedProcess[str]:
        command = [str(executable()), "--endpoint-url", self.endpoint, "--output", "json", *arguments]
        return subprocess.run(
            command, env=self._environment(), cwd=self.folder, capture_output=True, text=True, timeout=COMMAND_S
        )

    def _environment(self) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_MAX_ATTEMPTS": "1",
            "AWS_PAGER": "",
        }


def executable() -> Path:
    """The `aws` beside the Python that runs the tests, where the pinned requirements put it."""
    path = Path(sys.executable).parent / "aws"
    assert path.exists(), f"no AWS CLI at {path}: run the suite with `cargo xtask test`"
    return path
