"""Developer Guide, "Export a REST API from API Gateway": documents of what a stage serves, by SDK and CLI."""

import json
import re
from typing import Any

import pytest
import yaml

from harness.cli import AwsCli
from harness.package import example
from harness.rest_api import RestApi, RestApis
from harness.sdk import refusal

DOCUMENT: dict[str, Any] = {
    "openapi": "3.0.1",
    "info": {"title": "shop", "version": "1.2", "description": "Orders and more"},
    "x-amazon-apigateway-request-validators": {"all": {"validateRequestBody": True, "validateRequestParameters": True}},
    "x-amazon-apigateway-gateway-responses": {"DEFAULT_4XX": {"responseParameters": {"gatewayresponse.header.X": "'1'"}}},
    "x-amazon-apigateway-binary-media-types": ["image/png"],
    "paths": {
        "/orders/{id}": {
            "put": {
                "summary": "Replace an order",
                "operationId": "putOrder",
                "security": [{"key": []}],
                "x-amazon-apigateway-request-validator": "all",
                "parameters": [
                    {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
                    {"name": "dry", "in": "query", "required": True, "schema": {"type": "string"}},
                ],
                "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                "responses": {
                    "200": {
                        "description": "Kept",
                        "headers": {"X-Kind": {"schema": {"type": "string"}}},
                        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}},
                    }
                },
                "x-amazon-apigateway-integration": {
                    "type": "mock",
                    "requestTemplates": {"application/json": '#set($ok = true)\n{"statusCode": 200}\n'},
                    "responses": {
                        "default": {
                            "statusCode": "200",
                            "responseParameters": {"method.response.header.X-Kind": "'order'"},
                            "responseTemplates": {"application/json": '{"said": "“ça va”"}'},
                        }
                    },
                },
            }
        },
        "/{proxy+}": {
            "x-amazon-apigateway-any-method": {
                "responses": {},
                "x-amazon-apigateway-integration": {
                    "type": "http_proxy",
                    "httpMethod": "ANY",
                    "uri": "https://backend.example.com/",
                    "timeoutInMillis": 4000,
                },
            }
        },
    },
    "components": {
        "schemas": {
            "Line": {"type": "object", "properties": {"sku": {"type": "string"}}},
            "Order": {
                "type": "object",
                "required": ["lines"],
                "properties": {"lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}}},
            },
        },
        "securitySchemes": {"key": {"type": "apiKey", "name": "x-api-key", "in": "header"}},
    },
}


def imported(rest_apis: RestApis, document: str) -> RestApi:
    """The API of a document, deployed, with its documentation published."""
    answer = rest_apis.apigateway.import_rest_api(body=document.encode(), failOnWarnings=True)
    api = rest_apis.adopt(answer["id"])
    api.deploy()
    publish(api)
    return api


def publish(api: RestApi) -> None:
    """Lets the stage publish the API's documentation, under the same name each time."""
    members = {"restApiId": api.id, "stageName": "test"}
    patch = [{"op": "replace", "path": "/documentationVersion", "value": ""}]
    api.apigateway.update_stage(**members, patchOperations=patch)
    if api.apigateway.get_documentation_versions(restApiId=api.id)["items"]:
        api.apigateway.delete_documentation_version(restApiId=api.id, documentationVersion="docs")
    api.apigateway.create_documentation_version(**members, documentationVersion="docs")


def exported(api: RestApi, kind: str, accepts: str = "application/json", **parameters: str) -> str:
    """The export of what the stage serves, its documentation made at no time in particular."""
    answer = api.apigateway.get_export(
        restApiId=api.id, stageName="test", exportType=kind, accepts=accepts, parameters=parameters
    )
    assert answer["contentType"] == "application/octet-stream"
    return re.sub(r'("?createdDate"?: )"[^"]+"', r'\1"2026-01-01T00:00:00Z"', answer["body"].read().decode())


def declared(api: RestApi) -> dict[str, Any]:
    """Everything that the control plane says of an API, ids and dates left out."""
    members: dict[str, Any] = {"restApiId": api.id, "limit": 500}
    resources = api.apigateway.get_resources(**members, embed=["methods"])["items"]
    names = {resource["id"]: resource["path"] for resource in resources} | {api.id: "api"}
    lists = {
        "validators": api.apigateway.get_request_validators,
        "authorizers": api.apigateway.get_authorizers,
        "models": api.apigateway.get_models,
        "gatewayResponses": api.apigateway.get_gateway_responses,
        "documentation": api.apigateway.get_documentation_parts,
    }
    found = {name: call(**members)["items"] for name, call in lists.items()}
    for item in [item for items in found.values() for item in items]:
        if "id" in item:
            names[item.pop("id")] = json.dumps(item.get("name"))
    settings = api.apigateway.get_rest_api(restApiId=api.id)
    kept = ("name", "description", "version", "binaryMediaTypes", "apiKeySource", "disableExecuteApiEndpoint", "tags")
    text = json.dumps(
        {
            "settings": {name: settings.get(name) for name in kept},
            "resources": sorted(resources, key=lambda resource: resource["path"]),
            **{name: sorted(items, key=json.dumps) for name, items in found.items()},
        },
        sort_keys=True,
    )
    for identifier, name in names.items():
        text = text.replace(identifier, name.strip('"'))
    return json.loads(text)


EXAMPLES = ("hello-custom", "hello-proxy", "calc")


@pytest.mark.parametrize("notation", ["application/json", "application/yaml"])
@pytest.mark.parametrize("kind", ["oas30", "swagger"])
@pytest.mark.parametrize("source", ["shop", *EXAMPLES])
def test_an_export_is_imported_to_the_same_api(rest_apis: RestApis, source: str, kind: str, notation: str) -> None:
    """Export a REST API: all of it, and back"""
    document = json.dumps(DOCUMENT) if source == "shop" else example(f"{source}/openapi.yaml")
    api = imported(rest_apis, document)
    before = declared(api)

    export = exported(api, kind, notation, extensions="apigateway")
    again = imported(rest_apis, export)
    assert declared(again) == before
    assert exported(again, kind, notation, extensions="apigateway").replace(again.id, api.id) == export

    api.apigateway.put_rest_api(restApiId=api.id, mode="overwrite", failOnWarnings=True, body=export.encode())
    assert declared(api) == before
    api.deploy()
    publish(api)
    assert exported(api, kind, notation, extensions="apigateway") == export


def test_the_reimported_api_answers_the_same(rest_apis: RestApis) -> None:
    """Export a REST API: what was imported serves"""
    plain = json.loads(json.dumps(DOCUMENT))
    del plain["paths"]["/orders/{id}"]["put"]["security"]
    api = imported(rest_apis, json.dumps(plain))
    again = imported(rest_apis, exported(api, "swagger", extensions="apigateway"))
    for path, body in [("?dry=1", '{"lines": []}'), ("?dry=1", "{}"), ("", '{"lines": []}')]:
        first, second = (one.call("PUT", f"/orders/7{path}", body=body) for one in (api, again))
        assert (first.status, first.body, first.header("X-Kind")) == (second.status, second.body, second.header("X-Kind"))
    assert first.status == 400


def test_plain_documents_are_openapi(rest_apis: RestApis) -> None:
    """Export a REST API: without extensions"""
    api = imported(rest_apis, json.dumps(DOCUMENT))
    host = f"{api.id}.execute-api.us-east-1.amazonaws.com"

    swagger = json.loads(exported(api, "swagger"))
    assert (swagger["swagger"], swagger["host"], swagger["basePath"]) == ("2.0", host, "/test")
    assert swagger["schemes"] == ["https"]
    assert swagger["info"] == {"title": "shop", "description": "Orders and more", "version": "1.2"}
    put = swagger["paths"]["/orders/{id}"]["put"]
    assert (put["consumes"], put["produces"]) == (["application/json"], ["application/json"])
    assert put["parameters"][-1] == {
        "in": "body",
        "name": "Order",
        "required": True,
        "schema": {"$ref": "#/definitions/Order"},
    }
    assert put["security"] == [{"api_key": []}]
    assert swagger["securityDefinitions"] == {"api_key": {"type": "apiKey", "name": "x-api-key", "in": "header"}}
    assert set(swagger["definitions"]) == {"Line", "Order"}

    openapi = yaml.safe_load(exported(api, "oas30", "application/yaml"))
    assert openapi["openapi"] == "3.0.1"
    assert openapi["servers"] == [{"url": f"https://{host}/{{basePath}}", "variables": {"basePath": {"default": "test"}}}]
    put = openapi["paths"]["/orders/{id}"]["put"]
    assert put["requestBody"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}
    assert put["summary"] == "Replace an order"
    for text in (json.dumps(swagger), json.dumps(openapi)):
        assert "x-amazon-apigateway-integration" not in text
        assert "x-amazon-apigateway-request-validator" not in text


def test_an_export_is_of_what_was_deployed(rest_apis: RestApis) -> None:
    """GetExport: a deployed version of a RestApi"""
    api = imported(rest_apis, json.dumps(DOCUMENT))
    api.apigateway.update_rest_api(
        restApiId=api.id, patchOperations=[{"op": "replace", "path": "/name", "value": "not deployed"}]
    )
    assert json.loads(exported(api, "oas30"))["info"]["title"] == "shop"
    api.deploy()
    assert json.loads(exported(api, "oas30"))["info"]["title"] == "not deployed"


def test_the_cli_exports_a_file(aws: AwsCli, rest_apis: RestApis) -> None:
    """Export a REST API, by the AWS CLI"""
    api = imported(rest_apis, json.dumps(DOCUMENT))
    command = ("apigateway", "get-export", "--rest-api-id", api.id, "--stage-name", "test")

    answer = aws(*command, "--export-type", "swagger", "--parameters", "extensions=integrations", "api.json")
    assert answer["contentDisposition"] == 'attachment; filename="swagger_1.2.json"'
    written = json.loads((aws.folder / "api.json").read_text())
    integration = written["paths"]["/{proxy+}"]["x-amazon-apigateway-any-method"]["x-amazon-apigateway-integration"]
    assert (integration["type"], integration["passthroughBehavior"]) == ("http_proxy", "when_no_match")
    assert integration["timeoutInMillis"] == 4000

    answer = aws(*command, "--export-type", "oas30", "--accepts", "application/yaml", "api.yaml")
    assert answer["contentDisposition"] == 'attachment; filename="oas30_1.2.yaml"'
    assert (aws.folder / "api.yaml").read_text().startswith('---\nopenapi: "3.0.1"\n')


def test_what_cannot_be_exported_is_refused(rest_apis: RestApis) -> None:
    """GetExport: errors"""
    api = imported(rest_apis, json.dumps(DOCUMENT))
    members = {"restApiId": api.id, "stageName": "test", "exportType": "raml"}
    assert refusal(api.apigateway.get_export, **members) == (
        400,
        "BadRequestException",
        "No API exporter for type 'raml'",
    )
    members |= {"stageName": "none", "exportType": "oas30"}
    assert refusal(api.apigateway.get_export, **members)[:2] == (404, "NotFoundException")
