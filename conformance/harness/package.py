"""Deployment packages: source files zipped in memory, as `aws lambda create-function --zip-file` wants them."""

import io
import zipfile
from collections.abc import Mapping
from pathlib import Path

FUNCTIONS = Path(__file__).parents[1] / "functions"
EXAMPLES = Path(__file__).parents[2] / "examples"


def zip_of(files: Mapping[str, str | bytes]) -> bytes:
    """A zip with the given files, the same bytes for the same content."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            entry = zipfile.ZipInfo(name, date_time=(2020, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def source(name: str) -> str:
    """One of the suite's own functions."""
    return (FUNCTIONS / name).read_text()


def example(path: str) -> str:
    """A file below `examples/`."""
    return (EXAMPLES / path).read_text()
