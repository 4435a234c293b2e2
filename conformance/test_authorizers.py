"""Developer Guide, "Use API Gateway Lambda authorizers": authorizers by TestInvokeAuthorizer."""

import json
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.functions import Functions, Journal
from harness.rest_api import ACCOUNT, RestApi, RestApis, invocation_uri
from harness.sdk import refusal

# The function answers what the token, or the header `answer`, tells it to.
SCRIPTED = """
import { appendFileSync } from 'node:fs';
export const handler = async (event) => {
  appendFileSync(process.env.JOURNAL, JSON.stringify(event) + '\\n');
  const script = event.authorizationToken ?? event.headers.answer ?? '{}';
  if (script.startsWith('throw ')) throw new Error(script.slice(6));
  if (script.startsWith('[')) return script;
  return JSON.parse(script);
};
"""
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Action": "execute-api:Invoke", "Effect": "Deny", "Resource": "arn:aws:execute-api:*"}],
}
VERDICT = {"principalId": "user|a1", "policyDocument": POLICY, "context": {"tier": "gold", "level": 7, "beta": True}}


class Authorizers:
    """The authorizers of one API over one function."""

    def __init__(self, api: RestApi, function_arn: str) -> None:
        self.api = api
        self._uri = invocation_uri(function_arn)

    def create(self, **members: Any) -> str:
        """An authorizer's id."""
        defaults = {"type": "TOKEN", "authorizerUri": self._uri, "identitySource": "method.request.header.Auth"}
        created = self.api.apigateway.create_authorizer(
            restApiId=self.api.id, name=f"a-{len(self.all())}", **(defaults | members)
        )
        authorizer_id: str = created["id"]
        return authorizer_id

    def all(self) -> list[Any]:
        """All authorizers."""
        items: list[Any] = self.api.apigateway.get_authorizers(restApiId=self.api.id)["items"]
        return items

    def test(self, authorizer_id: str, **members: Any) -> dict[str, Any]:
        """What came of a test."""
        answer = self.api.apigateway.test_invoke_authorizer(
            restApiId=self.api.id, authorizerId=authorizer_id, **members
        )
        return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.fixture
def authorizers(rest_apis: RestApis, functions: Functions, journal: Journal) -> Authorizers:
    """Authorizers that may call their function."""
    api = rest_apis.create()
    function_arn = functions.node(SCRIPTED, journal, timeout_s=2)
    functions.allow_api_gateway(function_arn, api.execution_arn.removesuffix("*") + "authorizers/*")
    return Authorizers(api, function_arn)


def test_a_token_authorizer_answers_who_calls_and_what_they_may(
    authorizers: Authorizers, journal: Journal, aws: AwsCli
) -> None:
    """TestInvokeAuthorizer"""
    authorizer = authorizers.create()
    token = json.dumps(VERDICT)

    answer = authorizers.test(authorizer, headers={"auth": token})

    assert answer["clientStatus"] == 0
    assert answer["principalId"] == "user|a1"
    assert json.loads(answer["policy"]) == POLICY
    assert answer["authorization"] == {"tier": ["gold"], "level": ["7"], "beta": ["true"]}
    assert isinstance(answer["latency"], int)
    method_arn = f"arn:aws:execute-api:us-east-1:{ACCOUNT}:{authorizers.api.id}/ESTestInvoke-stage/GET/"
    assert journal.entries() == [{"type": "TOKEN", "methodArn": method_arn, "authorizationToken": token}]
    lines = [line.split(" : ", 1)[-1] for line in answer["log"].splitlines()]
    assert lines[0].startswith("Execution log for request ")
    assert lines[1].startswith(f"Starting authorizer: {authorizer} for request: ")
    assert lines[-1] == "Successfully completed authorizer execution"
    assert "gold" not in lines[2], "the identity is masked"

    by_cli = aws(
        *("apigateway", "test-invoke-authorizer", "--rest-api-id", authorizers.api.id),
        *("--authorizer-id", authorizer, "--headers", json.dumps({"Auth": token})),
    )
    assert by_cli["principalId"] == "user|a1"


def test_a_request_authorizer_is_told_the_request(authorizers: Authorizers, journal: Journal) -> None:
    """Input to an API Gateway Lambda authorizer: REQUEST"""
    authorizer = authorizers.create(
        type="REQUEST", identitySource="method.request.querystring.who,stageVariables.env,context.identity.sourceIp"
    )

    answer = authorizers.test(
        authorizer,
        pathWithQueryString="/pets/1?who=ana&who=bob",
        headers={"X-One": "1"},
        multiValueHeaders={"answer": [json.dumps(VERDICT)]},
        stageVariables={"env": "dev"},
        additionalContext={"identity.sourceIp": "192.0.2.1", "httpMethod": "POST"},
    )

    assert (answer["clientStatus"], answer["principalId"]) == (0, "user|a1")
    [event] = journal.entries()
    assert event["methodArn"].endswith("/ESTestInvoke-stage/POST/pets/1")
    assert (event["type"], event["path"], event["httpMethod"]) == ("REQUEST", "/pets/1", "POST")
    assert event["multiValueQueryStringParameters"] == {"who": ["ana", "bob"]}
    assert event["headers"]["X-One"] == "1"
    assert (event["pathParameters"], event["stageVariables"]) == ({}, {"env": "dev"})
    context = event["requestContext"]
    assert (context["resourceId"], context["stage"]) == ("test-invoke-resource-id", "test-invoke-stage")
    assert context["identity"]["sourceIp"] == "192.0.2.1"


def test_a_caller_who_does_not_say_who_they_are_is_refused_without_a_call(
    authorizers: Authorizers, journal: Journal
) -> None:
    """Use API Gateway Lambda authorizers: identity sources and validation"""
    validated = authorizers.create(identityValidationExpression="Bearer .+")
    request = authorizers.create(type="REQUEST", identitySource="method.request.header.A,method.request.header.B")
    uncached = authorizers.create(
        type="REQUEST", identitySource="method.request.header.A", authorizerResultTtlInSeconds=0
    )

    for authorizer, headers in [
        (validated, {}),
        (validated, {"Auth": ""}),
        (validated, {"Auth": "Basic x"}),
        (request, {"A": "1"}),
    ]:
        answer = authorizers.test(authorizer, headers=headers)
        assert answer["clientStatus"] == 401
        assert answer["log"].rstrip().endswith("Unauthorized")
        assert not {"principalId", "policy"} & set(answer)
    assert journal.entries() == []
    assert authorizers.test(uncached, headers={"answer": json.dumps(VERDICT)})["clientStatus"] == 0


@pytest.mark.parametrize(
    ("script", "status", "said"),
    [
        ("throw Unauthorized", 401, "Unauthorized"),
        ("throw something else", 500, "Authorizer error"),
        ("[]", 500, "Invalid JSON in response: an object was expected"),
        ("{}", 500, "Missing principalId"),
        ('{"principalId": "a"}', 500, "Missing policyDocument"),
        (json.dumps(VERDICT | {"extra": 1}), 500, 'Unrecognized field "extra"'),
        (json.dumps(VERDICT | {"context": {"list": []}}), 500, "Invalid context"),
        (json.dumps(VERDICT | {"policyDocument": {"Statement": [{"Effect": "Maybe"}]}}), 500, "Invalid policy document"),
    ],
)
def test_what_is_no_verdict_authorizes_nobody(authorizers: Authorizers, script: str, status: int, said: str) -> None:
    """Output from an API Gateway Lambda authorizer"""
    answer = authorizers.test(authorizers.create(), headers={"Auth": script})

    assert (answer["clientStatus"], said in answer["log"]) == (status, True), answer["log"]
    if status == 500:
        assert answer["log"].rstrip().endswith("AuthorizerConfigurationException")


def test_a_function_that_cannot_be_called_is_a_configuration_error(
    rest_apis: RestApis, functions: Functions, journal: Journal
) -> None:
    """Use API Gateway Lambda authorizers: permission to invoke the function"""
    authorizers = Authorizers(rest_apis.create(), functions.node(SCRIPTED, journal))

    denied = authorizers.test(authorizers.create(), headers={"Auth": "{}"})
    missing = Authorizers(authorizers.api, f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:none")
    absent = missing.test(missing.create(), headers={"Auth": "{}"})

    assert denied["clientStatus"] == absent["clientStatus"] == 500
    assert "nvalid permissions on Lambda function" in denied["log"]
    assert journal.entries() == []


def test_a_slow_function_is_a_failure(authorizers: Authorizers, functions: Functions) -> None:
    """Use API Gateway Lambda authorizers: time-outs"""
    endless = functions.node("export const handler = () => new Promise((done) => setTimeout(done, 60000));", None, 1)
    functions.allow_api_gateway(endless, authorizers.api.execution_arn)
    slow = Authorizers(authorizers.api, endless)

    answer = slow.test(slow.create(), headers={"Auth": "x"})

    assert (answer["clientStatus"], "Authorizer error" in answer["log"]) == (500, True)


def test_authorizers_that_cannot_be_tested_are_refused(authorizers: Authorizers) -> None:
    """TestInvokeAuthorizer: refusals"""
    pool = f"arn:aws:cognito-idp:us-east-1:{ACCOUNT}:userpool/us-east-1_x"
    cognito = authorizers.create(type="COGNITO_USER_POOLS", providerARNs=[pool])
    call = authorizers.api.apigateway.test_invoke_authorizer

    message = "Authorizers of type COGNITO_USER_POOLS cannot be tested in this version of LambdaGate"
    assert refusal(call, restApiId=authorizers.api.id, authorizerId=cognito) == (400, "BadRequestException", message)
    unknown = (404, "NotFoundException", "Invalid Authorizer identifier specified")
    assert refusal(call, restApiId=authorizers.api.id, authorizerId="zzzzzz") == unknown
