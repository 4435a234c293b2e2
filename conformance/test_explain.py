"""`lambdagate explain`: the whole story of a request, with advice for the usual mistakes."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.functions import Functions
from harness.gateway import Gateway
from harness.http import Response
from harness.package import source
from harness.rest_api import RestApi, RestApis
from harness.sdk import sdk

ASK = {"X-LambdaGate-Explain": "1"}


@pytest.fixture
def explain(binary: Path, gateway: Gateway) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Runs the command against the shared gateway."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(binary), "explain", *arguments, "--endpoint", gateway.url]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)

    return run


@pytest.fixture
def api(rest_apis: RestApis, functions: Functions) -> RestApi:
    """A mock with templates, a function that returns what it is told, and one that may not be called."""
    api = rest_apis.create()
    api.mock("/pets/{id}", "GET", 'pet $input.params("id")')
    function = functions.node(source("proxy-scripted.mjs"))
    api.lambda_proxy("/run", "POST", function)
    functions.allow_api_gateway(function, f"{api.execution_arn}/POST/run")
    api.lambda_proxy("/forbidden", "POST", functions.proxy_echo())
    api.deploy()
    return api


def request_id(response: Response) -> str:
    """The id that a response carries."""
    return response.header("x-amzn-requestid") or ""


def test_a_story_names_route_templates_and_response(
    api: RestApi, explain: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """As text for people, as JSON for machines"""
    response = api.get("/pets/7", ASK)
    story = explain(request_id(response)).stdout
    for part in [
        "GET /test/pets/7 -> 200",
        "route: GET /pets/{id}",
        "not POST /run",
        "request template",
        '{"statusCode": 200}',
        'pet $input.params("id")',
        "200 (default): chosen",
        "pet 7",
    ]:
        assert part in story

    document = json.loads(explain(request_id(response), "--output", "json").stdout)
    assert document["requestId"] == request_id(response)
    assert [step["step"] for step in document["steps"]][0] == "route"
    assert json.loads(explain("--last", "--output", "json").stdout)["apiId"] == api.id


@pytest.mark.parametrize(
    ("returned", "advice"),
    [
        ("text", "returned a string; a proxy integration needs an object with statusCode"),
        ({"result": 1}, "JSON.stringify"),
        ({"statusCode": 200, "body": {"a": 1}}, "an object as body, which must be a string"),
    ],
)
def test_a_malformed_answer_is_explained(
    api: RestApi, explain: Callable[..., subprocess.CompletedProcess[str]], returned: object, advice: str
) -> None:
    """One sentence for each of the usual mistakes"""
    response = api.call("POST", "/run", ASK, json.dumps({"return": returned}))
    assert response.status == 502
    assert advice in explain(request_id(response)).stdout


def test_a_missing_permission_is_named_and_its_remedy_works(
    api: RestApi, explain: Callable[..., subprocess.CompletedProcess[str]], functions: Functions
) -> None:
    """The permission that the advice names lets the next request pass"""
    response = api.call("POST", "/forbidden", ASK)
    assert response.status == 500
    story = explain(request_id(response)).stdout
    words = next(line for line in story.splitlines() if "add-permission" in line).split()
    function, source = (words[words.index(flag) + 1].strip("'") for flag in ("--function-name", "--source-arn"))
    functions.allow_api_gateway(function, source)
    assert api.call("POST", "/forbidden").status == 200


def test_an_unknown_path_names_its_neighbours_and_secrets_stay_secret(
    api: RestApi, explain: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Nearest routes; the header of the question reaches no function"""
    response = api.get("/pet/7", ASK)
    assert "GET /pets/{id}" in explain(request_id(response)).stdout

    secret = {"Authorization": "Bearer very-secret-token", "X-Api-Key": "very-secret-key"}
    response = api.call("POST", "/run", ASK | secret, json.dumps({"return": {"statusCode": 200}}))
    story = explain(request_id(response), "--output", "json").stdout
    assert "very-secret" not in story
    assert "explain" not in story.lower()


def test_what_was_not_asked_is_not_kept(
    api: RestApi, gateway: Gateway, explain: Callable[..., subprocess.CompletedProcess[str]]
) -> None:
    """Off unless asked for; and never for pages of other sites"""
    ended = explain(request_id(api.get("/pets/7")))
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "X-LambdaGate-Explain" in ended.stderr
    for foreign in [{"Origin": "http://example.com"}, {"Host": "example.com:4566"}]:
        assert gateway.client.send("GET", "/_lambdagate/explain/last", foreign).status == 403


def test_serve_explains_everything_when_told(binary: Path, tmp_path: Path) -> None:
    """`--explain`"""
    with Gateway.serve(binary, tmp_path / "data", tmp_path / "stderr.log", "--explain") as gateway:
        api = RestApi.create(sdk(gateway.url, "apigateway"), gateway.client)
        api.mock("/pets", "GET", "hello")
        api.deploy()
        api.get("/nowhere")
        story = gateway.client.send("GET", "/_lambdagate/explain/last").json
        assert (story["status"], story["path"]) == (403, "/test/nowhere")
