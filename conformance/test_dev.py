"""`lambdagate dev`: a project folder becomes a running API by one command, and follows its files."""

import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness.deadline import eventually
from harness.gateway import Gateway
from harness.http import Response
from harness.package import EXAMPLES

METHODS = {"hello-custom": 1, "hello-proxy": 2, "calc": 3}


@pytest.fixture
def start(binary: Path, tmp_path: Path) -> Iterator[Callable[[str], tuple[Gateway, Path]]]:
    """Runs a copy of an example, so that a test may edit it."""
    with ExitStack() as running:

        def start_copy(name: str) -> tuple[Gateway, Path]:
            project = tmp_path / name
            shutil.copytree(EXAMPLES / name, project)
            gateway = Gateway.dev(binary, project, tmp_path / "stderr.log")
            return running.enter_context(gateway), project

        yield start_copy


def invoke_url(gateway: Gateway) -> str:
    """The invoke URL that `dev` printed, without a closing slash."""
    pattern = re.compile(rf"http://[a-z0-9]+\.execute-api\.localhost:{gateway.port}/test\b")

    def printed() -> str | None:
        found = (pattern.search(line) for line in list(gateway.lines))
        return next((match[0] for match in found if match), None)

    return eventually(printed, f"an invoke URL is printed in:\n{gateway.output()}") or ""


def get(gateway: Gateway, path: str) -> Response:
    """`GET` below the invoke URL."""
    host, _, stage = invoke_url(gateway).removeprefix("http://").partition("/")
    return gateway.client.send("GET", f"/{stage}{path}", {"Host": host})


def curls(gateway: Gateway) -> list[str]:
    """The sample commands that `dev` printed."""
    return [line[line.index("curl ") :] for line in list(gateway.lines) if "curl " in line]


@pytest.mark.parametrize("name", METHODS)
def test_dev_prints_a_curl_for_every_method_and_each_works(
    start: Callable[[str], tuple[Gateway, Path]], name: str
) -> None:
    """The first command of the README"""
    gateway, _ = start(name)
    eventually(lambda: len(curls(gateway)) >= METHODS[name], f"a curl per method in:\n{gateway.output()}")

    assert invoke_url(gateway)
    assert len(curls(gateway)) == METHODS[name]
    for command in curls(gateway):
        status = ["--silent", "--output", "/dev/null", "--write-out", "%{http_code}", "--max-time", "60"]
        result = subprocess.run([*shlex.split(command), *status], capture_output=True, text=True, check=True)
        code = int(result.stdout[-3:])
        assert 200 <= code < 500 and code != 403, f"{command} answered {code}:\n{gateway.output()}"


def test_the_custom_example_greets(start: Callable[[str], tuple[Gateway, Path]]) -> None:
    """examples/hello-custom/README.md"""
    gateway, _ = start("hello-custom")

    assert get(gateway, "/greeting?greeter=Ana").json == "Hello, Ana!"
    assert get(gateway, "/greeting?greeter=").json == "Hello, World!"
    assert get(gateway, "/greeting").status == 400


def test_the_proxy_example_greets_in_both_languages(start: Callable[[str], tuple[Gateway, Path]]) -> None:
    """examples/hello-proxy/README.md"""
    gateway, _ = start("hello-proxy")

    for path in ("/hi?greeter=Ana&greeter=Bob", "/python/hi?greeter=Ana&greeter=Bob"):
        response = get(gateway, path)
        assert (response.status, response.text) == (200, "Hello, Ana and Bob!")


def test_the_calculator_follows_an_edit_of_its_function(start: Callable[[str], tuple[Gateway, Path]]) -> None:
    """examples/calc/README.md: hot reload"""
    gateway, project = start("calc")
    assert get(gateway, "/calc/6/7/mul").json["output"] == {"c": 42}

    function = project / "functions/Calc/index.mjs"
    function.write_text(function.read_text().replace("'*': (a, b) => a * b", "'*': (a, b) => a * b * 100"))

    eventually(lambda: get(gateway, "/calc/6/7/mul").json["output"] == {"c": 4200}, "the edited function answers")


def test_an_edit_of_the_document_changes_the_routes(start: Callable[[str], tuple[Gateway, Path]]) -> None:
    """Hot reload of the OpenAPI document; the address stays"""
    gateway, project = start("hello-custom")
    url = invoke_url(gateway)
    assert get(gateway, "/welcome?greeter=Ana").status == 403

    document = project / "openapi.yaml"
    document.write_text(document.read_text().replace("  /greeting:", "  /welcome:"))

    eventually(lambda: get(gateway, "/welcome?greeter=Ana").status == 200, "the new route answers")
    assert invoke_url(gateway) == url


def test_a_broken_edit_leaves_the_last_good_state_running(start: Callable[[str], tuple[Gateway, Path]]) -> None:
    """Hot reload: a document with an error in it is reported, not deployed"""
    gateway, project = start("hello-custom")
    document = project / "openapi.yaml"
    good = document.read_text()
    reported = len(gateway.output())

    document.write_text("openapi: 3.0.3\npaths: [")

    eventually(lambda: len(gateway.output()) > reported, "the error is reported")
    assert get(gateway, "/greeting?greeter=Ana").json == "Hello, Ana!"
    document.write_text(good.replace("  /greeting:", "  /welcome:"))
    eventually(lambda: get(gateway, "/welcome?greeter=Ana").status == 200, "the repaired document is deployed")


def test_the_address_of_a_project_is_stable(
    start: Callable[[str], tuple[Gateway, Path]], binary: Path, tmp_path: Path
) -> None:
    """The API's id is derived from the project's name, so that URLs keep working after a restart"""
    gateway, project = start("hello-custom")
    first = invoke_url(gateway).split(".", 1)[0]
    gateway.stop()

    with Gateway.dev(binary, project, tmp_path / "stderr.log") as again:
        assert invoke_url(again).split(".", 1)[0] == first


def test_a_project_that_cannot_be_read_is_refused_before_anything_listens(binary: Path, tmp_path: Path) -> None:
    """Configuration errors end the process with a message and a non-zero exit code"""
    (tmp_path / "lambdagate.yaml").write_text("name: broken\napi: absent.yaml\nunknown: true\n")

    result = subprocess.run(
        [str(binary), "dev", str(tmp_path), "--listen", "127.0.0.1:0"],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode != 0
    assert "lambdagate.yaml" in result.stderr
    assert "panicked" not in result.stderr


def test_an_open_gateway_refuses_to_listen_beyond_the_loopback(binary: Path, tmp_path: Path) -> None:
    """Without authentication the control API is for this host only"""
    result = subprocess.run(
        [str(binary), "serve", "--listen", "0.0.0.0:0", "--data-dir", str(tmp_path / "data")],
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert result.returncode != 0
    assert "loopback" in result.stderr
