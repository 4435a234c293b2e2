"""API Gateway REST API reference: what the control plane stores, answers and refuses."""

import json
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.functions import Functions
from harness.http import Client
from harness.rest_api import ACCOUNT, RestApi, RestApis, invocation_uri
from harness.sdk import refusal

UNKNOWN = "zzzzzzzzzz"
LAMBDA_URI = invocation_uri(f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:any")


def body_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The members of an answer without the SDK's own."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


@pytest.fixture
def api(rest_apis: RestApis) -> RestApi:
    """An empty API."""
    return rest_apis.create()


@pytest.fixture
def mocked(api: RestApi) -> dict[str, str]:
    """The address of `GET /pets`, a mock."""
    return api.mock("/pets", "GET", "pets")


def test_a_rest_api_has_the_defaults_of_the_service(apigateway: Any) -> None:
    """CreateRestApi"""
    created = body_of(apigateway.create_rest_api(name="defaults", description="a test"))

    assert created.pop("createdDate")
    assert len(created.pop("id")) == len(created.pop("rootResourceId")) == 10
    assert created == {
        "name": "defaults",
        "description": "a test",
        "apiKeySource": "HEADER",
        "endpointConfiguration": {"types": ["EDGE"], "ipAddressType": "ipv4"},
        "disableExecuteApiEndpoint": False,
    }


def test_dates_are_epoch_numbers_and_lists_are_called_item(client: Client) -> None:
    """Making requests: the wire"""
    created = client.send("POST", "/restapis", {"Content-Type": "application/json"}, '{"name": "wire"}')
    listed = client.send("GET", "/restapis?limit=500")

    assert created.status == 201
    assert isinstance(created.json["createdDate"], int | float)
    assert created.header("x-amzn-RequestId")
    assert created.json["id"] in [api["id"] for api in listed.json["item"]]


def test_a_deleted_api_is_gone(api: RestApi) -> None:
    """DeleteRestApi"""
    answer = api.apigateway.delete_rest_api(restApiId=api.id)

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert refusal(api.apigateway.get_rest_api, restApiId=api.id) == (
        *(404, "NotFoundException"),
        f"Invalid API identifier specified {ACCOUNT}:{api.id}",
    )


def test_unknown_things_are_not_found_in_the_services_words(api: RestApi, mocked: dict[str, str]) -> None:
    """Handling errors: NotFoundException"""
    calls = api.apigateway
    unknown_api = f"Invalid API identifier specified {ACCOUNT}:{UNKNOWN}"
    resource = "Invalid Resource identifier specified"
    post = {**mocked, "httpMethod": "POST"}
    bare = api.method("/bare", "GET")
    cases: list[Any] = [
        (calls.get_rest_api, {"restApiId": UNKNOWN}, unknown_api),
        (calls.get_models, {"restApiId": UNKNOWN}, unknown_api),
        (calls.get_resource, {"restApiId": api.id, "resourceId": "zzzzzz"}, resource),
        (calls.get_resource, {"restApiId": UNKNOWN, "resourceId": "zzzzzz"}, resource),
        (calls.get_method, {**mocked, "restApiId": UNKNOWN}, resource),
        (calls.get_method, post, "Invalid Method identifier specified"),
        (calls.get_integration, bare, "Invalid Integration identifier specified"),
        (calls.get_method_response, {**mocked, "statusCode": "404"}, "Invalid Response status code specified"),
        (calls.get_integration_response, {**mocked, "statusCode": "404"}, "Invalid Response status code specified"),
        (calls.get_model, {"restApiId": api.id, "modelName": "Absent"}, "Invalid model name specified: Absent"),
        (
            *(calls.get_request_validator, {"restApiId": api.id, "requestValidatorId": "zzzzzz"}),
            "Invalid Request Validator identifier specified",
        ),
        (
            *(calls.get_deployment, {"restApiId": api.id, "deploymentId": "zzzzzz"}),
            "Invalid Deployment identifier specified",
        ),
        (calls.get_stage, {"restApiId": api.id, "stageName": "zzz"}, "Invalid stage identifier specified"),
    ]
    for call, members, message in cases:
        assert refusal(call, **members) == (404, "NotFoundException", message)


def test_resources_follow_the_rules_of_paths(api: RestApi) -> None:
    """CreateResource"""
    create = api.apigateway.create_resource
    root = api.resource("/")
    greedy = api.resource("/files/{proxy+}")
    api.resource("/pets")

    assert refusal(create, restApiId=api.id, parentId=root, pathPart="pets") == (
        *(409, "ConflictException"),
        "Another resource with the same parent already has this name: pets",
    )
    assert refusal(create, restApiId=api.id, parentId=greedy, pathPart="x") == (
        *(400, "BadRequestException"),
        "Cannot create a child of a resource with a greedy path variable: {proxy+}",
    )
    assert refusal(create, restApiId=api.id, parentId=api.resource("/files"), pathPart="{id}") == (
        *(400, "BadRequestException"),
        "A sibling ({proxy+}) of this resource already has a variable path part -- only one is allowed",
    )
    assert refusal(create, restApiId=api.id, parentId=root, pathPart="a/b")[:2] == (400, "BadRequestException")
    assert refusal(create, restApiId=api.id, parentId="zzzzzz", pathPart="x")[:2] == (404, "NotFoundException")


def test_a_moved_resource_takes_its_descendants_along(api: RestApi) -> None:
    """UpdateResource"""
    deep = api.resource("/old/part/deep")
    moved = api.resource("/old/part")

    updated = api.apigateway.update_resource(
        restApiId=api.id,
        resourceId=moved,
        patchOperations=[
            {"op": "replace", "path": "/pathPart", "value": "new"},
            {"op": "replace", "path": "/parentId", "value": api.resource("/")},
        ],
    )

    assert updated["path"] == "/new"
    assert api.apigateway.get_resource(restApiId=api.id, resourceId=deep)["path"] == "/new/deep"


def test_get_resources_shows_methods_when_asked(api: RestApi, mocked: dict[str, str]) -> None:
    """GetResources: embed"""
    plain = {item["path"]: item for item in api.apigateway.get_resources(restApiId=api.id)["items"]}
    embedded = {
        item["path"]: item for item in api.apigateway.get_resources(restApiId=api.id, embed=["methods"])["items"]
    }

    assert plain["/pets"]["resourceMethods"] == {"GET": {}}
    assert "resourceMethods" not in plain["/"]
    assert embedded["/pets"]["resourceMethods"]["GET"]["methodIntegration"]["type"] == "MOCK"


def test_deleting_a_resource_deletes_what_is_below_it(api: RestApi) -> None:
    """DeleteResource"""
    child = api.resource("/a/b")

    answer = api.apigateway.delete_resource(restApiId=api.id, resourceId=api.resource("/a"))

    assert answer["ResponseMetadata"]["HTTPStatusCode"] == 202
    assert refusal(api.apigateway.get_resource, restApiId=api.id, resourceId=child)[0] == 404
    assert refusal(api.apigateway.delete_resource, restApiId=api.id, resourceId=api.resource("/"))[0] == 400


def test_a_method_shows_everything_below_it(api: RestApi, mocked: dict[str, str]) -> None:
    """GetMethod"""
    method = body_of(api.apigateway.get_method(**mocked))

    integration = method.pop("methodIntegration")
    assert method == {
        "httpMethod": "GET",
        "authorizationType": "NONE",
        "apiKeyRequired": False,
        "methodResponses": {"200": {"statusCode": "200"}},
    }
    assert integration == {
        "type": "MOCK",
        "requestTemplates": {"application/json": '{"statusCode": 200}'},
        "passthroughBehavior": "WHEN_NO_MATCH",
        "timeoutInMillis": 29000,
        "cacheNamespace": mocked["resourceId"],
        "cacheKeyParameters": [],
        "integrationResponses": {"200": {"statusCode": "200", "responseTemplates": {"application/json": "pets"}}},
    }


def test_methods_are_refused_in_the_services_words(api: RestApi, mocked: dict[str, str]) -> None:
    """PutMethod: errors"""
    put = api.apigateway.put_method
    address = api.address("/pets", "POST")
    cases: list[Any] = [
        (
            {**mocked, "authorizationType": "NONE"},
            (409, "ConflictException", "Method already exists for this resource"),
        ),
        (
            {**address, "authorizationType": "NONE", "requestModels": {"application/json": "petModel"}},
            (400, "BadRequestException", "Invalid model identifier specified: petModel"),
        ),
        (
            {**address, "authorizationType": "NONE", "requestValidatorId": "zzzzzz"},
            (400, "BadRequestException", "Invalid Request Validator identifier specified"),
        ),
        (
            {**address, "httpMethod": "FETCH", "authorizationType": "NONE"},
            (
                *(400, "BadRequestException"),
                "Invalid HttpMethod specified. Valid options are GET,PUT,POST,DELETE,PATCH,OPTIONS,HEAD,ANY",
            ),
        ),
        (
            {**address, "authorizationType": "CUSTOM"},
            (
                *(400, "BadRequestException"),
                "Invalid authorizer ID specified. Setting the authorization type to CUSTOM or COGNITO_USER_POOLS"
                " requires a valid authorizer.",
            ),
        ),
    ]
    for members, expected in cases:
        assert refusal(put, **members) == expected


def test_integrations_are_refused_in_the_services_words(api: RestApi) -> None:
    """PutIntegration: errors"""
    put = api.apigateway.put_integration
    address = api.method("/x", "GET")
    post = {**address, "integrationHttpMethod": "POST"}
    cases: list[Any] = [
        ({**address, "type": "AWS_PROXY", "uri": LAMBDA_URI}, "Enumeration value for HttpMethod must be non-empty"),
        ({**post, "type": "HTTP", "uri": "nowhere"}, "Invalid HTTP endpoint specified for URI"),
        ({**post, "type": "AWS_PROXY", "uri": "nowhere"}, "Invalid ARN specified in the request"),
        (
            {**post, "type": "AWS_PROXY", "uri": "arn:aws:apigateway:us-east-1:lambda:else/x"},
            "AWS ARN for integration must contain path or action",
        ),
        (
            {**post, "type": "AWS_PROXY", "uri": LAMBDA_URI, "timeoutInMillis": 29001},
            "Timeout should be between 50 ms and 29000 ms",
        ),
        (
            {**post, "type": "AWS_PROXY", "uri": LAMBDA_URI, "timeoutInMillis": 49},
            "Timeout should be between 50 ms and 29000 ms",
        ),
    ]
    for members, message in cases:
        assert refusal(put, **members) == (400, "BadRequestException", message)
    assert refusal(put, **{**address, "httpMethod": "PUT", "type": "MOCK"}) == (
        *(404, "NotFoundException"),
        "Invalid Method identifier specified",
    )


def test_violations_of_the_model_are_collected(client: Client, api: RestApi) -> None:
    """Handling errors: ValidationException"""
    address = api.method("/x", "GET")
    path = f"/restapis/{api.id}/resources/{address['resourceId']}/methods/GET"

    integration = client.send("PUT", f"{path}/integration", body='{"type": "wrong"}')
    response = client.send("PUT", f"{path}/responses/999", body="{}")
    patch = client.send(
        *("PATCH", f"/restapis/{api.id}"),
        body=json.dumps({"patchOperations": [{"op": "replace", "path": "/name", "value": "x"}, {"op": "wrong"}]}),
    )

    assert integration.status == response.status == patch.status == 400
    assert integration.header("x-amzn-ErrorType") == "ValidationException"
    assert integration.json["message"] == (
        "1 validation error detected: Value 'wrong' at 'putIntegrationInput.type' failed to satisfy constraint: "
        "Member must satisfy enum value set: [HTTP, MOCK, AWS_PROXY, HTTP_PROXY, AWS]"
    )
    assert response.json["message"] == (
        "1 validation error detected: Value '999' at 'statusCode' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [1-5]\d\d"
    )
    assert patch.json["message"] == (
        "1 validation error detected: Value 'wrong' at 'updateRestApiInput.patchOperations.2.member.op' failed to "
        "satisfy constraint: Member must satisfy enum value set: [add, remove, move, test, replace, copy]"
    )


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ('{"name": true}', 400, "SerializationException"),
        ('{"name": 7}', 400, "SerializationException"),
        ("{", 400, "SerializationException"),
        ("[]", 400, "SerializationException"),
        ("{}", 400, "BadRequestException"),
    ],
)
def test_bad_bodies_are_refused_and_never_a_panic(client: Client, body: str, status: int, error: str) -> None:
    """Handling errors: SerializationException"""
    response = client.send("POST", "/restapis", {"Content-Type": "application/json"}, body)

    assert response.status == status
    assert response.header("x-amzn-ErrorType") in {error, "ValidationException"}
    assert "message" in {name.lower() for name in response.json}


def test_patch_operations_apply_in_order_or_not_at_all(api: RestApi) -> None:
    """UpdateRestApi: patch operations"""
    update = api.apigateway.update_rest_api
    updated = update(
        restApiId=api.id,
        patchOperations=[
            {"op": "add", "path": "/binaryMediaTypes/image~1png"},
            {"op": "add", "path": "/binaryMediaTypes/image~1jpeg"},
            {"op": "replace", "path": "/binaryMediaTypes/image~1png", "value": "image/gif"},
            {"op": "replace", "path": "/description", "value": "first"},
            {"op": "replace", "path": "/description", "value": "second"},
        ],
    )
    assert updated["description"] == "second"
    assert updated["binaryMediaTypes"] == ["image/jpeg", "image/gif"]

    assert refusal(
        update,
        restApiId=api.id,
        patchOperations=[
            {"op": "replace", "path": "/description", "value": "third"},
            {"op": "replace", "path": "/wrong", "value": "x"},
        ],
    ) == (400, "BadRequestException", "Invalid patch path /wrong")
    assert api.apigateway.get_rest_api(restApiId=api.id)["description"] == "second"


def test_every_dialect_of_a_wrong_patch_path_is_spoken(api: RestApi, mocked: dict[str, str]) -> None:
    """Patch operations: errors"""
    wrong = [{"op": "replace", "path": "/wrong", "value": "x"}]
    calls = api.apigateway
    validator = calls.create_request_validator(restApiId=api.id, name="v")["id"]
    cases: list[Any] = [
        (calls.update_method, mocked, "Invalid patch path /wrong"),
        (calls.update_integration, mocked, "Invalid patch path /wrong"),
        (calls.update_integration_response, {**mocked, "statusCode": "200"}, "Invalid patch path /wrong"),
        (
            *(calls.update_resource, {"restApiId": api.id, "resourceId": mocked["resourceId"]}),
            "Invalid patch path  '/wrong' specified for op 'replace'. Must be one of: [/parentId, /pathPart]",
        ),
        (
            *(calls.update_model, {"restApiId": api.id, "modelName": "Empty"}),
            "Invalid patch path  '/wrong' specified for op 'replace'. Must be one of: [/description, /schema]",
        ),
        (
            *(calls.update_request_validator, {"restApiId": api.id, "requestValidatorId": validator}),
            "Invalid patch path  '/wrong' specified for op 'replace'. Must be one of: "
            "[/name, /validateRequestParameters, /validateRequestBody]",
        ),
    ]
    for call, members, message in cases:
        assert refusal(call, **members, patchOperations=wrong) == (400, "BadRequestException", message)


def test_maps_are_patched_by_escaped_keys(api: RestApi, mocked: dict[str, str]) -> None:
    """UpdateIntegration, UpdateMethod, UpdateMethodResponse"""
    calls = api.apigateway
    integration = calls.update_integration(
        **mocked,
        patchOperations=[{"op": "add", "path": "/requestTemplates/text~1plain", "value": '{"statusCode": 200}'}],
    )
    method = calls.update_method(
        **mocked,
        patchOperations=[{"op": "add", "path": "/requestParameters/method.request.querystring.q", "value": "true"}],
    )
    response = calls.update_method_response(
        **mocked,
        statusCode="200",
        patchOperations=[{"op": "add", "path": "/responseParameters/method.response.header.X-A", "value": "false"}],
    )

    assert set(integration["requestTemplates"]) == {"application/json", "text/plain"}
    assert method["requestParameters"] == {"method.request.querystring.q": True}
    assert response["responseParameters"] == {"method.response.header.X-A": False}
    assert response["ResponseMetadata"]["HTTPStatusCode"] == 201


def test_success_codes_differ_by_operation(api: RestApi, mocked: dict[str, str]) -> None:
    """API reference: response codes"""
    calls = api.apigateway
    for call, members, status in [
        (calls.delete_integration_response, {**mocked, "statusCode": "200"}, 204),
        (calls.delete_method_response, {**mocked, "statusCode": "200"}, 204),
        (calls.delete_integration, mocked, 204),
        (calls.delete_method, mocked, 204),
    ]:
        assert call(**members)["ResponseMetadata"]["HTTPStatusCode"] == status


def test_models_and_validators_can_be_kept(api: RestApi) -> None:
    """CreateModel, CreateRequestValidator"""
    calls = api.apigateway
    schema = '{"type": "object"}'
    model = {"restApiId": api.id, "name": "Pet", "contentType": "application/json", "schema": schema}

    assert {item["name"] for item in calls.get_models(restApiId=api.id)["items"]} == {"Empty", "Error"}
    assert calls.create_model(**model)["schema"] == schema
    assert refusal(calls.create_model, **model) == (
        *(409, "ConflictException"),
        "Model name already exists for this REST API",
    )
    validator = body_of(calls.create_request_validator(restApiId=api.id, name="both", validateRequestBody=True))
    assert len(validator.pop("id")) == 6
    assert validator == {"name": "both", "validateRequestBody": True, "validateRequestParameters": False}
    assert refusal(calls.create_request_validator, restApiId=UNKNOWN, name="x") == (
        *(400, "BadRequestException"),
        "Invalid REST API identifier specified",
    )


def test_a_model_in_use_cannot_be_deleted(api: RestApi) -> None:
    """DeleteModel"""
    calls = api.apigateway
    calls.create_model(restApiId=api.id, name="Pet", contentType="application/json", schema='{"type": "object"}')
    api.method("/pets", "POST", requestModels={"application/json": "Pet"})

    assert refusal(calls.delete_model, restApiId=api.id, modelName="Pet") == (
        *(409, "ConflictException"),
        "Cannot delete model 'Pet', is referenced in method request: /pets/POST",
    )


def test_nothing_to_deploy_is_refused(api: RestApi) -> None:
    """CreateDeployment: errors"""
    create = api.apigateway.create_deployment

    assert refusal(create, restApiId=api.id) == (
        *(400, "BadRequestException"),
        "The REST API doesn't contain any methods",
    )
    api.method("/x", "GET")
    assert refusal(create, restApiId=api.id) == (
        *(400, "BadRequestException"),
        "No integration defined for method",
    )


def test_a_change_is_not_visible_until_it_is_deployed(api: RestApi, mocked: dict[str, str]) -> None:
    """Deploy REST APIs in API Gateway: a deployment is a snapshot"""
    api.deploy("test")
    api.apigateway.put_integration_response(
        **mocked, statusCode="200", responseTemplates={"application/json": "changed"}
    )

    assert api.get("/pets").text == "pets"
    assert api.apigateway.test_invoke_method(**mocked)["body"] == "changed"
    api.deploy("test")
    assert api.get("/pets").text == "changed"


def test_a_test_of_a_method_that_any_serves_runs_any(api: RestApi) -> None:
    """TestInvokeMethod: the method of the request, and who sent it"""
    address = api.mock("/any", "ANY", "$context.httpMethod by $context.identity.userAgent")

    tested = api.apigateway.test_invoke_method(**(address | {"httpMethod": "POST"}))

    assert tested["status"] == 200
    assert tested["body"].startswith("POST by Boto3/")
    assert refusal(api.apigateway.test_invoke_method, **(address | {"httpMethod": "TRACE"}))[0] == 404


def test_a_stage_can_be_moved_back_to_an_older_deployment(api: RestApi, mocked: dict[str, str]) -> None:
    """UpdateStage: roll back"""
    old = api.deploy("test")
    api.apigateway.put_integration_response(**mocked, statusCode="200", responseTemplates={"application/json": "new"})
    api.deploy("test")
    assert api.get("/pets").text == "new"

    api.apigateway.update_stage(
        restApiId=api.id,
        stageName="test",
        patchOperations=[{"op": "replace", "path": "/deploymentId", "value": old}],
    )

    assert api.get("/pets").text == "pets"


def test_a_stage_has_defaults_and_variables_that_act_at_once(api: RestApi) -> None:
    """CreateStage, UpdateStage: stage variables"""
    api.mock("/colour", "GET", "$stageVariables.colour")
    deployment = api.deploy("first")
    stage = body_of(
        api.apigateway.create_stage(
            restApiId=api.id, stageName="test", deploymentId=deployment, variables={"colour": "blue"}
        )
    )
    assert stage.pop("createdDate") and stage.pop("lastUpdatedDate")
    assert stage == {
        "deploymentId": deployment,
        "stageName": "test",
        "cacheClusterEnabled": False,
        "cacheClusterStatus": "NOT_AVAILABLE",
        "methodSettings": {},
        "tracingEnabled": False,
        "variables": {"colour": "blue"},
    }
    assert api.get("/colour").text == "blue"
    assert api.get("/colour", stage="first").text == ""

    api.apigateway.update_stage(
        restApiId=api.id,
        stageName="test",
        patchOperations=[{"op": "replace", "path": "/variables/colour", "value": "green"}],
    )
    assert api.get("/colour").text == "green"


def test_stages_and_deployments_hold_each_other(api: RestApi, mocked: dict[str, str]) -> None:
    """CreateStage, DeleteDeployment: errors"""
    calls = api.apigateway
    deployment = api.deploy("test")

    assert refusal(calls.create_stage, restApiId=api.id, stageName="test", deploymentId=deployment) == (
        *(409, "ConflictException"),
        "Stage already exists",
    )
    assert refusal(calls.create_stage, restApiId=api.id, stageName="x", deploymentId="zzzzzz") == (
        *(400, "BadRequestException"),
        "Deployment id does not exist",
    )
    assert refusal(calls.delete_deployment, restApiId=api.id, deploymentId=deployment) == (
        *(400, "BadRequestException"),
        "Active stages pointing to this deployment must be moved or deleted",
    )
    calls.delete_stage(restApiId=api.id, stageName="test")
    assert api.get("/pets").body == b'{"message":"Forbidden"}'
    calls.delete_deployment(restApiId=api.id, deploymentId=deployment)
    assert calls.get_deployments(restApiId=api.id)["items"] == []


def test_a_function_named_by_a_stage_variable_is_called(rest_apis: RestApis, functions: Functions) -> None:
    """Use stage variables for a REST API in API Gateway: Lambda function as stage variable"""
    names = {}
    api = rest_apis.create()
    for colour in ("blue", "green"):
        arn = functions.node(f"export const handler = async () => ({{ statusCode: 200, body: '{colour}' }});")
        functions.allow_api_gateway(arn, api.execution_arn)
        names[colour] = arn.rsplit(":", 1)[1]
    api.lambda_proxy("/colour", "GET", f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:${{stageVariables.function}}")
    for colour, name in names.items():
        api.deploy(colour, variables={"function": name})

    assert [api.get("/colour", stage=stage).text for stage in names] == ["blue", "green"]


def test_an_operation_that_cannot_be_done_yet_is_refused_by_name(client: Client, api: RestApi) -> None:
    """Nothing is accepted silently: an operation without an implementation is an error that says so."""
    response = client.send("GET", f"/restapis/{api.id}/stages/test/sdks/no-such-language")

    assert response.status >= 400
    assert response.header("x-amzn-ErrorType")


def test_the_cli_reads_an_error_as_the_service_means_it(aws: AwsCli) -> None:
    """Handling errors, as the AWS CLI shows them"""
    error = aws.error("apigateway", "get-rest-api", "--rest-api-id", UNKNOWN)

    assert error.endswith(
        "An error occurred (NotFoundException) when calling the GetRestApi operation: "
        f"Invalid API identifier specified {ACCOUNT}:{UNKNOWN}"
    )


def test_regions_are_kept_apart(client: Client, api: RestApi) -> None:
    """Regions: what one region holds, another does not know"""
    scope = "Credential=AKIAIOSFODNN7EXAMPLE/20260101/eu-west-1/apigateway/aws4_request"
    signed = {"Authorization": f"AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=00"}

    assert client.send("GET", f"/restapis/{api.id}").status == 200
    assert client.send("GET", f"/restapis/{api.id}", signed).status == 404
