"""Developer Guide, "Set up Lambda custom integrations in API Gateway": HelloWorld by the AWS CLI, step by step."""

import json

import pytest

from harness.cli import AwsCli
from harness.functions import NODE, ROLE
from harness.http import Client
from harness.package import example, zip_of
from harness.rest_api import RestApi, RestApis, invocation_uri
from harness.roles import PERMISSION, TRUST


def create_hello_world(aws: AwsCli, name: str) -> str:
    """Step 1 of the tutorial: the function, uploaded as a zip file."""
    (aws.folder / "function.zip").write_bytes(
        zip_of({"index.mjs": example("hello-custom/functions/HelloWorld/index.mjs")})
    )
    created = aws(
        *("lambda", "create-function", "--function-name", name, "--runtime", NODE, "--role", ROLE),
        *("--handler", "index.handler", "--zip-file", "fileb://function.zip"),
    )
    arn: str = created["FunctionArn"]
    return arn


def create_invocation_role(aws: AwsCli, name: str) -> str:
    """The role that API Gateway assumes to call the function."""
    role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", json.dumps(TRUST))
    aws(
        *("iam", "put-role-policy", "--role-name", name, "--policy-name", "invoke"),
        *("--policy-document", json.dumps(PERMISSION)),
    )
    arn: str = role["Role"]["Arn"]
    return arn


def test_the_hello_world_api_of_the_tutorial_greets_by_name(aws: AwsCli, client: Client) -> None:
    """Set up Lambda custom integrations in API Gateway"""
    function_arn = create_hello_world(aws, "HelloWorld-custom")
    role_arn = create_invocation_role(aws, "hello-custom-invoker")

    api = aws("apigateway", "create-rest-api", "--name", "HelloWorld (AWS CLI)")
    root = aws("apigateway", "get-resources", "--rest-api-id", api["id"])["items"][0]
    assert root == {"id": root["id"], "path": "/"}
    resource = aws(
        *("apigateway", "create-resource", "--rest-api-id", api["id"]),
        *("--parent-id", root["id"], "--path-part", "greeting"),
    )
    assert resource == {"id": resource["id"], "parentId": root["id"], "pathPart": "greeting", "path": "/greeting"}

    address = ("--rest-api-id", api["id"], "--resource-id", resource["id"], "--http-method", "GET")
    method = aws(
        *("apigateway", "put-method", *address, "--authorization-type", "NONE"),
        *("--request-parameters", "method.request.querystring.greeter=false"),
    )
    assert method == {
        "httpMethod": "GET",
        "authorizationType": "NONE",
        "apiKeyRequired": False,
        "requestParameters": {"method.request.querystring.greeter": False},
    }
    assert aws("apigateway", "put-method-response", *address, "--status-code", "200") == {"statusCode": "200"}
    integration = aws(
        *("apigateway", "put-integration", *address, "--type", "AWS", "--integration-http-method", "POST"),
        *("--uri", invocation_uri(function_arn), "--credentials", role_arn),
        *("--request-templates", json.dumps({"application/json": '{"greeter":"$input.params(\'greeter\')"}'})),
    )
    assert integration["uri"] == invocation_uri(function_arn)
    assert integration["credentials"] == role_arn
    assert integration["passthroughBehavior"] == "WHEN_NO_MATCH"
    assert integration["timeoutInMillis"] == 29000
    integration_response = aws(
        *("apigateway", "put-integration-response", *address, "--status-code", "200", "--selection-pattern", "")
    )
    assert integration_response["statusCode"] == "200"
    deployment = aws("apigateway", "create-deployment", "--rest-api-id", api["id"], "--stage-name", "test")
    assert set(deployment) == {"id", "createdDate"}

    host = {"Host": f"{api['id']}.execute-api.localhost"}
    named = client.send("GET", "/test/greeting?greeter=jane", host)
    unnamed = client.send("GET", "/test/greeting?greeter=", host)

    assert (named.status, named.body) == (200, b'"Hello, jane!"')
    assert named.header("Content-Type") == "application/json"
    assert (unnamed.status, unnamed.body) == (200, b'"Hello, World!"')


def test_the_tutorials_method_answers_a_test_invocation(aws: AwsCli) -> None:
    """Use the API Gateway console to test a REST API method"""
    function_arn = create_hello_world(aws, "HelloWorld-test-invoke")
    role_arn = create_invocation_role(aws, "hello-custom-test-invoker")
    api = aws("apigateway", "create-rest-api", "--name", "HelloWorld (test invoke)")
    address = ("--rest-api-id", api["id"], "--resource-id", api["rootResourceId"], "--http-method", "GET")
    aws("apigateway", "put-method", *address, "--authorization-type", "NONE")
    aws("apigateway", "put-method-response", *address, "--status-code", "200")
    aws(
        *("apigateway", "put-integration", *address, "--type", "AWS", "--integration-http-method", "POST"),
        *("--uri", invocation_uri(function_arn), "--credentials", role_arn),
        *("--request-templates", json.dumps({"application/json": '{"greeter":"$input.params(\'greeter\')"}'})),
    )
    aws("apigateway", "put-integration-response", *address, "--status-code", "200")

    tested = aws("apigateway", "test-invoke-method", *address, "--path-with-query-string", "/?greeter=jane")

    assert tested["status"] == 200
    assert tested["body"] == '"Hello, jane!"'
    assert tested["headers"]["Content-Type"] == "application/json"
    assert 'Endpoint request body after transformations: {"greeter":"jane"}' in tested["log"]
    assert tested["log"].rstrip("\n").endswith("Method completed with status: 200")


@pytest.fixture
def greeting(rest_apis: RestApis) -> RestApi:
    """`POST /greeting` passes its body to HelloWorld; its error pattern leads to 400."""
    functions = rest_apis.functions
    function_arn = functions.create({"index.mjs": example("hello-custom/functions/HelloWorld/index.mjs")})
    api = rest_apis.create()
    address = api.lambda_custom("/greeting", "POST", function_arn)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.answers(address, "400", selectionPattern=r"Missing the required .* parameter\.")
    api.deploy()
    return api


def test_a_selection_pattern_turns_an_error_of_the_function_into_a_400(greeting: RestApi) -> None:
    """Handle custom Lambda errors in API Gateway"""
    greeted = greeting.call("POST", "/greeting", body='{"greeter": "Ana"}')
    missed = greeting.call("POST", "/greeting", body="{}")

    assert (greeted.status, greeted.json) == (200, "Hello, Ana!")
    assert missed.status == 400
    assert missed.json["errorMessage"] == "Missing the required greeter parameter."
    assert missed.json["errorType"] == "Error"


def test_an_empty_body_reaches_the_function_as_an_empty_object(greeting: RestApi) -> None:
    """Set up Lambda custom integrations in API Gateway"""
    response = greeting.call("POST", "/greeting")

    assert response.status == 400
    assert response.json["errorMessage"] == "Missing the required greeter parameter."


def test_an_error_that_no_pattern_matches_leaves_by_the_default_response(rest_apis: RestApis) -> None:
    """Handle standard Lambda errors in API Gateway"""
    functions = rest_apis.functions
    function_arn = functions.node("export const handler = async () => { throw new TypeError('line one\\nline two'); };")
    api = rest_apis.create()
    address = api.lambda_custom("/fails", "GET", function_arn)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.answers(address, "400", selectionPattern="line one")
    api.answers(address, "500", selectionPattern="line.*two")
    api.deploy()

    response = api.get("/fails")

    assert response.status == 200
    assert response.json["errorType"] == "TypeError"
    assert response.json["errorMessage"] == "line one\nline two"


def test_a_pattern_that_matches_the_empty_text_catches_success(rest_apis: RestApis) -> None:
    """Set up an integration response: the tested text of a success is empty."""
    functions = rest_apis.functions
    function_arn = functions.node("export const handler = async () => 'fine';")
    api = rest_apis.create()
    address = api.method("/teapot", "GET")
    api.apigateway.put_integration(
        **address, type="AWS", integrationHttpMethod="POST", uri=invocation_uri(function_arn)
    )
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.answers(address, "418", selectionPattern=".*")
    api.answers(address, "500", selectionPattern=".+")
    api.deploy()

    assert api.get("/teapot").status == 418
