"""The commands of the binary that need no server."""

import subprocess
from pathlib import Path


class OfflineCommand:
    """Runs one of the commands in a folder of its own."""

    def __init__(self, binary: Path, command: str, folder: Path) -> None:
        self.binary = binary
        self.command = command
        self.folder = folder

    def write(self, name: str, text: str) -> None:
        """Puts a file into the folder."""
        (self.folder / name).write_text(text)

    def __call__(self, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Runs the command with these arguments."""
        command = [str(self.binary), self.command, *arguments]
        return subprocess.run(command, cwd=self.folder, input=stdin, capture_output=True, text=True, timeout=30)
