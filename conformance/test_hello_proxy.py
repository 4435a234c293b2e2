"""Developer Guide, "Set up Lambda proxy integration for API Gateway using the AWS CLI": one greedy resource."""

import json
import subprocess

import pytest

from harness.cli import AwsCli
from harness.functions import NODE, PYTHON, ROLE, Journal
from harness.gateway import Gateway
from harness.package import example, source, zip_of
from harness.rest_api import ACCOUNT, REGION, RestApi, RestApis, invocation_uri

EVERY_BYTE = bytes(range(256)) * 5
MALFORMED = b'{"message": "Internal server error"}'


def test_the_hello_world_proxy_of_the_tutorial_greets_by_every_source(aws: AwsCli, gateway: Gateway) -> None:
    """Set up Lambda proxy integration for API Gateway using the AWS CLI"""
    (aws.folder / "function.zip").write_bytes(
        zip_of({"index.mjs": example("hello-proxy/functions/HelloProxy/index.mjs")})
    )
    function = aws(
        *("lambda", "create-function", "--function-name", "HelloWorld-proxy", "--runtime", NODE, "--role", ROLE),
        *("--handler", "index.handler", "--zip-file", "fileb://function.zip"),
    )
    api = aws("apigateway", "create-rest-api", "--name", "HelloWorld (AWS CLI)")
    root = aws("apigateway", "get-resources", "--rest-api-id", api["id"])["items"][0]
    resource = aws(
        *("apigateway", "create-resource", "--rest-api-id", api["id"]),
        *("--parent-id", root["id"], "--path-part", "{proxy+}"),
    )
    assert resource["path"] == "/{proxy+}"
    address = ("--rest-api-id", api["id"], "--resource-id", resource["id"], "--http-method", "ANY")
    aws("apigateway", "put-method", *address, "--authorization-type", "NONE")
    integration = aws(
        *("apigateway", "put-integration", *address, "--type", "AWS_PROXY", "--integration-http-method", "POST"),
        *("--uri", invocation_uri(function["FunctionArn"])),
    )
    assert integration["type"] == "AWS_PROXY"
    aws(
        *("lambda", "add-permission", "--function-name", "HelloWorld-proxy", "--statement-id", "api"),
        *("--action", "lambda:InvokeFunction", "--principal", "apigateway.amazonaws.com"),
        *("--source-arn", f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api['id']}/*/*/*"),
    )
    aws("apigateway", "create-deployment", "--rest-api-id", api["id"], "--stage-name", "test")

    url = f"http://{api['id']}.execute-api.localhost:{gateway.port}/test/helloworld"
    assert curl(f"{url}?greeter=jane") == "Hello, jane!"
    assert curl("-H", "greeter: jane", url) == "Hello, jane!"
    assert curl("-H", "Content-Type: application/json", "-d", '{"greeter": "jane"}', url) == "Hello, jane!"
    assert curl("-X", "PUT", url) == "Hello, World!"
    path_form = f"{gateway.url}/restapis/{api['id']}/test/_user_request_/helloworld?greeter=jane"
    assert curl(path_form) == "Hello, jane!"


def curl(*arguments: str) -> str:
    """What `curl` prints; the name below `localhost` is sent to the loopback address, as curl itself does."""
    command = ["curl", "--silent", "--show-error", "--max-time", "60", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.fixture(params=["node", "python"])
def hello(request: pytest.FixtureRequest, rest_apis: RestApis) -> RestApi:
    """The proxy API of the tutorial over the example's function, in either language."""
    if request.param == "node":
        function_arn = rest_apis.functions.create({"index.mjs": example("hello-proxy/functions/HelloProxy/index.mjs")})
    else:
        files = {"greeter.py": example("hello-proxy/functions/HelloProxyPython/greeter.py")}
        function_arn = rest_apis.functions.create(files, PYTHON, "greeter.handler")
    return rest_apis.proxy(function_arn)


def test_repeated_query_parameters_and_headers_reach_the_function_and_come_back(hello: RestApi) -> None:
    """Support for multi-value headers and query string parameters"""
    by_query = hello.get("/hi?greeter=Ana&greeter=Bob")
    by_header = hello.get("/hi", [("greeter", "Ana"), ("greeter", "Bob")])

    assert by_query.text == by_header.text == "Hello, Ana and Bob!"
    assert ", ".join(by_query.header_values("X-Greeter")) == "Ana, Bob"
    assert by_query.header("Content-Type") == "text/plain"


@pytest.mark.parametrize("method", ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"])
def test_any_takes_every_method(echo: RestApi, method: str) -> None:
    """Set up a proxy integration with a proxy resource"""
    response = echo.call(method, "/anything")

    assert response.status == 200
    if method == "HEAD":
        assert response.body == b""
    else:
        assert response.json["httpMethod"] == method


@pytest.fixture
def echo(rest_apis: RestApis) -> RestApi:
    """A proxy API that answers with the event that its function got."""
    return rest_apis.proxy(rest_apis.functions.proxy_echo())


def test_the_event_has_every_key_and_null_for_what_is_empty(echo: RestApi) -> None:
    """Input format of a Lambda function for proxy integration"""
    event = echo.get("/deep/path").json

    assert list(event) == [
        *("resource", "path", "httpMethod", "headers", "multiValueHeaders", "queryStringParameters"),
        *("multiValueQueryStringParameters", "pathParameters", "stageVariables", "requestContext", "body"),
        "isBase64Encoded",
    ]
    assert event["resource"] == "/{proxy+}"
    assert event["path"] == "/deep/path"
    assert event["pathParameters"] == {"proxy": "deep/path"}
    for empty in ("queryStringParameters", "multiValueQueryStringParameters", "stageVariables", "body"):
        assert event[empty] is None
    assert event["isBase64Encoded"] is False
    context = event["requestContext"]
    assert context["resourcePath"] == "/{proxy+}"
    assert context["path"] == "/test/deep/path"
    assert (context["apiId"], context["stage"], context["accountId"]) == (echo.id, "test", ACCOUNT)
    assert context["identity"]["sourceIp"] == "127.0.0.1"
    assert context["identity"]["userAgent"] is None
    assert context["domainPrefix"] == echo.id


def test_single_value_maps_keep_the_last_value_and_queries_are_decoded_once(echo: RestApi) -> None:
    """Input format of a Lambda function for proxy integration"""
    event = echo.get("/x?a=1&a=2&plus=a+b%2Bc&utf8=%C3%A9&empty=&bare", [("X-Tag", "one"), ("X-Tag", "two")]).json

    assert event["queryStringParameters"] == {"a": "2", "plus": "a b+c", "utf8": "é", "empty": "", "bare": ""}
    assert event["multiValueQueryStringParameters"]["a"] == ["1", "2"]
    assert event["headers"]["X-Tag"] == "two"
    assert event["multiValueHeaders"]["X-Tag"] == ["one", "two"]


def test_the_path_is_never_decoded(echo: RestApi) -> None:
    """Input format of a Lambda function for proxy integration"""
    event = echo.get("/a%2Fb/c%20d+e").json

    assert event["path"] == "/a%2Fb/c%20d+e"
    assert event["pathParameters"] == {"proxy": "a%2Fb/c%20d+e"}


def test_stage_variables_are_in_the_event(rest_apis: RestApis) -> None:
    """Use stage variables for a REST API in API Gateway"""
    api = rest_apis.proxy(rest_apis.functions.proxy_echo())
    api.deploy("blue", variables={"colour": "blue"})

    assert api.get("/x", stage="blue").json["stageVariables"] == {"colour": "blue"}


def test_every_address_of_a_stage_reaches_the_same_method(echo: RestApi) -> None:
    """Invoke REST APIs in API Gateway"""
    by_host = echo.get("/pets?a=1")
    by_path = echo.client.send("GET", f"/_aws/execute-api/{echo.id}/test/pets?a=1")
    by_legacy_path = echo.client.send("GET", f"/restapis/{echo.id}/test/_user_request_/pets?a=1")

    for response in (by_host, by_path, by_legacy_path):
        assert response.status == 200
        assert response.json["path"] == "/pets"
        assert response.json["requestContext"]["path"] == "/test/pets"
        assert response.json["queryStringParameters"] == {"a": "1"}


def test_headers_that_belong_to_the_hop_never_reach_the_function(echo: RestApi) -> None:
    """Amazon API Gateway important notes"""
    headers = echo.call("POST", "/x", {"Max-Forwards": "3", "Server": "me", "X-Kept": "yes"}, "body").json["headers"]

    names = {name.lower() for name in headers}
    assert not names & {"connection", "content-length", "max-forwards", "server", "transfer-encoding"}
    assert headers["X-Kept"] == "yes"
    assert {"x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id", "host"} <= names


def test_bytes_travel_both_ways_when_every_media_type_is_binary(rest_apis: RestApis) -> None:
    """Return binary media from a Lambda proxy integration in API Gateway"""
    files = {"index.mjs": example("hello-proxy/functions/HelloProxy/index.mjs")}
    api = rest_apis.proxy(rest_apis.functions.create(files), binaryMediaTypes=["*/*"])

    response = api.call("POST", "/echo", {"Content-Type": "image/png", "Accept": "image/png"}, EVERY_BYTE)

    assert response.status == 200
    assert response.header("Content-Type") == "image/png"
    assert response.body == EVERY_BYTE


def test_text_of_an_api_without_binary_types_is_plain_in_the_event(echo: RestApi) -> None:
    """Working with binary media types for REST APIs"""
    event = echo.call("POST", "/x", {"Content-Type": "text/plain"}, "héllo").json

    assert (event["body"], event["isBase64Encoded"]) == ("héllo", False)


@pytest.fixture
def scripted(rest_apis: RestApis) -> RestApi:
    """A proxy API whose function returns, or throws, what the request's body says."""
    return rest_apis.proxy(rest_apis.functions.node(source("proxy-scripted.mjs")))


@pytest.mark.parametrize(
    "result",
    [
        "text",
        7,
        ["a"],
        None,
        {"statusCode": 200, "extra": 1},
        {"statusCode": "abc"},
        {"statusCode": 201.5},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "headers": {"X": {"not": "text"}}},
        {"statusCode": 200, "multiValueHeaders": {"X": "no list"}},
    ],
    ids=json.dumps,
)
def test_a_malformed_result_is_a_502(scripted: RestApi, result: object) -> None:
    """Output format of a Lambda function for proxy integration"""
    response = scripted.call("POST", "/x", body=json.dumps({"return": result}))

    assert (response.status, response.body) == (502, MALFORMED)
    assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"
    assert response.header("Content-Type") == "application/json"


@pytest.mark.parametrize(
    ("result", "status", "body"),
    [
        ({}, 200, ""),
        ({"statusCode": "201", "body": "made"}, 201, "made"),
        ({"statusCode": 204, "body": None}, 204, ""),
        ({"headers": None, "body": "x"}, 200, "x"),
    ],
    ids=["empty object", "status as text", "no content", "null headers"],
)
def test_a_sparse_result_is_completed(scripted: RestApi, result: object, status: int, body: str) -> None:
    """Output format of a Lambda function for proxy integration"""
    response = scripted.call("POST", "/x", body=json.dumps({"return": result}))

    assert (response.status, response.text) == (status, body)


def test_header_values_may_be_numbers_and_booleans(scripted: RestApi) -> None:
    """Output format of a Lambda function for proxy integration"""
    result = {"statusCode": 200, "headers": {"X-Number": 7, "X-Flag": True, "Content-Type": "text/csv"}, "body": "a,b"}
    response = scripted.call("POST", "/x", body=json.dumps({"return": result}))

    assert response.header("X-Number") == "7"
    assert response.header("X-Flag") == "true"
    assert response.header("Content-Type") == "text/csv"


def test_an_exception_of_a_proxy_function_is_a_502(scripted: RestApi) -> None:
    """Handle standard Lambda errors in API Gateway"""
    response = scripted.call("POST", "/x", body=json.dumps({"throw": "secret detail"}))

    assert (response.status, response.body) == (502, MALFORMED)


def test_a_function_that_never_permitted_the_gateway_is_not_called(rest_apis: RestApis, journal: Journal) -> None:
    """API Gateway permissions model for invoking an API: Grant API Gateway permission to invoke the function"""
    function_arn = rest_apis.functions.recorder(journal)
    api = rest_apis.create()
    address = api.lambda_proxy("/x", "GET", function_arn)
    api.deploy()

    response = api.get("/x")
    tested = api.apigateway.test_invoke_method(**address)

    assert (response.status, response.body) == (500, MALFORMED)
    assert tested["status"] == 500
    assert "Invalid permissions on Lambda function" in tested["log"]
    assert journal.entries() == []


def test_a_permission_for_one_stage_does_not_open_another(rest_apis: RestApis, journal: Journal) -> None:
    """Resource-based policy: the source ARN names the stage."""
    function_arn = rest_apis.functions.recorder(journal)
    api = rest_apis.create()
    api.lambda_proxy("/x", "GET", function_arn)
    rest_apis.functions.allow_api_gateway(function_arn, f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{api.id}/open/GET/x")
    api.deploy("open")
    api.deploy("shut")

    assert api.get("/x", stage="open").status == 200
    assert api.get("/x", stage="shut").status == 500
    assert len(journal.entries()) == 1
