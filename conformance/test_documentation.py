"""Developer Guide, "Documentation for REST APIs in API Gateway": parts, versions and what stages publish."""

import json
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.rest_api import RestApi, RestApis
from harness.sdk import refusal


@pytest.fixture
def api(rest_apis: RestApis) -> RestApi:
    """An API with one method, deployed."""
    api = rest_apis.create()
    api.mock("/pets", "GET", "{}")
    api.deploy()
    return api


def describe(api: RestApi, location: dict[str, str], **properties: Any) -> str:
    """A new part; its id."""
    made = api.apigateway.create_documentation_part(
        restApiId=api.id, location=location, properties=json.dumps(properties)
    )
    part: str = made["id"]
    return part


def locations(api: RestApi, **query: Any) -> list[dict[str, str]]:
    """The locations of the parts that a list has, over all its pages."""
    found: list[dict[str, str]] = []
    position: dict[str, str] = {}
    while True:
        page = api.apigateway.get_documentation_parts(restApiId=api.id, limit=2, **query, **position)
        found += [part["location"] for part in page["items"]]
        if "position" not in page:
            return found
        position = {"position": page["position"]}


def test_a_part_lives_by_the_cli(aws: AwsCli, api: RestApi) -> None:
    """Create an API documentation part; update and delete it"""
    location = "type=METHOD,path=/pets,method=GET"
    made = aws(
        *("apigateway", "create-documentation-part", "--rest-api-id", api.id),
        *("--location", location, "--properties", '{"summary": "List pets"}'),
    )
    named = ("--rest-api-id", api.id, "--documentation-part-id", made["id"])
    assert made["location"] == {"type": "METHOD", "path": "/pets", "method": "GET"}
    assert aws("apigateway", "get-documentation-part", *named) == made

    patch = json.dumps([{"op": "replace", "path": "/properties", "value": '{"summary": "All pets"}'}])
    patched = aws("apigateway", "update-documentation-part", *named, "--patch-operations", patch)
    assert json.loads(patched["properties"]) == {"summary": "All pets"}
    assert "ConflictException" in aws.error(
        *("apigateway", "create-documentation-part", "--rest-api-id", api.id),
        *("--location", location, "--properties", "{}"),
    )
    aws("apigateway", "delete-documentation-part", *named)
    assert "NotFoundException" in aws.error("apigateway", "get-documentation-part", *named)


@pytest.mark.parametrize(
    ("location", "message"),
    [
        ({"type": "API", "path": "/"}, "type 'API' does not allow the field 'path'"),
        ({"type": "PATH_PARAMETER", "path": "/pets"}, "type 'PATH_PARAMETER' requires the field 'name'"),
        ({"type": "METHOD", "path": "/pets", "method": "FETCH"}, "'FETCH' is not a valid method"),
    ],
)
def test_a_location_has_the_fields_of_its_type(api: RestApi, location: dict[str, str], message: str) -> None:
    """Representation of API documentation: valid location fields"""
    members = {"restApiId": api.id, "location": location, "properties": "{}"}
    status, code, said = refusal(api.apigateway.create_documentation_part, **members)
    assert (status, code) == (400, "BadRequestException")
    assert message in said


def test_lists_are_filtered(api: RestApi) -> None:
    """GetDocumentationParts: type, path, name, locationStatus"""
    root: dict[str, str] = {"type": "API"}
    pets = {"type": "RESOURCE", "path": "/pets"}
    get = {"type": "METHOD", "path": "/pets", "method": "GET"}
    query = {"type": "QUERY_PARAMETER", "path": "/pets", "method": "GET", "name": "page"}
    for location in (root, pets, get, query):
        describe(api, location, description="x")

    assert locations(api) == [root, pets, get, query]
    assert locations(api, type="METHOD") == [get]
    assert locations(api, path="/pets") == [pets, get, query]
    assert locations(api, nameQuery="page", locationStatus="DOCUMENTED") == [query]
    undocumented = locations(api, locationStatus="UNDOCUMENTED")
    assert {"type": "RESOURCE", "path": "/"} in undocumented
    assert {"type": "RESPONSE", "path": "/pets", "method": "GET", "statusCode": "200"} in undocumented
    assert not {json.dumps(location) for location in (root, pets, get)} & set(map(json.dumps, undocumented))


def test_documentation_is_imported_by_itself(api: RestApi) -> None:
    """Import API documentation: merge and overwrite"""
    old = describe(api, {"type": "RESOURCE", "path": "/old"}, description="old")
    root = describe(api, {"type": "API"}, license="none")
    document = {
        "swagger": "2.0",
        "info": {"title": "pets", "version": "1"},
        "paths": {},
        "x-amazon-apigateway-documentation": {
            "version": "1.0.3",
            "documentationParts": [
                {"location": {"type": "API"}, "properties": {"info": {"description": "Pets"}}},
                {"location": {"type": "METHOD", "method": "GET"}, "properties": {"description": "Any GET"}},
            ],
        },
    }
    body = json.dumps(document).encode()

    merged = api.apigateway.import_documentation_parts(restApiId=api.id, body=body)
    assert (len(merged["ids"]), merged["ids"][0], merged.get("warnings", [])) == (2, root, [])
    shown = api.apigateway.get_documentation_part(restApiId=api.id, documentationPartId=root)
    assert json.loads(shown["properties"]) == {"license": "none", "info": {"description": "Pets"}}
    assert len(locations(api)) == 3

    api.apigateway.import_documentation_parts(restApiId=api.id, body=body, mode="overwrite")
    assert locations(api) == [{"type": "API"}, {"type": "METHOD", "method": "GET"}]
    unknown = refusal(api.apigateway.get_documentation_part, restApiId=api.id, documentationPartId=old)
    assert unknown == (404, "NotFoundException", "Invalid Documentation part identifier specified")
    broken = refusal(api.apigateway.import_documentation_parts, restApiId=api.id, body=b"{")
    assert broken == (400, "BadRequestException", "Unable to build importer with provided input.")


def test_a_version_is_published_by_a_stage(api: RestApi) -> None:
    """Publish API documentation using the API Gateway REST API"""
    part = describe(api, {"type": "METHOD", "path": "/pets"}, summary="Pets", mine="not OpenAPI")
    made = api.apigateway.create_documentation_version(
        restApiId=api.id, documentationVersion="1.0.0", stageName="test", description="first"
    )
    assert (made["version"], made["description"]) == ("1.0.0", "first")
    assert api.apigateway.get_stage(restApiId=api.id, stageName="test")["documentationVersion"] == "1.0.0"
    api.apigateway.delete_documentation_part(restApiId=api.id, documentationPartId=part)

    export = api.apigateway.get_export(
        restApiId=api.id, stageName="test", exportType="oas30", parameters={"extensions": "documentation"}
    )
    document = json.loads(export["body"].read())
    assert document["paths"]["/pets"]["get"]["summary"] == "Pets"
    assert "mine" not in document["paths"]["/pets"]["get"]
    published = document["x-amazon-apigateway-documentation"]
    assert published["version"] == "1.0.0"
    assert published["documentationParts"] == [
        {"location": {"type": "METHOD", "path": "/pets"}, "properties": {"summary": "Pets", "mine": "not OpenAPI"}}
    ]

    used = {"restApiId": api.id, "documentationVersion": "1.0.0"}
    assert refusal(api.apigateway.delete_documentation_version, **used)[:2] == (400, "BadRequestException")
    freed = [{"op": "replace", "path": "/documentationVersion", "value": ""}]
    api.apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=freed)
    api.apigateway.delete_documentation_version(**used)
    assert api.apigateway.get_documentation_versions(restApiId=api.id)["items"] == []


def test_a_stage_publishes_only_what_there_is(api: RestApi) -> None:
    """CreateStage, UpdateStage: documentationVersion"""
    refused = (400, "BadRequestException", "Invalid Documentation version identifier specified")
    patch = [{"op": "replace", "path": "/documentationVersion", "value": "9"}]
    members: dict[str, Any] = {"restApiId": api.id, "stageName": "test", "patchOperations": patch}
    assert refusal(api.apigateway.update_stage, **members) == refused

    deployment = api.apigateway.get_stage(restApiId=api.id, stageName="test")["deploymentId"]
    members = {"restApiId": api.id, "stageName": "docs", "deploymentId": deployment, "documentationVersion": "9"}
    assert refusal(api.apigateway.create_stage, **members) == refused
    api.apigateway.create_documentation_version(restApiId=api.id, documentationVersion="9")
    assert api.apigateway.create_stage(**members)["documentationVersion"] == "9"
