"""What was acknowledged is kept: over a restart, over a crash, and for queued events too."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from harness.deadline import eventually
from harness.functions import Functions, Journal
from harness.gateway import Gateway
from harness.rest_api import RestApis
from harness.roles import PERMISSION, TRUST
from harness.sdk import sdk

TWO_PHASES = """
import { appendFileSync, readFileSync } from 'node:fs';

// In the first phase it starts and never answers; in the second it answers.
export const handler = async (event) => {
  const phase = readFileSync(process.env.PHASE, 'utf8');
  appendFileSync(process.env.JOURNAL, `${JSON.stringify([phase, event])}\\n`);
  if (phase === 'first') await new Promise(() => setInterval(() => {}, 1000));
};
"""


@pytest.fixture
def start(binary: Path, tmp_path: Path) -> Callable[[], Gateway]:
    """Starts a gateway over the test's own data directory; each call takes the directory over."""
    return lambda: Gateway.serve(binary, tmp_path / "data", tmp_path / "stderr.log")


def clients(gateway: Gateway) -> tuple[RestApis, Functions, Any]:
    """The clients of one gateway."""
    functions = Functions(sdk(gateway.url, "lambda"))
    return RestApis(sdk(gateway.url, "apigateway"), functions, gateway.client), functions, sdk(gateway.url, "iam")


@pytest.mark.parametrize("end", [Gateway.stop, Gateway.kill], ids=["restart", "kill -9"])
def test_everything_that_was_acknowledged_is_there_afterwards(
    start: Callable[[], Gateway], end: Callable[[Gateway], object]
) -> None:
    """State survives a restart, and a crash right after the last acknowledgement."""
    with start() as before:
        rest_apis, functions, iam = clients(before)
        role = iam.create_role(RoleName="kept", AssumeRolePolicyDocument=json.dumps(TRUST))["Role"]["Arn"]
        iam.put_role_policy(RoleName="kept", PolicyName="invoke", PolicyDocument=json.dumps(PERMISSION))
        by_role, by_policy = functions.node("export const handler = async () => 'by role';"), functions.proxy_echo()
        api = rest_apis.create()
        api.lambda_custom("/role", "GET", by_role, credentials=role)
        api.lambda_proxy("/policy", "GET", by_policy)
        functions.allow_api_gateway(by_policy, api.execution_arn)
        api.mock("/mock", "GET", "first")
        api.deploy(variables={"kept": "yes"})
        end(before)

    with start() as after:
        rest_apis, functions, iam = clients(after)
        reached = rest_apis.adopt(api.id)
        assert reached.get("/mock").text == "first"
        assert reached.get("/role").json == "by role"
        assert reached.get("/policy").json["stageVariables"] == {"kept": "yes"}
        paths = {item["path"] for item in rest_apis.apigateway.get_resources(restApiId=api.id)["items"]}
        assert paths == {"/", "/role", "/policy", "/mock"}
        assert iam.get_role_policy(RoleName="kept", PolicyName="invoke")["PolicyDocument"] == PERMISSION


def test_a_crash_right_after_each_acknowledgement_loses_nothing(start: Callable[[], Gateway]) -> None:
    """`kill -9` between two calls, again and again over the same data directory."""
    created: list[str] = []
    for _ in range(4):
        with start() as gateway:
            apigateway = sdk(gateway.url, "apigateway")
            created += [apigateway.create_rest_api(name=f"api-{number}")["id"] for number in range(3)]
            gateway.kill()

    with start() as gateway:
        listed = sdk(gateway.url, "apigateway").get_rest_apis(limit=500)["items"]
        assert {api["id"] for api in listed} == set(created)


def test_an_event_that_was_accepted_runs_after_a_crash(start: Callable[[], Gateway], tmp_path: Path) -> None:
    """Invoking a Lambda function asynchronously: the queue is durable before the 202"""
    journal, phase = Journal(tmp_path / "journal.jsonl"), tmp_path / "phase"
    phase.write_text("first")
    with start() as gateway:
        _, functions, _ = clients(gateway)
        environment = {"JOURNAL": str(journal.path), "PHASE": str(phase)}
        arn = functions.create({"index.mjs": TWO_PHASES}, environment=environment, timeout_s=60)
        functions.lambda_client.invoke(FunctionName=arn, InvocationType="Event", Payload=b'{"order": 7}')
        eventually(lambda: journal.entries() == [["first", {"order": 7}]], "the event starts")
        gateway.kill()

    phase.write_text("second")
    with start():
        eventually(lambda: journal.entries()[1:] == [["second", {"order": 7}]], "the event runs again", 60)


def test_a_stop_is_orderly(start: Callable[[], Gateway]) -> None:
    """SIGTERM ends the process with exit code 0"""
    with start() as gateway:
        assert gateway.stop() == 0


def test_a_reset_empties_everything_at_once(start: Callable[[], Gateway]) -> None:
    """`POST /_lambdagate/reset`: nothing is left, what was warm included, and the gateway goes on"""
    with start() as gateway:
        rest_apis, functions, iam = clients(gateway)
        iam.create_role(RoleName="forgotten", AssumeRolePolicyDocument=json.dumps(TRUST))
        arn = functions.proxy_echo()
        api = rest_apis.create()
        api.lambda_proxy("/echo", "GET", arn)
        functions.allow_api_gateway(arn, api.execution_arn)
        api.deploy()
        assert api.get("/echo").status == 200

        assert gateway.client.send("GET", "/_lambdagate/reset").status == 405
        for page in ({"Origin": "https://example.com"}, {"Host": "rebound.example.com"}):
            assert gateway.client.send("POST", "/_lambdagate/reset", page).status == 403
        assert api.get("/echo").status == 200
        assert gateway.client.send("POST", "/_lambdagate/reset").status == 200

        assert api.get("/echo").status == 403
        assert sdk(gateway.url, "apigateway").get_rest_apis()["items"] == []
        assert sdk(gateway.url, "lambda").list_functions()["Functions"] == []
        assert iam.list_roles()["Roles"] == []
        assert functions.proxy_echo().startswith(arn.rsplit(":", 1)[0])
