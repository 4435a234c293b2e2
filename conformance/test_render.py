"""`lambdagate render`: a template against a request file, without a server."""

import json
import re
from pathlib import Path

import pytest

from harness.offline import OfflineCommand


class Render(OfflineCommand):
    """`lambdagate render` in a folder of its own."""

    def __init__(self, binary: Path, folder: Path) -> None:
        super().__init__(binary, "render", folder)


@pytest.fixture
def render(binary: Path, tmp_path: Path) -> Render:
    """The command, in an empty folder."""
    return Render(binary, tmp_path)


def test_the_page_about_it_is_true(render: Render, repository: Path) -> None:
    """Each command of docs/render.md prints what the page says, with the files that the page shows."""
    page = (repository / "docs/render.md").read_text()
    for name, text in re.findall(r"^`(\S+)`:\n\n```\w+\n(.*?)^```", page, re.MULTILINE | re.DOTALL):
        render.write(name, text)
    commands = re.findall(r"^```console\n\$ lambdagate render (.*?)\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    assert len(commands) == 2
    for arguments, expected in commands:
        ran = render(*arguments.split())
        assert (ran.stdout.strip() or ran.stderr.strip()) == expected.strip(), arguments


def test_overrides_are_printed_as_json(render: Render) -> None:
    """`--output json` shows what the template set besides its output."""
    render.write(
        "t.vm",
        "#set($context.requestOverride.header.X-A = 'a')#set($context.requestOverride.querystring.q = 1)"
        "#set($context.responseOverride.status = 404)out",
    )
    ran = render("t.vm", "--output", "json")
    assert ran.returncode == 0
    assert json.loads(ran.stdout) == {
        "output": "out",
        "requestOverride": {"header": {"X-A": "a"}, "querystring": {"q": "1"}, "path": {}},
        "responseOverride": {"header": {}, "status": 404},
    }


def test_every_member_of_the_request_is_read(render: Render) -> None:
    """JSON requests: several values of a name, a body that is text, context and stage variables."""
    render.write(
        "t.vm",
        "$input.params('id') $input.params('q') $input.params('h') $input.body $stageVariables.v "
        "$context.identity.sourceIp $context.isCanaryRequest $context.requestTimeEpoch",
    )
    request = {
        "body": "plain text",
        "headers": {"h": ["1", "2"]},
        "querystring": {"q": ["a", "b"]},
        "path": {"id": 7},
        "stageVariables": {"v": True},
        "context": {"identity": {"sourceIp": "192.0.2.1"}, "isCanaryRequest": True, "requestTimeEpoch": 1000},
    }
    render.write("r.json", json.dumps(request))
    assert render("t.vm", "--request", "r.json").stdout == "7 b 2 plain text true 192.0.2.1 true 1000\n"


def test_the_phase_decides_what_an_empty_body_is(render: Render) -> None:
    """An empty request body reads as `{}`, an empty answer as nothing; the flag wins over the file."""
    render.write("t.vm", "[$input.body]")
    render.write("r.yaml", "phase: response\n")
    assert render("t.vm").stdout == "[{}]\n"
    assert render("t.vm", "-r", "r.yaml").stdout == "[]\n"
    assert render("t.vm", "-r", "r.yaml", "--phase", "request").stdout == "[{}]\n"


def test_a_template_may_come_from_standard_input(render: Render) -> None:
    """`-` reads the template from standard input."""
    assert render("-", stdin="#set($x = 1)$x").stdout == "1\n"


@pytest.mark.parametrize(
    ("template", "message", "line", "column"),
    [
        ("a\n#if($x)b", "#if is not closed by #end", 2, 1),
        ("#foreach($i in [1..2000])$i#end", "a #foreach has more than 1000 turns", 1, 1),
        ("ok $input.path('$..')", "invalid JSONPath: expected a name at byte 3", 1, 4),
        ("#parse('x')", "#parse is not available in mapping templates", 1, 1),
    ],
)
def test_a_failed_template_says_where(render: Render, template: str, message: str, line: int, column: int) -> None:
    """Exit code 1, the drawing on standard error, and the place as JSON when asked for."""
    render.write("t.vm", template)
    ran = render("t.vm", "--output", "json")
    assert ran.returncode == 1
    assert json.loads(ran.stdout) == {"error": {"message": message, "line": line, "column": column}}
    assert f"t.vm:{line}:{column}" in ran.stderr
    assert "^" in ran.stderr


@pytest.mark.parametrize(
    ("request_file", "words"),
    [
        ("{", "r.json is not a request file"),
        ('{"bdy": 1}', "unknown field `bdy`"),
        ('{"context": {"authorizer": {}}}', "unknown field `authorizer`"),
        ('{"phase": "later"}', "unknown variant `later`"),
    ],
)
def test_a_request_file_that_is_none_is_refused(render: Render, request_file: str, words: str) -> None:
    """Exit code 64 and a reason."""
    render.write("t.vm", "x")
    render.write("r.json", request_file)
    ran = render("t.vm", "--request", "r.json")
    assert (ran.returncode, ran.stdout) == (64, "")
    assert words in ran.stderr


def test_files_that_are_not_there(render: Render) -> None:
    """Exit code 64 for either file."""
    assert render("none.vm").returncode == 64
    render.write("t.vm", "x")
    ran = render("t.vm", "--request", "none.yaml")
    assert ran.returncode == 64
    assert "none.yaml cannot be read" in ran.stderr


def test_help_tells_of_the_request_file_and_the_exit_codes(render: Render) -> None:
    """`--help` is enough to use it."""
    text = render("--help").stdout
    for word in ["stageVariables", "querystring", "Exit codes", "64"]:
        assert word in text
