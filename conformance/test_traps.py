"""Where implementations of API Gateway usually go wrong: each trap, seen by a client."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from harness.functions import Functions, Journal
from harness.gateway import Gateway
from harness.http import HeaderPairs
from harness.rest_api import RestApi, RestApis, invocation_uri
from harness.sdk import sdk

INTERNAL = b'{"message": "Internal server error"}'
NO_TOKEN = b'{"message":"Missing Authentication Token"}'


def event_of(api: RestApi, target: str, headers: HeaderPairs = (), stage: str = "test") -> Any:
    """The event that a proxy function got for a GET."""
    response = api.get(target, headers, stage)
    assert response.status == 200, response.body
    return response.json


@pytest.fixture(scope="module")
def echo(gateway: Gateway) -> Iterator[RestApi]:
    """`ANY /{proxy+}`, a proxy function that answers with its event; stage `stage`."""
    functions = Functions(sdk(gateway.url, "lambda"))
    api = RestApi.create(sdk(gateway.url, "apigateway"), gateway.client)
    function_arn = functions.proxy_echo()
    api.lambda_proxy("/{proxy+}", "ANY", function_arn)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy("stage")
    yield api
    api.apigateway.delete_rest_api(restApiId=api.id)


@pytest.mark.parametrize(
    ("target", "path", "proxy", "context_path"),
    [
        ("/stage/proxy-value", "/proxy-value", "proxy-value", "/stage/proxy-value"),
        ("/stage/proxy-value/", "/proxy-value/", "proxy-value", "/stage/proxy-value/"),
        ("/stage//proxy-value", "/proxy-value", "proxy-value", "/stage//proxy-value"),
        ("//stage/proxy-value", "/proxy-value", "proxy-value", "/stage/proxy-value"),
        (
            "/stage/proxy-value//double-slash",
            "/proxy-value//double-slash",
            "proxy-value//double-slash",
            "/stage/proxy-value//double-slash",
        ),
        ("/stage/a%2Fb%20c%40d%C3%A9", "/a%2Fb%20c%40d%C3%A9", "a%2Fb%20c%40d%C3%A9", "/stage/a%2Fb%20c%40d%C3%A9"),
        ("/stage/a+b", "/a+b", "a+b", "/stage/a+b"),
        ("/stage/a;b=c", "/a;b=c", "a;b=c", "/stage/a;b=c"),
    ],
)
def test_a_path_is_passed_on_as_it_was_sent(
    echo: RestApi, target: str, path: str, proxy: str, context_path: str
) -> None:
    """Lambda proxy integrations: path, pathParameters and requestContext.path are never decoded."""
    event = echo.client.send("GET", target, {"Host": f"{echo.id}.execute-api.localhost"}).json

    assert (event["path"], event["pathParameters"]) == (path, {"proxy": proxy})
    assert event["requestContext"]["path"] == context_path


@pytest.mark.parametrize(
    ("query", "last", "all_values"),
    [
        ("a=1&a=2", {"a": "2"}, {"a": ["1", "2"]}),
        ("a=%2B+x", {"a": "+ x"}, {"a": ["+ x"]}),
        ("a=%2532", {"a": "%32"}, {"a": ["%32"]}),
        ("a", {"a": ""}, {"a": [""]}),
        ("a=", {"a": ""}, {"a": [""]}),
        ("a=1;b=2", {"a": "1", "b": "2"}, {"a": ["1"], "b": ["2"]}),
        ("%61=%C3%A9", {"a": "é"}, {"a": ["é"]}),
        ("a=b=c", {"a": "b=c"}, {"a": ["b=c"]}),
        ("A=1&a=2", {"A": "1", "a": "2"}, {"A": ["1"], "a": ["2"]}),
        ("", None, None),
    ],
)
def test_a_query_is_decoded_once(echo: RestApi, query: str, last: Any, all_values: Any) -> None:
    """Lambda proxy integrations: a map of single values keeps the last one, and no parameters are null."""
    event = event_of(echo, f"/x?{query}", stage="stage")

    assert event["queryStringParameters"] == last
    assert event["multiValueQueryStringParameters"] == all_values


def test_header_names_keep_their_case_and_the_last_value_counts(echo: RestApi) -> None:
    """Lambda proxy integrations: headers and multiValueHeaders"""
    event = event_of(echo, "/x", [("X-MiXed", "1"), ("x-dup", "a"), ("x-dup", "b")], "stage")

    assert (event["headers"]["X-MiXed"], event["headers"]["x-dup"]) == ("1", "b")
    assert event["multiValueHeaders"]["x-dup"] == ["a", "b"]


def test_maps_without_entries_are_null(echo: RestApi) -> None:
    """Trap: an empty map in a proxy event is null, never {}."""
    event = event_of(echo, "/x", stage="stage")

    for name in ("queryStringParameters", "multiValueQueryStringParameters", "stageVariables", "body"):
        assert event[name] is None, name
    assert event["isBase64Encoded"] is False


def test_no_route_and_no_stage_are_told_apart(echo: RestApi) -> None:
    """Trap: both are 403, neither is 404."""
    no_stage = echo.get("/x", stage="absent")
    no_route = echo.get("", stage="stage")

    assert (no_stage.status, no_stage.body) == (403, b'{"message":"Forbidden"}')
    assert (no_route.status, no_route.body) == (403, NO_TOKEN)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/test", "static"),
        ("POST", "/test", "static"),
        ("OPTIONS", "/test", "greedy"),
        ("GET", "/TEST", None),
        ("OPTIONS", "/part1", "greedy"),
        ("OPTIONS", "/part1/random", "greedy"),
        ("GET", "/part1/x", "x"),
        ("GET", "/part1/x/", "x"),
        ("GET", "/part1/x//", None),
        ("HEAD", "/test", None),
        ("GET", "/items/1", "item"),
        ("GET", "/items//", None),
        ("GET", "/items/1/2", None),
        ("DELETE", "/any", "any"),
        ("HEAD", "/any", "any"),
        ("GET", "/any", "exact"),
        ("TRACE", "/any", None),
        ("GET", "/deep", None),
        ("GET", "/deep/", None),
        ("GET", "/deep/a/b", "deep"),
    ],
)
def test_the_most_specific_resource_with_a_usable_method_serves(
    routes: RestApi, method: str, path: str, expected: str | None
) -> None:
    """Trap: a resource without the method is no match, the search goes on."""
    response = routes.call(method, path)

    if expected is None:
        assert response.status == 403
        assert response.body == (b"" if method == "HEAD" else NO_TOKEN)
    else:
        assert response.status == 200
        assert method == "HEAD" or response.text == expected


@pytest.fixture(scope="module")
def routes(gateway: Gateway) -> Iterator[RestApi]:
    """Mocks that answer with the name of their resource."""
    api = RestApi.create(sdk(gateway.url, "apigateway"), gateway.client)
    api.mock("/{proxy+}", "OPTIONS", "greedy")
    api.mock("/test", "GET", "static")
    api.mock("/test", "POST", "static")
    api.mock("/part1/x", "GET", "x")
    api.mock("/items/{id}", "GET", "item")
    api.mock("/any", "ANY", "any")
    api.mock("/any", "GET", "exact")
    api.mock("/deep/{rest+}", "GET", "deep")
    api.deploy()
    yield api
    api.apigateway.delete_rest_api(restApiId=api.id)


def test_what_a_proxy_function_must_not_return(
    rest_apis: RestApis, functions: Functions, apigateway: Any
) -> None:
    """Trap: an unknown member and a failed function are 502, a refused call is 500."""
    code = """
        export const handler = async (event) => {
          if (event.path === "/unknown") return { statusCode: 200, extra: 1 };
          throw new Error("secret reason");
        };
    """
    function_arn = functions.node(code)
    api = rest_apis.create()
    api.lambda_proxy("/{proxy+}", "GET", function_arn)
    api.deploy()

    refused = api.get("/unknown")
    functions.allow_api_gateway(function_arn, api.execution_arn)
    unknown, failed = api.get("/unknown"), api.get("/failed")

    assert (refused.status, refused.body) == (500, INTERNAL)
    assert (unknown.status, unknown.body) == (502, INTERNAL)
    assert (failed.status, failed.body) == (502, INTERNAL)
    for response in (refused, unknown, failed):
        assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"
        assert response.header("X-Amzn-Trace-Id") is None


@pytest.mark.parametrize("name", ["Content-Length", "Transfer-Encoding", "X-Amzn-Trace-Id", "Authorization", "Expect"])
def test_an_illegal_header_mapping_breaks_even_a_proxy_function(
    rest_apis: RestApis, functions: Functions, journal: Journal, name: str
) -> None:
    """Trap: other mappings of a proxy function are ignored."""
    function_arn = functions.recorder(journal)
    api = rest_apis.create()
    functions.allow_api_gateway(function_arn, api.execution_arn)
    for path, mapped in (("/illegal", name), ("/ignored", "X-Mapped")):
        address = api.method(path, "GET")
        api.apigateway.put_integration(
            **address,
            type="AWS_PROXY",
            integrationHttpMethod="POST",
            uri=invocation_uri(function_arn),
            requestParameters={f"integration.request.header.{mapped}": "'value'"},
        )
    api.deploy()

    illegal, ignored = api.get("/illegal"), api.get("/ignored")

    assert (illegal.status, illegal.body) == (500, INTERNAL)
    assert ignored.status == 200
    assert [entry["path"] for entry in journal.entries()] == ["/ignored"]
    assert "X-Mapped" not in journal.entries()[0]["headers"]


def test_a_pattern_is_matched_with_the_whole_error_message(rest_apis: RestApis, functions: Functions) -> None:
    """Trap: of a function, the message alone is tested; a success's is empty."""
    code = "export const handler = async (event) => { if (event.fail) throw new Error(event.fail); return 'fine'; };"
    function_arn = functions.node(code)
    api = rest_apis.create()
    address = api.lambda_custom("/x", "POST", function_arn)
    for status, pattern in (("400", "bad.*"), ("404", "gone"), ("409", ".+thing")):
        api.answers(address, status, selectionPattern=pattern)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    statuses = {
        message: api.call("POST", "/x", {"Content-Type": "application/json"}, json.dumps({"fail": message})).status
        for message in ("", "bad", "bad request", "so bad", "gone", "gone away", "something", "bad\\nrequest", "200")
    }

    assert statuses == {
        "": 200,
        "bad": 400,
        "bad request": 400,
        "so bad": 200,
        "gone": 404,
        "gone away": 200,
        "something": 409,
        "bad\\nrequest": 400,
        "200": 200,
    }


def test_a_mocks_overrides_last_until_the_response(rest_apis: RestApis) -> None:
    """Trap: what the request template overrides of the response stays in force."""
    api = rest_apis.create()
    address = api.method("/x", "GET")
    template = """#set($context.responseOverride.status = 418)
#set($context.responseOverride.header.X-Set = "early")
{statusCode: 200}"""
    api.apigateway.put_integration(**address, type="MOCK", requestTemplates={"application/json": template})
    api.answers(address, "200", responseTemplates={"application/json": "mapped"})
    api.deploy()

    response = api.get("/x")

    assert (response.status, response.text, response.header("X-Set")) == (418, "mapped", "early")


@pytest.fixture(scope="module")
def validated(gateway: Gateway) -> Iterator[RestApi]:
    """`POST /strict` and `POST /lenient`, whose bodies are checked with a model that demands something, or nothing."""
    api = RestApi.create(sdk(gateway.url, "apigateway"), gateway.client)
    validator = api.apigateway.create_request_validator(
        restApiId=api.id, name="all", validateRequestBody=True, validateRequestParameters=True
    )["id"]
    schemas = {"Strict": {"type": "object", "required": ["n"]}, "Lenient": {"type": "object"}}
    for name, schema in schemas.items():
        draft = {"$schema": "http://json-schema.org/draft-04/schema#", **schema}
        api.apigateway.create_model(
            restApiId=api.id, name=name, contentType="application/json", schema=json.dumps(draft)
        )
        api.mock(
            f"/{name.lower()}",
            "POST",
            "passed",
            requestValidatorId=validator,
            requestModels={"application/json": name},
        )
    parameters = {
        "method.request.querystring.qs1": True,
        "method.request.header.X-Token": True,
        "method.request.querystring.optional": False,
    }
    api.mock("/named", "GET", "passed", requestValidatorId=validator, requestParameters=parameters)
    api.mock("/unvalidated", "GET", "passed", requestParameters=parameters)
    defaulted = {"application/json": "Lenient", "$default": "Strict"}
    api.mock("/defaulted", "POST", "passed", requestValidatorId=validator, requestModels=defaulted)
    api.deploy()
    yield api
    api.apigateway.delete_rest_api(restApiId=api.id)


INVALID_BODY = b'{"message": "Invalid request body"}'


@pytest.mark.parametrize(
    ("path", "content_type", "body", "is_valid"),
    [
        ("/strict", "application/json", '{"n": 1}', True),
        ("/strict", "application/json", "", False),
        ("/lenient", "application/json", "", True),
        ("/strict", "application/json", "{}", False),
        ("/strict", "application/json", "not json", False),
        ("/lenient", "application/json", "[]", False),
        ("/strict", "application/json; charset=utf-8", "{}", False),
        ("/strict", "Application/JSON", "{}", False),
        ("/strict", None, "{}", False),
        # The mock's own template matches no such type either, and what passes through must be its document.
        ("/strict", "application/xml", '{"statusCode": 200}', True),
        ("/defaulted", "application/xml", '{"statusCode": 200}', False),
        ("/defaulted", "application/xml", '{"statusCode": 200, "n": 1}', True),
    ],
)
def test_a_body_is_checked_by_the_model_of_its_content_type(
    validated: RestApi, path: str, content_type: str | None, body: str, is_valid: bool
) -> None:
    """Trap: an empty body is {}, and a content type without a model is not checked."""
    headers = {} if content_type is None else {"Content-Type": content_type}

    response = validated.call("POST", path, headers, body)

    assert (response.status, response.body) == ((200, b"passed") if is_valid else (400, INVALID_BODY))
    if not is_valid:
        assert response.header("x-amzn-ErrorType") == "BadRequestException"


@pytest.mark.parametrize(
    ("target", "headers", "missing"),
    [
        ("/named?qs1=x", {"X-Token": "y"}, None),
        ("/named", {}, "X-Token, qs1"),
        ("/named?qs1=", {"X-Token": "y"}, "qs1"),
        ("/named?qs1", {"X-Token": "y"}, "qs1"),
        ("/named?qs1=x", {"x-token": "y"}, "X-Token"),
        ("/named?qs1=x", {"X-Token": ""}, "X-Token"),
        ("/named?QS1=x", {"X-Token": "y"}, "qs1"),
        ("/unvalidated", {}, None),
    ],
)
def test_required_parameters_are_reported_together(
    validated: RestApi, target: str, headers: dict[str, str], missing: str | None
) -> None:
    """Trap: names are compared with their case, and without a validator nothing is required."""
    response = validated.get(target, headers)

    if missing is None:
        assert (response.status, response.text) == (200, "passed")
    else:
        expected = f'{{"message": "Missing required request parameters: [{missing}]"}}'
        assert (response.status, response.text) == (400, expected)


@pytest.mark.parametrize(
    ("accept", "is_decoded"),
    [
        ("image/png", True),
        ("image/png, text/html", True),
        ("text/html, image/png", False),
        ("image/png;q=0.1, text/html", True),
        ("*/*", False),
        (None, False),
    ],
)
def test_the_first_accepted_type_alone_decides_about_bytes(
    rest_apis: RestApis, functions: Functions, accept: str | None, is_decoded: bool
) -> None:
    """Trap: binary answers of proxy functions"""
    function_arn = functions.node("export const handler = async () => ({ body: 'iVBORw==', isBase64Encoded: true });")
    api = rest_apis.proxy(function_arn, binaryMediaTypes=["image/png"])

    response = api.get("/x", {} if accept is None else {"Accept": accept})

    assert response.body == (b"\x89PNG" if is_decoded else b"iVBORw==")


def test_templates_print_what_velocity_would(rest_apis: RestApis, functions: Functions) -> None:
    """Trap: lists print as JSON and maps as Java's; what is missing is null and empty at once, and prints as written."""
    function_arn = functions.node("export const handler = async () => ({ list: [1, 'a'], map: { a: 1, b: 'c' } });")
    api = rest_apis.create()
    address = api.lambda_custom("/x", "GET", function_arn)
    template = """#set($body = $input.path('$'))#set($none = $input.path('$.absent'))
list=$body.list
map=$body.map
json=$input.json('$.map')
loud=$body.absent
quiet=$!body.absent
null=#if($none == $null)yes#end.
empty=#if($none == "")yes#end."""
    api.answers(address, "201", selectionPattern="", responseTemplates={"application/json": template})
    api.apigateway.delete_integration_response(**address, statusCode="200")
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    printed = dict(line.split("=", 1) for line in api.get("/x").text.strip().splitlines())

    assert printed == {
        "list": '[1,"a"]',
        "map": "{a=1, b=c}",
        "json": '{"a":1,"b":"c"}',
        "loud": "",
        "quiet": "",
        "null": "yes.",
        "empty": "yes.",
    }


def test_the_trace_header_is_on_answers_of_functions_alone(
    rest_apis: RestApis, functions: Functions, echo: RestApi
) -> None:
    """Trap: not on mocks, not on gateway errors"""
    api = rest_apis.create()
    api.mock("/mock", "GET", "mock")
    function_arn = functions.node("export const handler = async () => ({ body: 'x' });")
    api.lambda_proxy("/proxy", "GET", function_arn)
    api.lambda_custom("/custom", "GET", function_arn)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    traces = {path: api.get(path).header("X-Amzn-Trace-Id") for path in ("/mock", "/proxy", "/custom", "/absent")}

    assert (traces["/mock"], traces["/absent"]) == (None, None)
    for path in ("/proxy", "/custom"):
        assert re.fullmatch(r"Root=1-[0-9a-f]{8}-[0-9a-f]{24}.*", traces[path] or ""), path


def test_errors_are_spaced_by_when_they_happen(rest_apis: RestApis, validated: RestApi) -> None:
    """Trap: clients compare lengths; before the execution starts there is no blank after the colon."""
    early = validated.get("/absent")
    late = validated.call("POST", "/strict", {"Content-Type": "application/json"}, "{}")

    assert early.body == NO_TOKEN and len(early.body) == 42
    assert late.body == INVALID_BODY
    assert len(INTERNAL) == 36


def test_a_permission_names_the_template_of_the_resource_and_the_stage(
    rest_apis: RestApis, functions: Functions
) -> None:
    """Trap: source ARNs hold {id}, not the value; test invocations are a stage of their own."""
    function_arn = functions.node("export const handler = async () => ({ body: 'called' });")
    api = rest_apis.create()
    address = api.lambda_proxy("/pets/{id}", "GET", function_arn)
    api.deploy()
    base = api.execution_arn.removesuffix("/*")
    test = {**address, "pathWithQueryString": "/pets/1"}

    functions.allow_api_gateway(function_arn, f"{base}/test/GET/pets/1")
    assert api.get("/pets/1").status == 500
    functions.allow_api_gateway(function_arn, f"{base}/test/GET/pets/{{id}}")
    assert api.get("/pets/1").text == "called"
    assert api.apigateway.test_invoke_method(**test)["status"] == 500
    functions.allow_api_gateway(function_arn, f"{base}/test-invoke-stage/GET/pets/*")
    assert api.apigateway.test_invoke_method(**test)["body"] == "called"


def test_a_family_lends_its_status_to_gateway_responses(rest_apis: RestApis) -> None:
    """Trap: the status code is inherited too."""
    api = rest_apis.create()
    api.apigateway.put_gateway_response(
        restApiId=api.id,
        responseType="DEFAULT_4XX",
        statusCode="418",
        responseParameters={"gatewayresponse.header.X-Family": "'four'"},
        responseTemplates={"application/json": '{"error": $context.error.messageString}'},
    )
    api.mock("/x", "GET", "x")
    api.deploy()

    response = api.get("/absent")

    assert (response.status, response.text) == (418, '{"error": "Missing Authentication Token"}')
    assert response.header("X-Family") == "four"


HOP_HEADERS = (
    "Connection Content-MD5 Expect Max-Forwards Proxy-Authenticate Server TE Trailer Upgrade WWW-Authenticate".split()
)


def test_headers_of_the_hop_are_seen_by_nobody(echo: RestApi) -> None:
    """Important notes for REST APIs: removed request headers"""
    sent = [(name, "100-continue" if name == "Expect" else "x") for name in HOP_HEADERS]

    event = event_of(echo, "/x", [*sent, ("X-Kept", "y"), ("Authorization", "Bearer z")], "stage")

    names = {name.lower() for name in event["headers"]}
    assert names & {name.lower() for name in HOP_HEADERS} == set()
    assert (event["headers"]["X-Kept"], event["headers"]["Authorization"]) == ("y", "Bearer z")
    assert {"host", "x-forwarded-for", "x-forwarded-port", "x-forwarded-proto", "x-amzn-trace-id"} <= names


@pytest.mark.parametrize(
    ("name", "sent_as"),
    [
        *((name, f"x-amzn-Remapped-{name}") for name in ("Connection", "Date", "Server", "WWW-Authenticate")),
        *((name, None) for name in ("Transfer-Encoding", "Trailer", "Upgrade", "TE", "Host", "Expect")),
        *((name, name) for name in ("Via", "Set-Cookie", "Cache-Control", "Location", "ETag", "Age")),
    ],
)
def test_headers_of_proxy_functions_are_remapped_or_dropped(
    returning: RestApi, name: str, sent_as: str | None
) -> None:
    """Important notes for REST APIs: remapped response headers"""
    response = returning.get("/x", {"X-Name": name})

    values = {key.lower(): value for key, value in response.headers if value == "from the function"}
    assert list(values) == ([] if sent_as is None else [sent_as.lower()])
    assert response.status == 200 and response.text == "body"


@pytest.fixture(scope="module")
def returning(gateway: Gateway) -> Iterator[RestApi]:
    """A proxy function that sets the header whose name it is told."""
    functions = Functions(sdk(gateway.url, "lambda"))
    api = RestApi.create(sdk(gateway.url, "apigateway"), gateway.client)
    code = """
        export const handler = async (event) =>
          ({ headers: { [event.headers["X-Name"]]: "from the function" }, body: "body" });
    """
    function_arn = functions.node(code)
    api.lambda_proxy("/{proxy+}", "ANY", function_arn)
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()
    yield api
    api.apigateway.delete_rest_api(restApiId=api.id)
