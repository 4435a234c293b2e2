"""Response streaming: "Set up a Lambda proxy integration with payload response streaming in API Gateway", and the Lambda
Developer Guide's "Response streaming for Lambda functions"."""

import base64
import http.client
import json
import sys
from typing import Any

import pytest
from botocore.exceptions import ClientError

from harness.functions import Functions
from harness.gate import Gate
from harness.http import Client
from harness.package import source
from harness.rest_api import REGION, RestApi, RestApis

MALFORMED = b'{"message": "Internal server error"}'


def streaming_uri(function_arn: str) -> str:
    """The integration URI that invokes a function with a streamed response."""
    functions = f"arn:aws:apigateway:{REGION}:lambda:path/2021-11-15/functions"
    return f"{functions}/{function_arn}/response-streaming-invocations"


def streaming_api(rest_apis: RestApis, functions: Functions, function_arn: str, **integration: Any) -> RestApi:
    """A deployed API of one streaming `POST` method that may call its function."""
    api = rest_apis.create(endpointConfiguration={"types": ["REGIONAL"]})
    members = {"uri": streaming_uri(function_arn), "responseTransferMode": "STREAM"} | integration
    put = api.apigateway.put_integration(
        **api.method("/", "POST"), type="AWS_PROXY", integrationHttpMethod="POST", **members
    )
    assert put.get("responseTransferMode") == members["responseTransferMode"]
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()
    return api


@pytest.fixture
def function(functions: Functions) -> str:
    """The function that streams what its event asks for."""
    return functions.node(source("streaming.mjs"))


@pytest.fixture
def api(rest_apis: RestApis, functions: Functions, function: str) -> RestApi:
    """An API that streams its response."""
    return streaming_api(rest_apis, functions, function)


def begin(api: RestApi, client: Client, script: Any) -> tuple[http.client.HTTPConnection, http.client.HTTPResponse]:
    """Sends a request and reads the head of its response, no more."""
    connection = http.client.HTTPConnection("127.0.0.1", client.port, timeout=60)
    headers = {"Host": f"{api.id}.execute-api.localhost:{client.port}"}
    connection.request("POST", "/test/", json.dumps(script), headers)
    return connection, connection.getresponse()


def test_each_piece_reaches_the_client_before_the_function_writes_the_next(api: RestApi, client: Client) -> None:
    """API Gateway streams the response back as it is received from the integration."""
    with Gate() as gate:
        script = {"metadata": {"statusCode": 200}, "pieces": ["first", "second", "third"], "gate": gate.port}
        connection, response = begin(api, client, script)
        assert (response.status, response.getheader("Transfer-Encoding")) == (200, "chunked")
        for piece in script["pieces"]:
            assert response.read1(64) == piece.encode()
            gate.open()
        assert response.read() == b""
        connection.close()


def test_status_headers_and_cookies_come_from_the_metadata(api: RestApi) -> None:
    """Lambda proxy integration format for response streaming"""
    metadata = {
        "statusCode": 404,
        "headers": {"x-foo": "bar", "Content-Type": "text/plain", "Server": "mine"},
        "multiValueHeaders": {"x-mv1": ["hello", "world"]},
        "cookies": ["c1=blue", "c2=red; Path=/"],
    }
    response = api.call("POST", "/", body=json.dumps({"metadata": metadata, "pieces": ["not here"]}))
    assert (response.status, response.text) == (404, "not here")
    assert response.header_values("Set-Cookie") == ["c1=blue", "c2=red; Path=/"]
    assert response.header_values("x-mv1") == ["hello", "world"]
    assert (response.header("x-foo"), response.header("Content-Type")) == ("bar", "text/plain")
    assert response.header("x-amzn-remapped-server") == "mine"


def test_an_announced_length_frames_the_body(api: RestApi) -> None:
    """The headers contain either Transfer-Encoding: chunked or Content-Length."""
    metadata = {"headers": {"Content-Length": "6"}}
    response = api.call("POST", "/", body=json.dumps({"metadata": metadata, "pieces": ["abc", "def"]}))
    assert (response.text, response.header("Content-Length")) == ("abcdef", "6")
    assert response.header("Transfer-Encoding") is None


def test_what_fails_before_its_metadata_is_a_bad_gateway(api: RestApi) -> None:
    """API Gateway begins the payload stream after it receives valid metadata and the delimiter."""
    scripts: list[Any] = [
        {"failBefore": "boom"},
        {"pieces": ["no metadata at all"]},
        {"pieces": [json.dumps({"statusCode": 200, "body": "buffered"})]},
        {"metadata": {"statusCode": 99}, "pieces": ["x"]},
        {"pieces": ["{}", "x" * 20_000]},
    ]
    for script in scripts:
        response = api.call("POST", "/", body=json.dumps(script))
        assert (response.status, response.body) == (502, MALFORMED), script
        assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"


def test_what_fails_midway_breaks_the_connection_off(api: RestApi, client: Client) -> None:
    """No status can be sent any more: the client must not take the beginning for the whole."""
    with Gate() as gate:
        script = {"metadata": {}, "pieces": ["some"], "gate": gate.port, "failMidway": "late"}
        connection, response = begin(api, client, script)
        assert response.read1(64) == b"some"
        gate.open()
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            response.read()
        connection.close()
    assert api.call("POST", "/", body=json.dumps({"metadata": {}, "pieces": ["well"]})).text == "well"


def test_a_time_out_before_the_metadata_is_one_and_midway_breaks_off(
    rest_apis: RestApis, functions: Functions, function: str, client: Client
) -> None:
    """Make sure the timeout of your integration is long enough"""
    api = streaming_api(rest_apis, functions, function, timeoutInMillis=1500)
    with Gate() as gate:
        # The first call also starts the worker.
        api.call("POST", "/", body=json.dumps({"metadata": {}, "pieces": ["warm"]}))
        response = api.call("POST", "/", body=json.dumps({"pieces": ["{"], "gate": gate.port}))
        assert (response.status, response.json) == (504, {"message": "Endpoint request timed out"})
        gate.open()
        connection, response = begin(api, client, {"metadata": {}, "pieces": ["some"], "gate": gate.port})
        assert response.read1(64) == b"some"
        with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
            response.read()
        connection.close()
        gate.open()


def test_a_client_that_goes_away_does_not_stop_the_function(api: RestApi, client: Client) -> None:
    """When the connection between the client and API Gateway is closed, the function might continue to run."""
    with Gate() as gate, Gate() as end:
        pieces = ["first", "x" * 1_000_000, "y" * 1_000_000]
        script = {"metadata": {}, "pieces": pieces, "gate": gate.port, "gateAfter": end.port}
        connection, response = begin(api, client, script)
        assert response.read1(64) == b"first"
        connection.close()
        response.close()
        for _ in pieces:
            gate.open()
        end.open()


def test_the_gateway_needs_the_functions_permission(rest_apis: RestApis, function: str) -> None:
    """API Gateway permissions model for invoking an API: InvokeWithResponseStream is the action lambda:InvokeFunction."""
    api = rest_apis.create()
    api.apigateway.put_integration(
        **api.method("/", "POST"),
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=streaming_uri(function),
        responseTransferMode="STREAM",
    )
    api.deploy()
    response = api.call("POST", "/", body=json.dumps({"metadata": {}, "pieces": ["x"]}))
    assert (response.status, response.body) == (500, MALFORMED)


def test_a_buffered_integration_takes_what_a_streaming_handler_wrote(rest_apis: RestApis, function: str) -> None:
    """Invoke collects the response of a handler that streams."""
    api = rest_apis.proxy(function)
    whole = json.dumps({"statusCode": 201, "body": "all of it"})
    response = api.call("POST", "/x", body=json.dumps({"pieces": [whole[:9], whole[9:]]}))
    assert (response.status, response.text) == (201, "all of it")
    assert api.call("POST", "/x", body=json.dumps({"pieces": [whole], "failMidway": "late"})).status == 502


def test_a_test_invocation_shows_the_whole_response(api: RestApi) -> None:
    """When you test your method, API Gateway buffers your streamed response payload."""
    tested = api.apigateway.test_invoke_method(
        restApiId=api.id,
        resourceId=api.resource("/"),
        httpMethod="POST",
        body=json.dumps({"metadata": {"statusCode": 203, "headers": {"x-a": "b"}}, "pieces": ["one ", "two"]}),
    )
    assert (tested["status"], tested["body"], tested["headers"]["x-a"]) == (203, "one two", "b")


def test_a_custom_runtime_streams(rest_apis: RestApis, functions: Functions) -> None:
    """Use a custom runtime with a custom Runtime API integration to stream responses"""
    bootstrap = f"#!{sys.executable}\n{source('streaming-bootstrap.py')}"
    function = functions.create({"bootstrap": bootstrap}, runtime="provided.al2023")
    api = streaming_api(rest_apis, functions, function)
    response = api.call("POST", "/", body=json.dumps(["a ", "custom ", "runtime"]))
    assert (response.status, response.text) == (202, "a custom runtime")


def test_an_imported_api_streams(rest_apis: RestApis, functions: Functions, function: str) -> None:
    """Configure a Lambda proxy integration with payload response streaming in API Gateway"""
    integration = {
        "type": "AWS_PROXY",
        "httpMethod": "POST",
        "uri": streaming_uri(function),
        "responseTransferMode": "STREAM",
        "timeoutInMillis": 900000,
    }
    document = {
        "openapi": "3.0.1",
        "info": {"title": "streamed", "version": "1"},
        "paths": {"/": {"post": {"x-amazon-apigateway-integration": integration}}},
    }
    imported = rest_apis.apigateway.import_rest_api(body=json.dumps(document).encode())
    api = rest_apis.adopt(imported["id"])
    functions.allow_api_gateway(function, api.execution_arn)
    api.deploy()
    response = api.call("POST", "/", body=json.dumps({"metadata": {}, "pieces": ["imported"]}))
    assert response.text == "imported"


def test_the_transfer_mode_is_updated_with_its_uri(rest_apis: RestApis, functions: Functions, function: str) -> None:
    """Update the response transfer mode"""
    api = rest_apis.proxy(function, "/", "POST")
    address = api.address("/", "POST")
    operations = [("/uri", streaming_uri(function)), ("/responseTransferMode", "STREAM"), ("/timeoutInMillis", "900000")]
    updated = api.apigateway.update_integration(
        **address, patchOperations=[{"op": "replace", "path": path, "value": value} for path, value in operations]
    )
    assert (updated["responseTransferMode"], updated["timeoutInMillis"]) == ("STREAM", 900000)
    api.deploy()
    assert api.call("POST", "/", body=json.dumps({"metadata": {}, "pieces": ["now"]})).text == "now"
    with pytest.raises(ClientError, match="Timeout should be between 50 ms and 29000 ms"):
        back = [{"op": "replace", "path": "/responseTransferMode", "value": "BUFFERED"}]
        api.apigateway.update_integration(**address, patchOperations=back)


def chunks(stream: Any) -> tuple[bytes, dict[str, Any]]:
    """All bytes of an event stream, and its end."""
    events = list(stream)
    assert [key for event in events[:-1] for key in event] == ["PayloadChunk"] * (len(events) - 1)
    return b"".join(event["PayloadChunk"]["Payload"] for event in events[:-1]), events[-1]["InvokeComplete"]


def test_the_sdk_reads_the_event_stream_while_the_function_writes(lambda_client: Any, function: str) -> None:
    """InvokeWithResponseStream"""
    with Gate() as gate:
        script = {"pieces": ["first", "second"], "gate": gate.port}
        answer = lambda_client.invoke_with_response_stream(
            FunctionName=function, Payload=json.dumps(script), LogType="Tail"
        )
        assert (answer["StatusCode"], answer["ExecutedVersion"]) == (200, "$LATEST")
        assert answer["ResponseStreamContentType"] == "application/vnd.amazon.eventstream"
        stream = iter(answer["EventStream"])
        for piece in script["pieces"]:
            assert next(stream)["PayloadChunk"]["Payload"] == piece.encode()
            gate.open()
        rest, complete = chunks(stream)
        assert rest == b""
        assert "ErrorCode" not in complete
        assert b"REPORT RequestId" in base64.b64decode(complete["LogResult"])


def test_the_event_stream_says_whether_the_function_failed(lambda_client: Any, function: str) -> None:
    """InvokeWithResponseStreamCompleteEvent"""
    for script, expected in [({"failBefore": "boom"}, b""), ({"pieces": ["some"], "failMidway": "boom"}, b"some")]:
        answer = lambda_client.invoke_with_response_stream(FunctionName=function, Payload=json.dumps(script))
        data, complete = chunks(answer["EventStream"])
        assert (data, complete["ErrorCode"]) == (expected, "Unhandled")
        assert json.loads(complete["ErrorDetails"])["errorMessage"] == "boom"
        assert "LogResult" not in complete


def test_a_function_that_does_not_stream_is_one_chunk(lambda_client: Any, functions: Functions) -> None:
    """InvokeWithResponseStream of a function whose handler returns"""
    function = functions.python("def handler(event, context):\n    return {'got': event}\n")
    answer = lambda_client.invoke_with_response_stream(FunctionName=function, Payload=b'{"a": 1}')
    data, complete = chunks(answer["EventStream"])
    assert (json.loads(data), complete) == ({"got": {"a": 1}}, {})


def test_a_dry_run_runs_nothing_and_an_unknown_function_is_not_found(lambda_client: Any, function: str) -> None:
    """InvokeWithResponseStream, InvocationType and errors"""
    dry = lambda_client.invoke_with_response_stream(FunctionName=function, InvocationType="DryRun")
    assert dry["StatusCode"] == 204
    with pytest.raises(ClientError, match="Function not found") as refused:
        lambda_client.invoke_with_response_stream(FunctionName="nobody", Payload=b"{}")
    assert refused.value.response["Error"]["Code"] == "ResourceNotFoundException"
    with pytest.raises(ClientError, match="Could not parse request body into json"):
        lambda_client.invoke_with_response_stream(FunctionName=function, Payload=b"{")
