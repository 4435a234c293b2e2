"""Developer Guide, "Develop REST APIs using OpenAPI in API Gateway": the examples' documents, in every notation."""

import json
from typing import Any

import pytest
import yaml

from harness.cli import AwsCli
from harness.functions import Functions
from harness.package import example
from harness.rest_api import ACCOUNT, REGION, RestApi, RestApis
from harness.sdk import refusal

OPENAPI_3: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "pets", "version": "2.1", "description": "Pets of all kinds"},
    "paths": {
        "/pets/{id}": {
            "get": {
                "operationId": "getPet",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "page", "in": "query", "required": True, "schema": {"type": "string"}},
                    {"name": "X-Tag", "in": "header", "required": False, "schema": {"type": "string"}},
                ],
                "responses": {
                    "200": {
                        "description": "A pet",
                        "headers": {"X-Kind": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}},
                    }
                },
                "x-amazon-apigateway-request-validator": "all",
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "requestTemplates": {"application/json": '{"statusCode": 200}'},
                    "responses": {
                        "default": {
                            "statusCode": "200",
                            "responseParameters": {"method.response.header.X-Kind": "'cat'"},
                            "responseTemplates": {"application/json": '{"id": "$input.params(\'id\')"}'},
                        }
                    },
                },
            },
            "post": {
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pet"}}}},
                "responses": {"200": {"description": "kept"}},
                "x-amazon-apigateway-integration": {
                    "type": "MOCK",
                    "requestTemplates": {"application/json": '{"statusCode": 200}'},
                    "responses": {"default": {"statusCode": "200"}},
                },
            },
        }
    },
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-request-validator": "all",
    "components": {
        "schemas": {
            "Kind": {"type": "string", "enum": ["cat", "dog"]},
            "Pet": {
                "type": "object",
                "required": ["kind"],
                "properties": {"kind": {"$ref": "#/components/schemas/Kind"}},
            },
        }
    },
}

SWAGGER_2: dict[str, Any] = {
    "swagger": "2.0",
    "info": {"title": "pets", "version": "2.1", "description": "Pets of all kinds"},
    "paths": {
        "/pets/{id}": {
            "get": {
                **OPENAPI_3["paths"]["/pets/{id}"]["get"],
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "type": "string"},
                    {"name": "page", "in": "query", "required": True, "type": "string"},
                    {"name": "X-Tag", "in": "header", "required": False, "type": "string"},
                ],
                "responses": {
                    "200": {
                        "description": "A pet",
                        "headers": {"X-Kind": {"type": "string"}},
                        "schema": {"$ref": "#/definitions/Pet"},
                    }
                },
                "produces": ["application/json"],
            },
            "post": {
                **{
                    name: value
                    for name, value in OPENAPI_3["paths"]["/pets/{id}"]["post"].items()
                    if name != "requestBody"
                },
                "consumes": ["application/json"],
                "parameters": [{"name": "Pet", "in": "body", "schema": {"$ref": "#/definitions/Pet"}}],
            },
        }
    },
    "x-amazon-apigateway-request-validators": OPENAPI_3["x-amazon-apigateway-request-validators"],
    "x-amazon-apigateway-request-validator": "all",
    "definitions": {
        "Kind": {"type": "string", "enum": ["cat", "dog"]},
        "Pet": {
            "type": "object",
            "required": ["kind"],
            "properties": {"kind": {"$ref": "#/definitions/Kind"}},
        },
    },
}

NOTATIONS = {
    "OpenAPI 3.0 in JSON": json.dumps(OPENAPI_3),
    "OpenAPI 3.0 in YAML": yaml.safe_dump(OPENAPI_3, sort_keys=False),
    "Swagger 2.0 in JSON": json.dumps(SWAGGER_2),
    "Swagger 2.0 in YAML": yaml.safe_dump(SWAGGER_2, sort_keys=False),
}


def import_document(rest_apis: RestApis, document: str) -> tuple[RestApi, dict[str, Any]]:
    """`ImportRestApi`, the API and the answer."""
    answer = rest_apis.apigateway.import_rest_api(body=document.encode(), failOnWarnings=False)
    return rest_apis.adopt(answer["id"]), answer


def resource_ids(api: RestApi) -> dict[str, str]:
    """The resources' ids by their paths."""
    resources = api.apigateway.get_resources(restApiId=api.id, limit=500)["items"]
    return {resource["path"]: resource["id"] for resource in resources}


@pytest.fixture(params=NOTATIONS, ids=str)
def document(request: pytest.FixtureRequest) -> str:
    """One API in four notations."""
    return NOTATIONS[request.param]


def test_a_document_becomes_the_same_api_in_every_notation(rest_apis: RestApis, document: str) -> None:
    """Import a REST API into API Gateway"""
    api, answer = import_document(rest_apis, document)
    assert (answer["name"], answer["version"], answer["description"]) == ("pets", "2.1", "Pets of all kinds")
    ids = resource_ids(api)
    assert set(ids) == {"/", "/pets", "/pets/{id}"}

    get = api.apigateway.get_method(restApiId=api.id, resourceId=ids["/pets/{id}"], httpMethod="GET")
    post = api.apigateway.get_method(restApiId=api.id, resourceId=ids["/pets/{id}"], httpMethod="POST")

    assert get["operationName"] == "getPet"
    assert get["requestParameters"] == {
        "method.request.path.id": True,
        "method.request.querystring.page": True,
        "method.request.header.X-Tag": False,
    }
    assert get["methodResponses"]["200"]["responseModels"] == {"application/json": "Pet"}
    assert get["methodResponses"]["200"]["responseParameters"] == {"method.response.header.X-Kind": False}
    assert get["methodIntegration"]["type"] == "MOCK"
    assert post["requestModels"] == {"application/json": "Pet"}
    assert get["requestValidatorId"] == post["requestValidatorId"]


def test_the_models_of_a_document_refer_to_each_other_by_url(rest_apis: RestApis, document: str) -> None:
    """Import a REST API into API Gateway: models; an import brings no default models"""
    api, _ = import_document(rest_apis, document)
    models = {model["name"]: model for model in api.apigateway.get_models(restApiId=api.id)["items"]}

    assert set(models) == {"Kind", "Pet"}
    assert json.loads(models["Pet"]["schema"])["properties"]["kind"] == {
        "$ref": f"https://apigateway.amazonaws.com/restapis/{api.id}/models/Kind"
    }


def test_an_imported_api_validates_and_answers(rest_apis: RestApis, document: str) -> None:
    """Import a REST API into API Gateway: after its deployment"""
    api, _ = import_document(rest_apis, document)
    api.deploy()

    answered = api.get("/pets/7?page=1")
    unpaged = api.get("/pets/7")
    refused = api.call("POST", "/pets/7", body='{"kind": "cow"}')
    kept = api.call("POST", "/pets/7", body='{"kind": "dog"}')

    assert (answered.status, answered.body, answered.header("X-Kind")) == (200, b'{"id": "7"}', "cat")
    assert unpaged.body == b'{"message": "Missing required request parameters: [page]"}'
    assert (refused.status, refused.body) == (400, b'{"message": "Invalid request body"}')
    assert (kept.status, kept.body) == (200, b"")


def test_the_cli_imports_a_file(aws: AwsCli) -> None:
    """Import a REST API into API Gateway, by the AWS CLI"""
    (aws.folder / "api.yaml").write_text(NOTATIONS["OpenAPI 3.0 in YAML"])

    imported = aws(
        "apigateway",
        "import-rest-api",
        "--parameters",
        "endpointConfigurationTypes=REGIONAL",
        "--body",
        "fileb://api.yaml",
    )
    resources = aws("apigateway", "get-resources", "--rest-api-id", imported["id"])["items"]

    assert imported["name"] == "pets"
    assert imported["endpointConfiguration"]["types"] == ["REGIONAL"]
    assert {resource["path"] for resource in resources} == {"/", "/pets", "/pets/{id}"}


def test_put_merges_by_default_and_overwrites_when_told(rest_apis: RestApis) -> None:
    """Update an existing REST API with an API definition"""
    api, _ = import_document(rest_apis, NOTATIONS["OpenAPI 3.0 in JSON"])
    more: dict[str, Any] = {
        "openapi": "3.0.3",
        "info": {"title": "more pets", "version": "3"},
        "paths": {"/toys": {"get": OPENAPI_3["paths"]["/pets/{id}"]["post"]}},
    }
    more["paths"]["/toys"]["get"] = {
        name: value for name, value in more["paths"]["/toys"]["get"].items() if name != "requestBody"
    }
    body = json.dumps(more).encode()

    api.apigateway.put_rest_api(restApiId=api.id, body=body)
    assert set(resource_ids(api)) == {"/", "/pets", "/pets/{id}", "/toys"}
    overwritten = api.apigateway.put_rest_api(restApiId=api.id, mode="overwrite", body=body)
    assert set(resource_ids(api)) == {"/", "/toys"}
    assert (overwritten["id"], overwritten["name"]) == (api.id, "more pets")


WITH_WARNINGS: dict[str, Any] = {
    "openapi": "3.0.3",
    "info": {"title": "warned", "version": "1"},
    "components": {"shapes": {}},
    "paths": {
        "/a": {
            "get": {
                "operationId": "same",
                "responses": {
                    "200": {
                        "description": "ok",
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Nothing"}}},
                    }
                },
            },
            "put": {"operationId": "same", "responses": {}},
        }
    },
}


def test_what_is_ignored_is_a_warning_and_refused_when_told(rest_apis: RestApis) -> None:
    """Errors and warnings from importing your API into API Gateway"""
    document = json.dumps(WITH_WARNINGS)
    expected = [
        "Reference to model 'Nothing' not found. Ignoring.",
        "Parse issue: attribute components.shapes is unexpected",
        "Parse issue: attribute paths.'/a'(put).operationId is repeated",
    ]

    api, answer = import_document(rest_apis, document)
    assert answer["warnings"] == expected
    assert set(resource_ids(api)) == {"/", "/a"}

    refused = refusal(rest_apis.apigateway.import_rest_api, body=document.encode(), failOnWarnings=True)
    assert refused == (400, "BadRequestException", "\n\t".join(["Warnings found during import:", *expected]))
    refused = refusal(api.apigateway.put_rest_api, restApiId=api.id, body=document.encode(), failOnWarnings=True)
    assert refused[0] == 400


def test_what_a_deploy_tool_writes_is_imported(rest_apis: RestApis) -> None:
    """AWS SAM: an authorizer that is NONE, gateway responses with parameters of all places"""
    parameters = {
        "gatewayresponse.header.X-Refused": "'yes'",
        "gatewayresponse.querystring.q": "'1'",
        "gatewayresponse.path.p": "'2'",
    }
    mock = {
        "type": "mock",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "responses": {"default": {"statusCode": "200"}},
    }
    operation = {"responses": {"200": {"description": "ok"}}, "x-amazon-apigateway-integration": mock}
    document = {
        "swagger": "2.0",
        "info": {"title": "tool", "version": "1.0"},
        "paths": {
            "/open": {"get": {**operation, "security": [{"NONE": []}]}},
            "/signed": {"get": {**operation, "security": [{"AWS_IAM": []}]}},
        },
        "securityDefinitions": {
            "AWS_IAM": {
                "type": "apiKey",
                "name": "Authorization",
                "in": "header",
                "x-amazon-apigateway-authtype": "awsSigv4",
            }
        },
        "x-amazon-apigateway-gateway-responses": {"MISSING_AUTHENTICATION_TOKEN": {"responseParameters": parameters}},
    }
    api, answer = import_document(rest_apis, json.dumps(document))
    assert "warnings" not in answer
    kept = api.apigateway.get_gateway_response(restApiId=api.id, responseType="MISSING_AUTHENTICATION_TOKEN")
    assert kept["responseParameters"] == parameters
    api.deploy()

    refused = api.get("/nowhere")
    assert api.get("/open").status == 200
    assert (refused.status, refused.header("X-Refused")) == (403, "yes")


def test_one_anchor_serves_a_whole_document(rest_apis: RestApis) -> None:
    """YAML: the preflight of every path, said once; of members with the same name the last one counts"""
    document = "swagger: '2.0'\ninfo: {title: first, title: last}\nx-cors: &cors {type: mock}\npaths:\n" + "".join(
        f"  /p{number}: {{options: {{responses: {{}}, x-amazon-apigateway-integration: *cors}}}}\n"
        for number in range(150)
    )
    api, answer = import_document(rest_apis, document)
    assert answer["name"] == "last"
    assert len(resource_ids(api)) == 151


@pytest.mark.parametrize("body", [b"{", b"no: [api", b"[]", b'{"openapi": "3.0.3"'], ids=repr)
def test_what_is_no_document_is_refused(apigateway: Any, body: bytes) -> None:
    """Import a REST API into API Gateway: errors"""
    status, code, message = refusal(apigateway.import_rest_api, body=body)

    assert (status, code) == (400, "BadRequestException")
    assert message.startswith("Invalid OpenAPI input.")


def imported_example(rest_apis: RestApis, name: str, functions: dict[str, str]) -> RestApi:
    """An example's document with the names of its functions replaced, imported, permitted and deployed."""
    document = example(f"{name}/openapi.yaml")
    for written, arn in functions.items():
        document = document.replace(f"function:{written}/", f"function:{arn.rsplit(':', 1)[1]}/")
    api, answer = import_document(rest_apis, document)
    assert answer["name"] == name
    for arn in functions.values():
        rest_apis.functions.allow_api_gateway(arn, api.execution_arn)
    api.deploy()
    return api


def test_the_custom_example_greets(rest_apis: RestApis, functions: Functions) -> None:
    """examples/hello-custom"""
    greeter = functions.create({"index.mjs": example("hello-custom/functions/HelloWorld/index.mjs")})
    api = imported_example(rest_apis, "hello-custom", {"HelloWorld": greeter})

    assert api.get("/greeting?greeter=Ana").json == "Hello, Ana!"
    assert api.get("/greeting?greeter=O%27Neil").json == "Hello, O'Neil!"
    assert api.get("/greeting?greeter=").json == "Hello, World!"
    missed = api.get("/greeting")
    assert (missed.status, missed.json) == (400, {"message": "Missing the required greeter parameter."})


def test_the_proxy_example_greets_by_every_source(rest_apis: RestApis, functions: Functions) -> None:
    """examples/hello-proxy"""
    greeter = functions.create({"index.mjs": example("hello-proxy/functions/HelloProxy/index.mjs")})
    api = imported_example(rest_apis, "hello-proxy", {"HelloProxy": greeter, "HelloProxyPython": greeter})

    assert api.get("/hi?greeter=Ana").text == "Hello, Ana!"
    assert api.get("/hi", {"greeter": "Ana"}).text == "Hello, Ana!"
    assert api.call("POST", "/hi", {"Content-Type": "application/json"}, '{"greeter": "Ana"}').text == "Hello, Ana!"
    assert api.call("POST", "/echo", {"Content-Type": "image/png"}, b"\x00\xff").body == b"\x00\xff"
    assert api.get("/malformed").status == 502


def test_the_calculator_example_calculates_in_three_ways(rest_apis: RestApis, functions: Functions) -> None:
    """examples/calc"""
    api = imported_example(rest_apis, "calc", {"Calc": functions.calc()})

    assert api.get("/calc?operand1=6&operand2=7&operator=mul").json == {"a": 6, "b": 7, "op": "*", "c": 42}
    assert api.get("/calc?operand1=6").json == {"message": "Missing required request parameters: [operand2, operator]"}
    assert api.call("POST", "/calc", body='{"a": 1, "b": 4, "op": "/"}').json["c"] == 0.25
    assert api.call("POST", "/calc", body='{"a": "one", "b": 4, "op": "/"}').json == {"message": "Invalid request body"}
    assert api.get("/calc/9/3/%2F").json == {"input": {"a": 9, "b": 3, "op": "/"}, "output": {"c": 3}}
    divided = api.get("/calc/9/0/div")
    assert (divided.status, divided.json) == (400, {"message": "Invalid input: division by zero"})


def test_pseudo_parameters_stand_for_account_and_region(rest_apis: RestApis) -> None:
    """Importing: AWS::AccountId, AWS::Partition and AWS::Region"""
    api, _ = import_document(rest_apis, example("hello-custom/openapi.yaml"))

    integration = api.apigateway.get_integration(
        restApiId=api.id, resourceId=resource_ids(api)["/greeting"], httpMethod="GET"
    )

    function_arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:HelloWorld"
    assert integration["uri"] == (
        f"arn:aws:apigateway:{REGION}:lambda:path/2015-03-31/functions/{function_arn}/invocations"
    )
