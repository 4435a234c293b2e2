"""Developer Guide, "Tutorial: Create a calculator REST API with two AWS service integrations and one Lambda non-proxy
integration": the LambdaGate API over the function Calc."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.deadline import eventually
from harness.functions import NODE, ROLE, Functions, Journal
from harness.http import Client, Response
from harness.package import example, source, zip_of
from harness.rest_api import RestApi, RestApis, invocation_uri
from harness.roles import PERMISSION, TRUST

QUERY_TEMPLATE = """{
  "a": "$input.params('operand1')",
  "b": "$input.params('operand2')",
  "op": "$input.params('operator')"
}"""

PATH_TEMPLATE = """{
  "a": "$input.params('operand1')",
  "b": "$input.params('operand2')",
  "op": #if($input.params('operator')=='%2F')"/"#{else}"$input.params('operator')"#end
}"""

RESULT_TEMPLATE = """#set($inputRoot = $input.path('$'))
{
  "input": {
    "a": $inputRoot.a,
    "b": $inputRoot.b,
    "op": "$inputRoot.op"
  },
  "output": {
    "c": $inputRoot.c
  }
}"""

INPUT_SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Input",
    "type": "object",
    "properties": {"a": {"type": "number"}, "b": {"type": "number"}, "op": {"type": "string"}},
    "required": ["a", "b", "op"],
}
OUTPUT_SCHEMA = {
    "$schema": "http://json-schema.org/draft-04/schema#",
    "title": "Output",
    "type": "object",
    "properties": {"c": {"type": "number"}},
}


def result_schema(rest_api_id: str) -> dict[str, Any]:
    """The model `Result`, which is made of the other two."""
    models = f"https://apigateway.amazonaws.com/restapis/{rest_api_id}/models"
    return {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "title": "Result",
        "type": "object",
        "properties": {"input": {"$ref": f"{models}/Input"}, "output": {"$ref": f"{models}/Output"}},
    }


@dataclass(frozen=True)
class Calculator:
    """The tutorial's API after its last step."""

    id: str
    journal: Journal
    client: Client
    methods: dict[str, tuple[str, ...]]

    def call(self, method: str, path: str, body: str = "") -> Response:
        """Calls the deployed API."""
        return self.client.send(method, f"/test{path}", {"Host": f"{self.id}.execute-api.localhost"}, body)


@dataclass(frozen=True)
class Tutorial:
    """The tutorial's steps, each by the commands that it prints."""

    aws: AwsCli
    function_arn: str
    role_arn: str
    rest_api_id: str
    root_id: str

    @classmethod
    def begin(cls, aws: AwsCli, journal: Path, name: str) -> "Tutorial":
        """The function, the role that may invoke it, and an empty API."""
        files = {"calc.mjs": example("calc/functions/Calc/index.mjs"), "index.mjs": source("calc-with-journal.mjs")}
        (aws.folder / "function.zip").write_bytes(zip_of(files))
        function = aws(
            *("lambda", "create-function", "--function-name", name, "--runtime", NODE, "--role", ROLE),
            *("--handler", "index.handler", "--zip-file", "fileb://function.zip"),
            *("--environment", json.dumps({"Variables": {"JOURNAL": str(journal)}})),
        )
        role = aws(
            *("iam", "create-role", "--role-name", "lambda_invoke_function_assume_apigw_role"),
            *("--assume-role-policy-document", json.dumps(TRUST)),
        )
        aws(
            *("iam", "put-role-policy", "--role-name", "lambda_invoke_function_assume_apigw_role"),
            *("--policy-name", "invoke", "--policy-document", json.dumps(PERMISSION)),
        )
        api = aws("apigateway", "create-rest-api", "--name", "LambdaGate")
        return cls(aws, function["FunctionArn"], role["Role"]["Arn"], api["id"], api["rootResourceId"])

    def resource(self, parent_id: str, part: str) -> str:
        """`create-resource`."""
        resource = self.aws(
            *("apigateway", "create-resource", "--rest-api-id", self.rest_api_id),
            *("--parent-id", parent_id, "--path-part", part),
        )
        resource_id: str = resource["id"]
        return resource_id

    def models(self) -> None:
        """`create-model` for Input, Output and Result."""
        schemas = {"Input": INPUT_SCHEMA, "Output": OUTPUT_SCHEMA, "Result": result_schema(self.rest_api_id)}
        for name, schema in schemas.items():
            model = self.aws(
                *("apigateway", "create-model", "--rest-api-id", self.rest_api_id, "--name", name),
                *("--content-type", "application/json", "--schema", json.dumps(schema)),
            )
            assert model["name"] == name

    def validator(self, name: str, flag: str) -> str:
        """`create-request-validator`."""
        validator = self.aws(
            "apigateway", "create-request-validator", "--rest-api-id", self.rest_api_id, "--name", name, flag
        )
        validator_id: str = validator["id"]
        return validator_id

    def method(
        self, resource_id: str, verb: str, *method_options: str, template: str | None, result: bool
    ) -> tuple[str, ...]:
        """`put-method`, `put-integration` and the two responses 200; answers the method's address."""
        address = ("--rest-api-id", self.rest_api_id, "--resource-id", resource_id, "--http-method", verb)
        self.aws("apigateway", "put-method", *address, "--authorization-type", "NONE", *method_options)
        templates = ("--request-templates", json.dumps({"application/json": template})) if template else ()
        self.aws(
            *("apigateway", "put-integration", *address, "--type", "AWS", "--integration-http-method", "POST"),
            *("--uri", invocation_uri(self.function_arn), "--credentials", self.role_arn, *templates),
        )
        model, response_template = ("Result", RESULT_TEMPLATE) if result else ("Empty", "")
        self.aws(
            *("apigateway", "put-method-response", *address, "--status-code", "200"),
            *("--response-models", json.dumps({"application/json": model})),
        )
        self.aws(
            *("apigateway", "put-integration-response", *address, "--status-code", "200"),
            *("--response-templates", json.dumps({"application/json": response_template})),
        )
        return address


@pytest.fixture(scope="module")
def calculator(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Calculator:
    """Follows the tutorial from its first command to `create-deployment`."""
    gateway = request.getfixturevalue("gateway")
    folder = tmp_path_factory.mktemp("calc")
    journal = Journal(folder / "journal.jsonl")
    tutorial = Tutorial.begin(AwsCli(gateway.url, folder), journal.path, "Calc-tutorial")
    tutorial.models()
    parameters = tutorial.validator("parameters", "--validate-request-parameters")
    body = tutorial.validator("body", "--validate-request-body")
    calc = tutorial.resource(tutorial.root_id, "calc")
    operator = tutorial.resource(tutorial.resource(tutorial.resource(calc, "{operand1}"), "{operand2}"), "{operator}")
    required = ",".join(f"method.request.querystring.{name}=true" for name in ("operand1", "operand2", "operator"))
    path = ",".join(f"method.request.path.{name}=true" for name in ("operand1", "operand2", "operator"))
    methods = {
        "query": tutorial.method(
            *(calc, "GET", "--request-validator-id", parameters, "--request-parameters", required),
            template=QUERY_TEMPLATE,
            result=False,
        ),
        "body": tutorial.method(
            *(calc, "POST", "--request-validator-id", body, "--request-models", '{"application/json": "Input"}'),
            template=None,
            result=False,
        ),
        "path": tutorial.method(operator, "GET", "--request-parameters", path, template=PATH_TEMPLATE, result=True),
    }
    tutorial.aws("apigateway", "create-deployment", "--rest-api-id", tutorial.rest_api_id, "--stage-name", "test")
    return Calculator(tutorial.rest_api_id, journal, gateway.client, methods)


@pytest.mark.parametrize(
    ("operator", "result"),
    [("%2B", 8), ("add", 8), ("-", 4), ("sub", 4), ("*", 12), ("mul", 12), ("/", 3), ("div", 3)],
)
def test_operands_in_the_query_string_are_calculated(calculator: Calculator, operator: str, result: int) -> None:
    """Tutorial: Create a calculator REST API …, GET /calc with query parameters"""
    response = calculator.call("GET", f"/calc?operand1=6&operand2=2&operator={operator}")

    assert response.status == 200
    assert (response.json["a"], response.json["b"], response.json["c"]) == (6, 2, result)


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("", "[operand1, operand2, operator]"),
        ("?operand1=1", "[operand2, operator]"),
        ("?operand1=1&operator=add", "[operand2]"),
        ("?operand1=1&operand2=&operator=add", "[operand2]"),
    ],
)
def test_missing_parameters_are_named_and_the_function_is_not_called(
    calculator: Calculator, query: str, missing: str
) -> None:
    """Request validation for REST APIs in API Gateway"""
    calls = len(calculator.journal.entries())

    response = calculator.call("GET", f"/calc{query}")

    assert response.status == 400
    assert response.body == f'{{"message": "Missing required request parameters: {missing}"}}'.encode()
    assert response.header("x-amzn-ErrorType") == "BadRequestException"
    assert len(calculator.journal.entries()) == calls


def test_a_body_that_its_model_accepts_is_calculated(calculator: Calculator) -> None:
    """Tutorial: Create a calculator REST API …, POST /calc with the model Input"""
    response = calculator.call("POST", "/calc", '{"a": 1, "b": 4, "op": "/"}')

    assert (response.status, response.json) == (200, {"a": 1, "b": 4, "op": "/", "c": 0.25})


@pytest.mark.parametrize(
    "body", ["", "{}", '{"a": 1, "b": 2}', '{"a": "1", "b": 2, "op": "+"}', "[1]", '{"a": 1,', "text"]
)
def test_a_body_that_its_model_refuses_is_a_400_and_the_function_is_not_called(
    calculator: Calculator, body: str
) -> None:
    """Request validation for REST APIs in API Gateway"""
    calls = len(calculator.journal.entries())

    response = calculator.call("POST", "/calc", body)

    assert (response.status, response.body) == (400, b'{"message": "Invalid request body"}')
    assert response.header("x-amzn-ErrorType") == "BadRequestException"
    assert len(calculator.journal.entries()) == calls


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/calc/9/3/%2F", {"input": {"a": 9, "b": 3, "op": "/"}, "output": {"c": 3}}),
        ("/calc/9/3/+", {"input": {"a": 9, "b": 3, "op": "+"}, "output": {"c": 12}}),
        ("/calc/1/4/div", {"input": {"a": 1, "b": 4, "op": "/"}, "output": {"c": 0.25}}),
        ("/calc/-1.5/2/mul", {"input": {"a": -1.5, "b": 2, "op": "*"}, "output": {"c": -3}}),
    ],
)
def test_the_result_template_shows_input_and_output_apart(
    calculator: Calculator, path: str, expected: dict[str, Any]
) -> None:
    """Tutorial: Create a calculator REST API …, GET /calc/{operand1}/{operand2}/{operator}"""
    response = calculator.call("GET", path)

    assert (response.status, response.json) == (200, expected)
    assert response.header("Content-Type") == "application/json"


def test_every_method_answers_a_test_invocation_by_the_cli(calculator: Calculator, aws: AwsCli) -> None:
    """Use the API Gateway console to test a REST API method"""
    invocations = {
        "query": ("--path-with-query-string", "/calc?operand1=6&operand2=7&operator=mul"),
        "body": ("--body", '{"a": 6, "b": 7, "op": "mul"}'),
        "path": ("--path-with-query-string", "/calc/6/7/mul"),
    }
    for name, options in invocations.items():
        tested = aws("apigateway", "test-invoke-method", *calculator.methods[name], *options)
        answer = json.loads(tested["body"])
        assert tested["status"] == 200
        assert answer.get("output", answer)["c"] == 42
        assert tested["log"].startswith("Execution log for request ")
        assert "Successfully completed execution" in tested["log"]


def test_the_execution_log_tells_a_test_invocation_line_by_line(calculator: Calculator, apigateway: Any) -> None:
    """Use the API Gateway console to test a REST API method: the logs"""
    address = calculator.methods["path"]
    tested = apigateway.test_invoke_method(
        restApiId=address[1], resourceId=address[3], httpMethod="GET", pathWithQueryString="/calc/6/7/mul"
    )

    lines = tested["log"].splitlines()
    assert lines[0].startswith("Execution log for request ")
    facts = [line.split(" : ", 1)[-1] for line in lines[1:]]
    expected = [
        *("Starting execution for request: ", "HTTP Method: GET, Resource Path: /calc/6/7/mul"),
        *("Method request path: {", "Method request query string: {}", "Method request headers: {}"),
        *("Method request body before transformations: ", "Endpoint request URI: ", "Endpoint request headers: {"),
        *("Endpoint request body after transformations: {", "Sending request to "),
        *("Received response. Status: 200, Integration latency: ", "Endpoint response headers: {"),
        'Endpoint response body before transformations: {"a":6,"b":7,"op":"*","c":42}',
        *("Method response body after transformations: ", "Method response headers: {"),
        *("Successfully completed execution", "Method completed with status: 200"),
    ]
    position = 0
    for start in expected:
        matches = [index for index, fact in enumerate(facts) if index >= position and fact.startswith(start)]
        assert matches, f"no line {start!r} after line {position} of:\n{tested['log']}"
        position = matches[0] + 1


def test_an_event_invocation_answers_at_once_and_the_function_still_runs(
    rest_apis: RestApis, functions: Functions, journal: Journal
) -> None:
    """Set up asynchronous invocation of the backend Lambda function"""
    function_arn = functions.calc(journal)
    api = rest_apis.create()
    api.lambda_custom(
        *("/calc", "POST", function_arn),
        requestParameters={"integration.request.header.X-Amz-Invocation-Type": "'Event'"},
    )
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()

    response = api.call("POST", "/calc", body='{"a": 1, "b": 2, "op": "add"}')

    assert (response.status, response.body) == (200, b"")
    assert eventually(journal.entries, "the queued call runs") == [{"a": 1, "b": 2, "op": "add"}]


def test_the_caller_may_choose_the_invocation_type_by_a_mapped_header(
    rest_apis: RestApis, functions: Functions, journal: Journal
) -> None:
    """Set up asynchronous invocation of the backend Lambda function"""
    function_arn = functions.calc(journal)
    api = rest_apis.create()
    address = api.method("/calc", "POST", requestParameters={"method.request.header.InvocationType": False})
    api.apigateway.put_integration(
        **address,
        type="AWS",
        integrationHttpMethod="POST",
        uri=invocation_uri(function_arn),
        requestParameters={"integration.request.header.X-Amz-Invocation-Type": "method.request.header.InvocationType"},
    )
    api.answers(address, "200")
    functions.allow_api_gateway(function_arn, api.execution_arn)
    api.deploy()
    body = '{"a": 1, "b": 2, "op": "add"}'

    waiting = api.call("POST", "/calc", body=body)
    queued = api.call("POST", "/calc", {"InvocationType": "Event"}, body)

    assert (waiting.status, waiting.json["c"]) == (200, 3)
    assert (queued.status, queued.body) == (200, b"")


def test_a_role_without_invoke_function_is_a_500_and_the_log_says_why(
    rest_apis: RestApis, functions: Functions, iam: Any, journal: Journal
) -> None:
    """API Gateway permissions model for invoking an API"""
    function_arn = functions.calc(journal)
    role = iam.create_role(RoleName="calc-without-invoke", AssumeRolePolicyDocument=json.dumps(TRUST))
    api = rest_apis.create()
    address = api.lambda_custom("/calc", "POST", function_arn, credentials=role["Role"]["Arn"])
    api.deploy()
    body = '{"a": 1, "b": 2, "op": "add"}'

    refused = api.call("POST", "/calc", body=body)
    tested = api.apigateway.test_invoke_method(**address, body=body)

    assert (refused.status, refused.body) == (500, b'{"message": "Internal server error"}')
    assert tested["status"] == 500
    assert "Invalid permissions on Lambda function" in tested["log"]
    assert journal.entries() == []

    iam.put_role_policy(RoleName="calc-without-invoke", PolicyName="invoke", PolicyDocument=json.dumps(PERMISSION))
    allowed = api.call("POST", "/calc", body=body)
    assert (allowed.status, allowed.json["c"]) == (200, 3)


def test_a_role_that_does_not_trust_api_gateway_is_refused(
    rest_apis: RestApis, functions: Functions, iam: Any, journal: Journal
) -> None:
    """API Gateway permissions model for invoking an API: the role's trust policy"""
    function_arn = functions.calc(journal)
    trust = {**TRUST, "Statement": [{**TRUST["Statement"][0], "Principal": {"Service": "ec2.amazonaws.com"}}]}
    role = iam.create_role(RoleName="calc-of-another-service", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="calc-of-another-service", PolicyName="invoke", PolicyDocument=json.dumps(PERMISSION))
    api = rest_apis.create()
    api.lambda_custom("/calc", "POST", function_arn, credentials=role["Role"]["Arn"])
    api.deploy()

    response = api.call("POST", "/calc", body='{"a": 1, "b": 2, "op": "add"}')

    assert response.status == 500
    assert journal.entries() == []


def test_a_model_may_refer_to_models_by_their_urls(rest_apis: RestApis) -> None:
    """Models and mapping templates: Result is made of Input and Output"""
    api = result_checker(rest_apis)

    good = api.call("POST", "/results", body='{"input": {"a": 1, "b": 2, "op": "+"}, "output": {"c": 3}}')
    bad = api.call("POST", "/results", body='{"input": {"a": "1", "b": 2, "op": "+"}, "output": {"c": 3}}')

    assert (good.status, good.body) == (200, b"accepted")
    assert (bad.status, bad.body) == (400, b'{"message": "Invalid request body"}')


def result_checker(rest_apis: RestApis) -> RestApi:
    """A mock that accepts what the model `Result` accepts."""
    api = rest_apis.create()
    schemas = {"Input": INPUT_SCHEMA, "Output": OUTPUT_SCHEMA, "Result": result_schema(api.id)}
    for name, schema in schemas.items():
        api.apigateway.create_model(
            restApiId=api.id, name=name, contentType="application/json", schema=json.dumps(schema)
        )
    validator = api.apigateway.create_request_validator(restApiId=api.id, name="body", validateRequestBody=True)
    api.mock(
        *("/results", "POST", "accepted"),
        requestModels={"application/json": "Result"},
        requestValidatorId=validator["id"],
    )
    api.deploy()
    return api
