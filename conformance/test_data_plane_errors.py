"""Developer Guide, "Gateway responses for REST APIs in API Gateway": every refusal, byte for byte."""

import json
import re
import socket
import threading
import uuid
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from harness.functions import Functions, Journal
from harness.http import Client
from harness.rest_api import RestApi, RestApis, invocation_uri

MEBIBYTE = 1024 * 1024
INTERNAL = b'{"message": "Internal server error"}'


@pytest.fixture
def pets(rest_apis: RestApis) -> RestApi:
    """`GET /pets` and `POST /pets/{id}`, mocks, deployed to `test`."""
    api = rest_apis.create()
    api.mock("/pets", "GET", "all pets")
    api.mock("/pets/{id}", "POST", "$input.params('id')")
    api.deploy()
    return api


def test_an_unknown_api_or_stage_is_forbidden(pets: RestApi, client: Client) -> None:
    """Invoke REST APIs in API Gateway: an address that leads nowhere"""
    unknown_api = client.send("GET", "/test/pets", {"Host": "zzzzzzzzzz.execute-api.localhost"})
    answers = [pets.get("/pets", stage="absent"), pets.get("/pets", stage="TEST"), unknown_api]
    answers.append(client.send("GET", f"/restapis/{pets.id}/absent/_user_request_/pets"))
    answers.append(client.send("GET", "/", {"Host": f"{pets.id}.execute-api.localhost"}))

    for response in answers:
        assert (response.status, response.body) == (403, b'{"message":"Forbidden"}')
        assert response.header("x-amzn-ErrorType") == "ForbiddenException"
        assert response.header("Content-Type") == "application/json"
        assert response.header("Content-Length") == "23"


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/cats"), ("GET", "/"), ("POST", "/pets"), ("GET", "/pets/1"), ("POST", "/pets/1/2"), ("HEAD", "/pets")],
)
def test_an_unknown_route_is_a_missing_authentication_token(pets: RestApi, method: str, path: str) -> None:
    """Gateway response types: MISSING_AUTHENTICATION_TOKEN"""
    response = pets.call(method, path)

    assert response.status == 403
    assert response.body == (b"" if method == "HEAD" else b'{"message":"Missing Authentication Token"}')
    assert response.header("x-amzn-ErrorType") == "MissingAuthenticationTokenException"
    assert response.header("Content-Type") == "application/json"


def test_every_answer_carries_its_request_ids(pets: RestApi) -> None:
    """Response headers of API Gateway"""
    for response in (pets.get("/pets"), pets.get("/absent"), pets.get("/pets", stage="absent")):
        assert uuid.UUID(response.header("x-amzn-RequestId") or "")
        assert re.fullmatch(r"[\w+/\-]{11,}=", response.header("x-amz-apigw-id") or "")
    assert pets.get("/pets").header("X-Amzn-Trace-Id") is None


def test_a_static_part_wins_over_a_parameter_and_a_parameter_over_a_greedy_one(rest_apis: RestApis) -> None:
    """Set up a proxy integration with a proxy resource: the most specific resource wins"""
    api = rest_apis.create()
    api.mock("/{proxy+}", "ANY", "greedy")
    api.mock("/pets", "GET", "static")
    api.mock("/pets/{id}", "GET", "parameter")
    api.mock("/pets/mine", "GET", "mine")
    api.deploy()

    answers = {path: api.get(path).text for path in ("/pets", "/pets/", "/pets/1", "/pets/mine", "/pets/1/2", "/x")}

    assert answers == {
        "/pets": "static",
        "/pets/": "static",
        "/pets/1": "parameter",
        "/pets/mine": "mine",
        "/pets/1/2": "greedy",
        "/x": "greedy",
    }
    assert api.call("DELETE", "/pets/1").text == "greedy"


@pytest.mark.parametrize(
    ("behavior", "content_type", "status"),
    [
        ("WHEN_NO_MATCH", "text/plain", 200),
        ("WHEN_NO_TEMPLATES", "text/plain", 415),
        ("NEVER", "text/plain", 415),
        ("NEVER", "application/json", 200),
        ("WHEN_NO_TEMPLATES", "application/json; charset=utf-8", 200),
    ],
)
def test_passthrough_behavior_decides_over_unknown_content_types(
    rest_apis: RestApis, functions: Functions, journal: Journal, behavior: str, content_type: str, status: int
) -> None:
    """Integration passthrough behaviors"""
    function_arn = functions.recorder(journal)
    api = rest_apis.create()
    api.lambda_custom(
        *("/x", "POST", function_arn),
        passthroughBehavior=behavior,
        requestTemplates={"application/json": '{"answer": "templated"}'},
    )
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    response = api.call("POST", "/x", {"Content-Type": content_type}, '{"answer": "passed"}')

    assert response.status == status
    if status == 415:
        assert response.body in (b'{"message": "Unsupported Media Type"}', b'{"message":"Unsupported Media Type"}')
        assert response.header("x-amzn-ErrorType") == "BadRequestException"
        assert journal.entries() == []
    else:
        assert response.json == ("templated" if "json" in content_type else "passed")


def test_a_body_above_ten_megabytes_is_too_long(pets: RestApi) -> None:
    """Quotas for REST APIs: payload size"""
    accepted = pets.call("POST", "/pets/1", {"Content-Type": "application/json"}, b"1" * (9 * MEBIBYTE))
    refused = pets.call("POST", "/pets/1", {"Content-Type": "application/json"}, b"1" * (10 * MEBIBYTE + 1))

    assert accepted.status == 200
    assert refused.status == 413
    assert refused.json == {"message": "Request Too Long"}


def fail_closed(api: RestApi, journal: Journal, path: str) -> None:
    """Asserts that a call ends in a 500 and that no function ran."""
    for headers in ({}, {"Authorization": "allow"}, {"x-api-key": "anything"}):
        response = api.get(path, headers)
        assert response.status == 500
        assert response.json["message"] in (None, "Internal server error")
    assert journal.entries() == []


def test_a_method_that_needs_a_signature_never_passes_unchecked(
    rest_apis: RestApis, functions: Functions, journal: Journal
) -> None:
    """Control access to a REST API with IAM permissions"""
    api = protected(rest_apis, functions, journal, authorizationType="AWS_IAM")

    fail_closed(api, journal, "/x")


def test_a_method_that_needs_an_api_key_never_passes_unchecked(
    rest_apis: RestApis, functions: Functions, journal: Journal
) -> None:
    """Usage plans and API keys for REST APIs"""
    api = protected(rest_apis, functions, journal, apiKeyRequired=True)

    fail_closed(api, journal, "/x")


def test_a_method_with_an_authorizer_never_passes_unchecked(
    rest_apis: RestApis, functions: Functions, journal: Journal
) -> None:
    """Use API Gateway Lambda authorizers: the method comes in by an import"""
    function_arn = functions.recorder(journal)
    document = {
        "openapi": "3.0.3",
        "info": {"title": "authorized", "version": "1"},
        "paths": {
            "/x": {
                "get": {
                    "responses": {},
                    "security": [{"guard": []}],
                    "x-amazon-apigateway-integration": {
                        "type": "aws_proxy",
                        "httpMethod": "POST",
                        "uri": invocation_uri(function_arn),
                    },
                }
            }
        },
        "components": {
            "securitySchemes": {
                "guard": {
                    "type": "apiKey",
                    "name": "Authorization",
                    "in": "header",
                    "x-amazon-apigateway-authtype": "custom",
                    "x-amazon-apigateway-authorizer": {
                        "type": "token",
                        "authorizerUri": invocation_uri(function_arn),
                    },
                }
            }
        },
    }
    api = rest_apis.adopt(rest_apis.apigateway.import_rest_api(body=json.dumps(document).encode())["id"])
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    fail_closed(api, journal, "/x")


def protected(rest_apis: RestApis, functions: Functions, journal: Journal, **members: Any) -> RestApi:
    """`GET /x`, a Lambda proxy that wants a proof from its caller."""
    function_arn = functions.recorder(journal)
    api = rest_apis.create()
    api.lambda_proxy("/x", "GET", function_arn, **members)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()
    return api


def test_a_missing_integration_or_method_response_is_a_configuration_error(
    rest_apis: RestApis, functions: Functions
) -> None:
    """Set up an integration response: what must exist"""
    function_arn = functions.node("export const handler = async () => 'fine';")
    api = rest_apis.create()
    functions.allow_api_gateway(function_arn, api.execution_arn)
    unanswered = api.method("/unanswered", "GET")
    undeclared = api.method("/undeclared", "GET")
    for address in (unanswered, undeclared):
        api.apigateway.put_integration(
            **address, type="AWS", integrationHttpMethod="POST", uri=invocation_uri(function_arn)
        )
    api.apigateway.put_integration_response(**undeclared, statusCode="200")
    api.deploy()
    logs = {
        "/unanswered": "No match for output mapping and no default output mapping configured. "
        "Endpoint Response Status Code: 200",
        "/undeclared": "Output mapping refers to an invalid method response: 200",
    }
    for path, address in (("/unanswered", unanswered), ("/undeclared", undeclared)):
        response = api.get(path)
        assert (response.status, response.body) == (500, INTERNAL)
        assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"
        log = api.apigateway.test_invoke_method(**address)["log"]
        assert f"Execution failed due to configuration error: {logs[path]}" in log
        assert "Method completed with status: 500" in log


def test_a_slow_function_is_an_integration_timeout(rest_apis: RestApis, functions: Functions) -> None:
    """Gateway response types: INTEGRATION_TIMEOUT"""
    function_arn = functions.node("export const handler = () => new Promise(() => setInterval(() => {}, 1000));")
    api = rest_apis.create()
    address = api.method("/slow", "GET")
    api.apigateway.put_integration(
        **address,
        type="AWS_PROXY",
        integrationHttpMethod="POST",
        uri=invocation_uri(function_arn),
        timeoutInMillis=50,
    )
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    response = api.get("/slow")

    assert (response.status, response.body) == (504, b'{"message": "Endpoint request timed out"}')
    assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"


@pytest.mark.parametrize(
    ("template", "status", "body"),
    [
        ('{"statusCode": 200}', 200, b"default"),
        ("{statusCode: 200}", 200, b"default"),
        ("{'statusCode': 200,}", 200, b"default"),
        ('{"statusCode": 404}', 404, b"absent"),
        ('{"statusCode": "200"}', 500, INTERNAL),
        ('{"status": 200}', 500, INTERNAL),
        ("", 500, INTERNAL),
    ],
)
def test_a_mock_answers_by_the_status_code_of_its_template(
    rest_apis: RestApis, template: str, status: int, body: bytes
) -> None:
    """Set up mock integrations in API Gateway"""
    api = rest_apis.create()
    address = api.method("/mock", "GET")
    api.apigateway.put_integration(**address, type="MOCK", requestTemplates={"application/json": template})
    api.answers(address, "200", responseTemplates={"application/json": "default"})
    api.answers(address, "404", selectionPattern="404", responseTemplates={"application/json": "absent"})
    api.deploy()

    response = api.get("/mock")

    assert (response.status, response.body) == (status, body)


def test_a_template_that_cannot_be_rendered_is_a_500(rest_apis: RestApis) -> None:
    """Mapping template reference: a template with an error in it"""
    api = rest_apis.create()
    address = api.method("/broken", "GET")
    templates = {"application/json": "#if($input.params('x')) never closed"}
    api.apigateway.put_integration(**address, type="MOCK", requestTemplates=templates)
    api.answers(address, "200")
    api.deploy()

    response = api.get("/broken")

    assert (response.status, response.body) == (500, INTERNAL)


class Backend(BaseHTTPRequestHandler):
    """Answers every request with what it got."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Echoes."""
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
        told = json.dumps({"path": self.path, "headers": dict(self.headers), "body": body}).encode()
        self.send_response(201 if "created" in self.path else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("X-Backend", "yes")
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    do_GET = do_POST

    def log_message(self, format: str, *args: Any) -> None:
        """Says nothing."""


@pytest.fixture
def backend() -> Iterator[str]:
    """The address of an HTTP server."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Backend)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_an_http_proxy_passes_request_and_answer(rest_apis: RestApis, backend: str) -> None:
    """Set up HTTP proxy integrations in API Gateway"""
    api = rest_apis.create()
    address = api.method("/{proxy+}", "ANY", requestParameters={"method.request.path.proxy": True})
    api.apigateway.put_integration(
        **address,
        type="HTTP_PROXY",
        integrationHttpMethod="ANY",
        uri=f"{backend}/base/{{proxy}}",
        requestParameters={"integration.request.path.proxy": "method.request.path.proxy"},
    )
    api.deploy()

    response = api.call("POST", "/a%2Fb/created?q=1", {"X-Tag": "one", "Content-Type": "text/plain"}, "body")

    assert response.status == 201
    assert response.header("X-Backend") == "yes"
    assert response.json["path"] == "/base/a%2Fb/created?q=1"
    assert response.json["body"] == "body"
    assert response.json["headers"]["X-Tag"] == "one"


def test_a_custom_http_integration_maps_both_ways(rest_apis: RestApis, backend: str) -> None:
    """Set up HTTP custom integrations in API Gateway"""
    api = rest_apis.create()
    address = api.method("/x", "GET", requestParameters={"method.request.querystring.q": True})
    api.apigateway.put_integration(
        **address,
        type="HTTP",
        integrationHttpMethod="POST",
        uri=f"{backend}/base",
        requestParameters={"integration.request.querystring.mapped": "method.request.querystring.q"},
        requestTemplates={"application/json": '{"asked": "$input.params(\'q\')"}'},
    )
    api.apigateway.put_method_response(
        **address, statusCode="200", responseParameters={"method.response.header.X-From": False}
    )
    api.apigateway.put_integration_response(
        **address,
        statusCode="200",
        responseParameters={"method.response.header.X-From": "integration.response.header.X-Backend"},
        responseTemplates={"application/json": "$input.json('$.body')"},
    )
    api.deploy()

    response = api.get("/x?q=why", {"X-Tag": "one"})

    assert response.status == 200
    assert json.loads(response.json) == {"asked": "why"}
    assert response.header("X-From") == "yes"
    assert response.header("X-Backend") is None


def test_a_backend_that_is_not_there_is_an_integration_failure(rest_apis: RestApis) -> None:
    """Gateway response types: INTEGRATION_FAILURE"""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        api = rest_apis.create()
        address = api.method("/x", "GET")
        uri = f"http://127.0.0.1:{unused.getsockname()[1]}/"
        api.apigateway.put_integration(**address, type="HTTP_PROXY", integrationHttpMethod="GET", uri=uri)
        api.deploy()

        response = api.get("/x")

    assert (response.status, response.json) == (504, {"message": "Network error communicating with endpoint"})


def test_a_request_that_names_two_hosts_is_refused(pets: RestApi, client: Client) -> None:
    """RFC 9112, section 3.2: a proxy in front may have read the other one."""
    host = f"{pets.id}.execute-api.localhost".encode()
    request = b"GET /test/pets HTTP/1.1\r\nHost: " + host + b"\r\n%sConnection: close\r\n\r\n"
    for second, status in ((b"", b"200"), (b"Host: other\r\n", b"400")):
        with socket.create_connection(("127.0.0.1", client.port), timeout=30) as connection:
            connection.sendall(request % second)
            assert connection.recv(12) == b"HTTP/1.1 " + status


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"\x16\x03\x01\x02\x00garbage\r\n\r\n",
        b"GET\r\n\r\n",
        b"GET /test/pets HTTP/9.9\r\n\r\n",
        b"POST /test/pets/1 HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /test/pets/1 HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
        b"GET /test/pets HTTP/1.1\r\nHost: x\r\n" + b"X-Long: " + b"x" * 2_000_000 + b"\r\n\r\n",
        b"GET /%ff%00/%zz HTTP/1.1\r\nHost: \xff\xfe\r\nConnection: close\r\n\r\n",
    ],
    ids=["tls", "no target", "version", "negative length", "two lengths", "huge header", "bad escapes"],
)
def test_hostile_bytes_never_end_the_gateway(pets: RestApi, client: Client, request_bytes: bytes) -> None:
    """Bad input on every call gets an error or a closed connection; the gateway lives on."""
    with socket.create_connection(("127.0.0.1", client.port), timeout=30) as connection:
        try:
            connection.sendall(request_bytes)
            connection.shutdown(socket.SHUT_WR)
            answer = connection.recv(12)
        except OSError:  # The gateway had refused and closed before all was sent.
            answer = b""

    assert answer == b"" or re.match(rb"HTTP/1\.[01] 4\d\d", answer)
    assert pets.get("/pets").text == "all pets"
