"""docs/tutorials: every command that the documentation tells its readers to run is run, in one shell per page."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from harness.cli import executable
from harness.gateway import Gateway

SHELL_BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PAGE_S = 300.0

# What the commands of a page must print, in this order.
ANSWERS = {
    "hello-custom": [
        *('"Hello, Ana!"', '"Hello, Ana!"', '"Hello, World!"'),
        *("HTTP/1.1 400", "Missing the required greeter parameter."),
    ],
    "hello-proxy": [
        *("Hello, Ana!", "Hello, Ana and Bob!", "Hello, Ana!", "Hello, Ana!"),
        *("HTTP/1.1 502", '{"message": "Internal server error"}', '"name": "hello-proxy"'),
    ],
    "calc": [
        *('{"a":6,"b":7,"op":"*","c":42}', "Missing required request parameters: [operand2, operator]"),
        *('"c":0.25}', "Invalid request body", '{"input": {"a": 9, "b": 3, "op": "/"}, "output": {"c": 3}}'),
        *("Successfully completed execution", "HTTP/1.1 200"),
    ],
}


@pytest.mark.parametrize("page", ANSWERS)
def test_the_commands_of_a_tutorial_do_what_its_page_says(
    page: str, gateway: Gateway, repository: Path, tmp_path: Path
) -> None:
    """docs/tutorials/README.md"""
    text = (repository / f"docs/tutorials/{page}.md").read_text()
    script = "\n".join(SHELL_BLOCK.findall(text)).replace(":4566", f":{gateway.port}").replace("/tmp/", f"{tmp_path}/")

    result = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script],
        cwd=repository,
        env=environment(gateway, tmp_path),
        capture_output=True,
        text=True,
        timeout=PAGE_S,
    )

    assert result.returncode == 0, f"{result.stderr}\nafter:\n{result.stdout}"
    position = 0
    for answer in ANSWERS[page]:
        found = result.stdout.find(answer, position)
        assert found >= 0, f"no {answer!r} in:\n{result.stdout[position:]}"
        position = found + len(answer)


def environment(gateway: Gateway, home: Path) -> dict[str, str]:
    """What the overview page tells a reader to export."""
    return {
        "PATH": f"{executable().parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "AWS_ENDPOINT_URL": gateway.url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
