"""Claudia.js, unmodified: it makes roles, functions, versions and aliases, and builds an API call by call."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from harness.gateway import Gateway
from harness.rest_api import RestApi, RestApis
from harness.sdk import refusal

COMMAND_S = 180.0
APP = """
const ApiBuilder = require('claudia-api-builder');
const api = new ApiBuilder();
module.exports = api;

api.get('/hello', (request) => ({ hello: request.queryString.name, version: request.env.lambdaVersion }));
api.get('/people/{id}', (request) => request.pathParams.id);
api.post('/people', (request) => ({ saved: request.body }), { success: 201 });
api.get('/broken', () => { throw new Error('it broke'); }, { error: { code: 418, contentType: 'text/plain' } });
api.get('/page', () => new api.ApiResponse('<b>page</b>', { 'Content-Type': 'text/html', 'X-Page': '1' }, 203));
api.setGatewayResponse('DEFAULT_4XX', {
  responseParameters: { 'gatewayresponse.header.x-refused': "'yes'" },
  statusCode: 411,
});
"""
ADDED = "api.get('/added', () => ({ added: true }));\n"
# Claudia makes its clients itself and takes no endpoint: the SDK's own configuration, which they begin from, says it.
ENDPOINT = """
const aws = require(require.resolve('aws-sdk', { paths: [process.env.CLAUDIA] }));
aws.config.update({ endpoint: process.env.ENDPOINT });
"""


class Project:
    """A folder with an app, and Claudia run in it."""

    def __init__(self, folder: Path, packages: Path, endpoint: str) -> None:
        self.folder = folder
        (folder / "node_modules").mkdir(parents=True)
        builder = "node_modules/claudia-api-builder"
        shutil.copytree(packages / builder, folder / builder)
        manifest = {"name": "people", "version": "1.0.0", "license": "MIT", "files": ["*.js"], "description": "People"}
        (folder / "package.json").write_text(json.dumps(manifest | {"dependencies": {"claudia-api-builder": "4.1.2"}}))
        (folder / "app.js").write_text(APP)
        (folder.parent / "endpoint.js").write_text(ENDPOINT)
        self._claudia = packages / "node_modules/claudia"
        self._environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder.parent),
            "TMPDIR": str(folder.parent),
            "ENDPOINT": endpoint,
            "CLAUDIA": str(self._claudia),
            "AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE",
            "AWS_SECRET_ACCESS_KEY": "example",
            "AWS_REGION": "us-east-1",
            "AWS_SDK_JS_SUPPRESS_MAINTENANCE_MODE_MESSAGE": "1",
            "NODE_OPTIONS": "--no-deprecation",
            "npm_config_offline": "true",
            "npm_config_update_notifier": "false",
        }

    def __call__(self, command: str, *arguments: str) -> Any:
        """What a command answered."""
        program = ["node", "--require", str(self.folder.parent / "endpoint.js"), str(self._claudia / "bin/cmd.js")]
        result = subprocess.run(
            [*program, command, "--aws-delay", "200", *arguments],
            cwd=self.folder,
            env=self._environment,
            capture_output=True,
            text=True,
            timeout=COMMAND_S,
        )
        assert result.returncode == 0, f"claudia {command}\n{result.stdout}\n{result.stderr}"
        start = result.stdout.find("{")
        return json.loads(result.stdout[start:]) if start >= 0 else result.stdout

    @property
    def config(self) -> dict[str, Any]:
        """What Claudia remembers of its deployment."""
        config: dict[str, Any] = json.loads((self.folder / "claudia.json").read_text())
        return config


@pytest.fixture(scope="module")
def packages(repository: Path) -> Path:
    """Where `cargo xtask conformance` installs the npm packages."""
    folder = Path(os.environ.get("CONFORMANCE_NPM", repository / "target/npm"))
    assert (folder / "node_modules/claudia").is_dir(), f"no npm packages in {folder}: run `cargo xtask conformance`"
    return folder


@pytest.fixture(scope="module")
def project(gateway: Gateway, packages: Path, tmp_path_factory: pytest.TempPathFactory) -> Project:
    """The deployed app."""
    project = Project(tmp_path_factory.mktemp("claudia") / "people", packages, gateway.url)
    created = project(
        *("create", "--region", "us-east-1", "--api-module", "app", "--runtime", "nodejs20.x"),
        *("--use-local-dependencies", "--version", "dev", "--timeout", "20"),
    )
    assert created["lambda"] == {"role": "people-executor", "name": "people", "region": "us-east-1"}
    assert created["api"]["url"].endswith("/dev")
    return project


@pytest.fixture
def api(project: Project, rest_apis: RestApis) -> RestApi:
    """The API that Claudia built."""
    return rest_apis.adopt(project.config["api"]["id"])


def test_an_app_is_built_call_by_call_and_answers(api: RestApi) -> None:
    """Claudia.js, "Hello World API" """
    hello = api.get("/hello?name=Ana", stage="dev")
    person = api.get("/people/7", stage="dev")
    saved = api.call("POST", "/people", {"Content-Type": "application/json"}, '{"name": "Ana"}', stage="dev")

    assert (hello.status, hello.json) == (200, {"hello": "Ana", "version": "dev"})
    assert (person.status, person.json) == (200, "7")
    assert (saved.status, saved.json) == (201, {"saved": {"name": "Ana"}})
    assert hello.header("Access-Control-Allow-Origin") == "*"


def test_errors_pages_and_refusals_are_what_the_app_says(api: RestApi) -> None:
    """Claudia.js, "Customising API responses" """
    broken = api.get("/broken", stage="dev")
    page = api.get("/page", stage="dev")
    nothing = api.get("/nothing", stage="dev")

    assert (broken.status, broken.header("Content-Type")) == (418, "text/plain")
    assert "it broke" in broken.text
    assert (page.status, page.text, page.header("X-Page")) == (203, "<b>page</b>", "1")
    assert (nothing.status, nothing.header("x-refused")) == (411, "yes")


def test_a_page_of_another_origin_is_told_what_it_may(api: RestApi) -> None:
    """Claudia.js, "Cross-origin requests" """
    preflight = api.call("OPTIONS", "/people", {"Origin": "https://example.com"}, stage="dev")

    assert preflight.status == 200
    assert preflight.header("Access-Control-Allow-Methods") == "OPTIONS,POST"
    assert preflight.header("Access-Control-Allow-Origin") == "*"


def test_a_stage_keeps_the_version_of_its_alias(api: RestApi, project: Project, lambda_client: Any) -> None:
    """Claudia.js, "Using versions": update, set-version"""
    (project.folder / "app.js").write_text(APP + ADDED)
    project("update", "--use-local-dependencies", "--version", "test")

    assert api.get("/added", stage="test").json == {"added": True}
    assert api.get("/hello?name=Bob", stage="test").json == {"hello": "Bob", "version": "test"}
    aliases = {alias["Name"]: alias for alias in lambda_client.list_aliases(FunctionName="people")["Aliases"]}
    versions = {name: alias["FunctionVersion"] for name, alias in aliases.items()}
    assert versions == {"dev": "1", "latest": "$LATEST", "test": "2"}

    project("set-version", "--version", "production")
    assert api.get("/hello?name=Eve", stage="production").json == {"hello": "Eve", "version": "production"}
    assert api.get("/hello?name=Ana", stage="dev").json["version"] == "dev"


def test_an_app_is_destroyed(api: RestApi, project: Project, lambda_client: Any, iam: Any) -> None:
    """Claudia.js, "destroy" """
    project("destroy")

    assert refusal(api.apigateway.get_rest_api, restApiId=api.id)[1] == "NotFoundException"
    assert refusal(lambda_client.get_function, FunctionName="people")[1] == "ResourceNotFoundException"
    assert refusal(iam.get_role, RoleName="people-executor")[0] == 404
