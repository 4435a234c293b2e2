"""`lambdagate import --check`: what an import would refuse or ignore, without a server."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from harness.offline import OfflineCommand


class Check(OfflineCommand):
    """`lambdagate import` in a folder of its own."""

    def __init__(self, binary: Path, folder: Path) -> None:
        super().__init__(binary, "import", folder)

    def found(self, *arguments: str) -> list[dict[str, Any]]:
        """What `--output json` prints."""
        findings: list[dict[str, Any]] = json.loads(self("--check", "--output", "json", *arguments).stdout)
        return findings


@pytest.fixture
def check(binary: Path, tmp_path: Path) -> Check:
    """The command, in an empty folder."""
    return Check(binary, tmp_path)


def test_the_page_about_it_is_true(check: Check, repository: Path) -> None:
    """The command of docs/openapi.md prints what the page says of the file that the page shows."""
    page = (repository / "docs/openapi.md").read_text()
    for name, text in re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        check.write(name, text)
    commands = re.findall(r"^```console\n\$ lambdagate import (.*?)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(commands) == 1
    for arguments, expected in commands:
        ran = check(*arguments.split())
        assert f"{ran.stderr}{ran.stdout}".strip() == expected.strip()
        assert ran.returncode == 1


def test_the_examples_are_without_errors(check: Check, repository: Path) -> None:
    """Exit code 0, and nothing to warn of but what has no effect."""
    for folder in sorted((repository / "examples").iterdir()):
        document = folder / "openapi.yaml"
        if document.exists():
            assert check("--check", str(document)).returncode == 0
            said = {finding["message"] for finding in check.found(str(document))}
            assert said <= {"'example' of a schema is dropped"}


JSON_DOCUMENT = """{
  "swagger": "2.0",
  "info": {"title": "a"},
  "paths": {
    "/a": {
      "get": {
        "responses": {},
        "x-amazon-apigateway-integration": {
          "type": "soap",
          "uri": {"Fn::Sub": "arn"}
        }
      }
    }
  }
}
"""


def test_places_in_json(check: Check) -> None:
    """A JSON document's findings have its lines and columns."""
    check.write("api.json", JSON_DOCUMENT)
    (finding,) = check.found("api.json")
    assert (finding["file"], finding["severity"], finding["line"], finding["column"]) == ("api.json", "error", 9, 19)
    assert finding["pointer"] == "/paths/~1a/get/x-amazon-apigateway-integration/type"
    drawn = check("--check", "api.json")
    assert "api.json:9:19" in drawn.stderr
    assert '9 |           "type": "soap",' in drawn.stderr
    assert "^" in drawn.stderr


def test_members_that_are_given_again(check: Check) -> None:
    """The member that has no effect is pointed at, not the one that has."""
    check.write("a.yaml", "swagger: '2.0'\ninfo: {title: T}\npaths:\n  /a: {get: {}}\n  /b: {}\n  /a: {put: {responses: {}}}\n")
    (finding,) = check.found("a.yaml")
    assert (finding["severity"], finding["line"], finding["column"]) == ("warning", 4, 3)
    assert finding["message"] == "'/a' is given once more below, and the last one counts"
    assert check("--check", "a.yaml").returncode == 0


@pytest.mark.parametrize(
    ("name", "text", "line"),
    [
        ("a.json", '{\n  "openapi": "3.0.1",\n  "a" 1\n}', 3),
        ("a.yaml", "openapi: 3.0.1\ninfo:\n  title: [a\npaths: {}\n", 4),
    ],
)
def test_what_is_no_document_is_pointed_at(check: Check, name: str, text: str, line: int) -> None:
    """A document that does not parse."""
    check.write(name, text)
    (finding,) = check.found(name)
    assert finding["message"].startswith("Invalid OpenAPI input.")
    assert finding["line"] == line
    assert check("--check", name).returncode == 1


def test_versions_that_are_not_supported(check: Check) -> None:
    """OpenAPI 3.1."""
    check.write("a.yaml", "openapi: 3.1.0\n")
    (finding,) = check.found("a.yaml")
    assert finding["message"] == "OpenAPI version 3.1.0 is not supported; use 3.0 or 2.0"


def test_several_files_and_standard_input(check: Check) -> None:
    """One document with an error is enough for exit code 1; a file that is not there for 64."""
    check.write("good.yaml", "swagger: '2.0'\ninfo: {title: T}\npaths: {}\n")
    ran = check("--check", "good.yaml", "-", stdin="swagger: '2.0'\npaths: {}\n")
    assert ran.returncode == 1
    assert ran.stdout == "good.yaml: 0 errors, 0 warnings\n<standard input>: 1 error, 0 warnings\n"
    assert "info.title is missing" in ran.stderr
    assert check("--check", "good.yaml", "none.yaml").returncode == 64
    assert check("good.yaml").returncode == 64


def test_a_role_is_of_the_account_that_imports(check: Check) -> None:
    """The account is the one that the document's roles name, unless another one is named."""
    integration = "{type: aws_proxy, credentials: 'arn:aws:iam::123456789012:role/r', uri: '%s'}"
    uri = (
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/"
        "arn:aws:lambda:us-east-1:123456789012:function:f/invocations"
    )
    operation = f"{{responses: {{}}, x-amazon-apigateway-integration: {integration % uri}}}"
    check.write("a.yaml", f"swagger: '2.0'\ninfo: {{title: T}}\npaths: {{/a: {{get: {operation}}}}}\n")
    assert check.found("a.yaml") == []
    (finding,) = check.found("a.yaml", "--account", "111111111111")
    assert "Cross-account pass role is not allowed." in finding["message"]


def test_nothing_of_a_document_reaches_the_terminal_as_a_command(check: Check) -> None:
    """Control characters of a document are shown, not sent."""
    check.write("a.json", json.dumps({"swagger": "2.0", "info": {"title": "T"}, "paths": {"/\x1b[31m": {}}}))
    check.write("b.yaml", "swagger: '2.0'\ninfo: {title: T}\npaths: {\"/\\e[31m\": {}}\n")
    for name in ("a.json", "b.yaml"):
        ran = check("--check", name)
        assert ran.returncode == 1
        assert "\x1b" not in ran.stderr + ran.stdout
