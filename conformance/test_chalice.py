"""AWS Chalice, unmodified: it makes roles and functions, imports a Swagger document and deploys it."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from harness.gateway import Gateway
from harness.rest_api import RestApi, RestApis
from harness.sdk import refusal

COMMAND_S = 180.0
APP = '''
from chalice import AuthResponse, BadRequestError, Chalice, NotFoundError, Response

app = Chalice(app_name="cities")
CITIES = {"seattle": "WA", "portland": "OR"}


@app.route("/")
def index():
    return {"hello": "world"}


@app.route("/cities/{city}")
def state_of_city(city):
    if city not in CITIES:
        raise NotFoundError(f"no city {city}")
    return {"state": CITIES[city], "stage": app.current_request.context["stage"]}


@app.route("/cities", methods=["POST"], cors=True)
def add_city():
    body = app.current_request.json_body
    if "name" not in body:
        raise BadRequestError("a city has a name")
    return Response(body=body, status_code=201, headers={"Location": "/cities/" + body["name"]})


@app.route("/search", content_types=["text/plain"])
def search():
    return app.current_request.query_params


@app.route("/bytes")
def binary():
    return Response(body=bytes(range(256)), headers={"Content-Type": "application/octet-stream"})


@app.lambda_function()
def double(event, context):
    print("doubling", event["number"])
    return {"double": event["number"] * 2}


@app.authorizer()
def gatekeeper(request):
    routes = ["/secret"] if request.token == "friend" else []
    return AuthResponse(routes=routes, principal_id="somebody", context={"token": request.token})


@app.route("/secret", authorizer=gatekeeper)
def secret():
    return {"secret": True}
'''
ADDED = '''

@app.route("/added")
def added():
    return {"added": True}
'''


class Project:
    """A folder with an app, and Chalice run in it."""

    def __init__(self, folder: Path, endpoint: str) -> None:
        self.folder = folder
        (folder / ".chalice").mkdir(parents=True)
        config = {
            "version": "2.0",
            "app_name": "cities",
            "stages": {"dev": {"api_gateway_stage": "api", "tags": {"owner": "cities"}, "lambda_timeout": 20}},
        }
        (folder / ".chalice/config.json").write_text(json.dumps(config))
        (folder / "requirements.txt").write_text("")
        (folder / "app.py").write_text(APP)
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder.parent),
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EC2_METADATA_DISABLED": "true",
        }

    def __call__(self, *arguments: str, stdin: str = "") -> str:
        """What a command printed."""
        command = [str(Path(sys.executable).parent / "chalice"), *arguments]
        result = subprocess.run(
            command,
            cwd=self.folder,
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
        )
        assert result.returncode == 0, f"chalice {' '.join(arguments)}\n{result.stdout}\n{result.stderr}"
        return result.stdout

    @property
    def deployed(self) -> dict[str, dict[str, Any]]:
        """What Chalice remembers of its deployment, by resource."""
        record = json.loads((self.folder / ".chalice/deployed/dev.json").read_text())
        return {resource["name"]: resource for resource in record["resources"]}


@pytest.fixture(scope="module")
def project(gateway: Gateway, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The deployed app."""
    project = Project(tmp_path_factory.mktemp("chalice") / "cities", gateway.url)
    project("deploy")
    return project


@pytest.fixture
def api(project: Project, rest_apis: RestApis) -> RestApi:
    """The API that Chalice made."""
    return rest_apis.adopt(project.deployed["rest_api"]["rest_api_id"])


def test_an_app_is_deployed_and_answers(api: RestApi, project: Project) -> None:
    """Chalice, "Quickstart" """
    index = api.get("/", stage="api")
    city = api.get("/cities/seattle", stage="api")
    nowhere = api.get("/cities/nowhere", stage="api")

    assert (index.status, index.json) == (200, {"hello": "world"})
    assert (city.status, city.json) == (200, {"state": "WA", "stage": "api"})
    assert (nowhere.status, nowhere.json["Code"]) == (404, "NotFoundError")
    assert project("url").strip() == f"https://{api.id}.execute-api.us-east-1.amazonaws.com/api/"


def test_bodies_queries_and_content_types_arrive(api: RestApi) -> None:
    """Chalice, "Views" """
    json_type = {"Content-Type": "application/json"}
    added = api.call("POST", "/cities", json_type, '{"name": "eugene"}', stage="api")
    nameless = api.call("POST", "/cities", json_type, "{}", stage="api")
    plain = api.call("POST", "/cities", {"Content-Type": "text/plain"}, "eugene", stage="api")
    search = api.get("/search?q=a%20b&n=1", {"Content-Type": "text/plain"}, stage="api")
    binary = api.get("/bytes", {"Accept": "application/octet-stream"}, stage="api")

    assert (added.status, added.json, added.header("Location")) == (201, {"name": "eugene"}, "/cities/eugene")
    assert added.header("Access-Control-Allow-Origin") == "*"
    assert (nameless.status, nameless.json["Code"]) == (400, "BadRequestError")
    assert plain.status == 415
    assert search.json == {"q": "a b", "n": "1"}
    assert binary.body == bytes(range(256))


def test_a_page_of_another_origin_is_told_what_it_may(api: RestApi) -> None:
    """Chalice, "CORS": preflight requests"""
    preflight = api.call("OPTIONS", "/cities", {"Origin": "https://example.com"}, stage="api")

    assert preflight.status == 200
    assert preflight.header("Access-Control-Allow-Methods") == "POST,OPTIONS"
    assert preflight.header("Access-Control-Allow-Origin") == "*"
    assert "X-Api-Key" in (preflight.header("Access-Control-Allow-Headers") or "")


def test_a_function_is_invoked_and_its_log_read(project: Project) -> None:
    """Chalice, "Pure Lambda functions", "Logging" """
    answer = project("invoke", "--name", "double", stdin='{"number": 21}')
    log = project("logs", "--name", "double")

    assert json.loads(answer) == {"double": 42}
    assert "doubling 21" in log


def test_an_authorizer_is_made_and_can_be_tested(api: RestApi) -> None:
    """Chalice, "Authorization: built-in authorizers" """
    [authorizer] = api.apigateway.get_authorizers(restApiId=api.id)["items"]
    assert (authorizer["name"], authorizer["type"]) == ("gatekeeper", "TOKEN")
    assert authorizer["identitySource"] == "method.request.header.Authorization"

    answer = api.apigateway.test_invoke_authorizer(
        restApiId=api.id, authorizerId=authorizer["id"], headers={"Authorization": "friend"}
    )

    assert (answer["clientStatus"], answer["principalId"]) == (0, "somebody")
    [statement] = json.loads(answer["policy"])["Statement"]
    assert statement["Effect"] == "Allow"
    assert any(resource.endswith("/secret") for resource in statement["Resource"])
    assert answer["authorization"] == {"token": ["friend"]}


def test_a_generated_sdk_is_what_chalice_unpacks(project: Project, tmp_path: Path) -> None:
    """Chalice, "SDK generation" """
    project("generate-sdk", "--sdk-type", "javascript", str(tmp_path / "sdk"))

    assert "citiesCityGet" in (tmp_path / "sdk/apigClient.js").read_text()


def test_an_app_is_deployed_again_and_deleted(api: RestApi, project: Project, lambda_client: Any, iam: Any) -> None:
    """Chalice, "Quickstart": redeploying, cleaning up"""
    before = project.deployed
    (project.folder / "app.py").write_text(APP + ADDED)
    project("deploy")
    assert project.deployed == before
    assert api.get("/added", stage="api").json == {"added": True}
    assert api.get("/cities/portland", stage="api").json["state"] == "OR"
    assert lambda_client.get_function_configuration(FunctionName="cities-dev")["Timeout"] == 20
    role = before["default-role"]["role_name"]
    assert iam.list_role_policies(RoleName=role)["PolicyNames"] == [role]

    project("delete")

    assert refusal(api.apigateway.get_rest_api, restApiId=api.id)[1] == "NotFoundException"
    assert refusal(lambda_client.get_function, FunctionName="cities-dev")[1] == "ResourceNotFoundException"
    assert refusal(iam.get_role, RoleName=role)[1] in ("NoSuchEntity", "NoSuchEntityException")
