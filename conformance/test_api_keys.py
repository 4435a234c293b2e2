"""API Gateway REST API reference: API keys, usage plans, their keys and their usage, by the SDK and the CLI."""

import uuid
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.rest_api import RestApi, RestApis
from harness.sdk import refusal

REGION = "us-east-1"
KEY_ID_LENGTH = 10
PLAN_ID_LENGTH = 6
GENERATED_VALUE_LENGTH = 40


def body_of(answer: dict[str, Any]) -> dict[str, Any]:
    """The members of an answer without the SDK's own."""
    return {name: value for name, value in answer.items() if name != "ResponseMetadata"}


def status_of(answer: dict[str, Any]) -> int:
    """The HTTP status of an answer."""
    status: int = answer["ResponseMetadata"]["HTTPStatusCode"]
    return status


def unique(name: str) -> str:
    """A name that no other test has."""
    return f"{name}-{uuid.uuid4().hex[:12]}"


@pytest.fixture
def api(rest_apis: RestApis) -> RestApi:
    """An API with the stages `test` and `prod`."""
    api = rest_apis.create()
    api.mock("/pets", "GET", "pets")
    api.deploy("test")
    api.deploy("prod")
    return api


@pytest.fixture
def plan(apigateway: Any) -> str:
    """A usage plan of a hundred requests a month, without stages; its id."""
    created = apigateway.create_usage_plan(name=unique("plan"), quota={"limit": 100, "period": "MONTH"})
    plan: str = created["id"]
    return plan


def new_key(apigateway: Any, **members: Any) -> str:
    """A new key's id."""
    key: str = apigateway.create_api_key(**members)["id"]
    return key


def test_a_key_shows_its_value_once_and_then_on_request(apigateway: Any) -> None:
    """CreateApiKey, GetApiKey"""
    created = apigateway.create_api_key(name=unique("key"), enabled=True, tags={"team": "blue"})
    shown = apigateway.get_api_key(apiKey=created["id"])
    revealed = apigateway.get_api_key(apiKey=created["id"], includeValue=True)

    assert status_of(created) == 201
    assert len(created["id"]) == KEY_ID_LENGTH
    assert len(created["value"]) == GENERATED_VALUE_LENGTH
    assert created["value"].isalnum()
    assert body_of(revealed) == body_of(created)
    assert body_of(shown) == {name: value for name, value in body_of(created).items() if name != "value"}
    assert created["createdDate"] == created["lastUpdatedDate"]


def test_keys_are_listed_newest_first_page_by_page(apigateway: Any) -> None:
    """GetApiKeys"""
    prefix = unique("list")
    names = [f"{prefix}-{number:02}" for number in range(11)]
    for name in names:
        new_key(apigateway, name=name)
        new_key(apigateway, name=f"other-{name}")

    pages = apigateway.get_paginator("get_api_keys").paginate(
        nameQuery=prefix, includeValues=True, PaginationConfig={"PageSize": 4}
    )
    pages = [page["items"] for page in pages]

    assert [len(page) for page in pages] == [4, 4, 3]
    assert [key["name"] for page in pages for key in page] == names[::-1]
    assert all(len(key["value"]) == GENERATED_VALUE_LENGTH for page in pages for key in page)
    assert apigateway.get_api_keys(nameQuery=prefix.upper())["items"] == []
    assert "value" not in apigateway.get_api_keys(nameQuery=prefix)["items"][0]


def test_a_key_is_patched_and_deleted(apigateway: Any) -> None:
    """UpdateApiKey, DeleteApiKey"""
    key = new_key(apigateway, name=unique("key"))
    patched = apigateway.update_api_key(
        apiKey=key,
        patchOperations=[
            {"op": "replace", "path": "/enabled", "value": "true"},
            {"op": "replace", "path": "/description", "value": "of a customer"},
            {"op": "replace", "path": "/customerId", "value": "c-1"},
        ],
    )

    assert (patched["enabled"], patched["description"], patched["customerId"]) == (True, "of a customer", "c-1")
    assert (patched["tags"], "value" in patched) == ({}, False)
    operations = [{"op": "replace", "path": "/value", "value": "x" * 30}]
    assert refusal(apigateway.update_api_key, apiKey=key, patchOperations=operations) == (
        *(400, "BadRequestException"),
        "Invalid patch path  '/value' specified for op 'replace'. Must be one of: "
        "[/description, /enabled, /name, /customerId]",
    )
    assert status_of(apigateway.delete_api_key(apiKey=key)) == 202
    assert refusal(apigateway.get_api_key, apiKey=key) == (
        *(404, "NotFoundException"),
        "Invalid API Key identifier specified",
    )


def test_a_value_belongs_to_one_key(apigateway: Any) -> None:
    """CreateApiKey: errors"""
    value = uuid.uuid4().hex
    key = new_key(apigateway, value=value)
    conflict = (409, "ConflictException", "API Key already exists")

    assert refusal(apigateway.create_api_key, value=value) == conflict
    assert refusal(apigateway.create_api_key, value=value[:19]) == (
        *(400, "BadRequestException"),
        "API Key value should be at least 20 characters",
    )
    apigateway.delete_api_key(apiKey=key)
    assert apigateway.create_api_key(value=value)["value"] == value


def test_the_guide_s_key_file_is_imported(aws: AwsCli, apigateway: Any, plan: str) -> None:
    """API Gateway API key file format"""
    values = [uuid.uuid4().hex for _ in range(2)]
    rows = ["Name,key,description,Enabled,usageplanIds"]
    rows += [f"MyFirstApiKey,{values[0]},An imported key,TRUE,{plan}", f'Second,{values[1]},,false,"{plan},zzzzzz"']
    (aws.folder / "keys.csv").write_text("\n".join(rows))
    command = ("apigateway", "import-api-keys", "--body", "fileb://keys.csv", "--format", "csv")
    warning = "Record 3: Invalid Usage Plan ID specified"

    refused = aws.error(*command, "--fail-on-warnings")
    assert "(BadRequestException)" in refused
    assert warning in refused
    assert apigateway.get_usage_plan_keys(usagePlanId=plan)["items"] == []

    imported = aws(*command, "--no-fail-on-warnings")
    assert imported["warnings"] == [warning]
    keys = [apigateway.get_api_key(apiKey=key, includeValue=True) for key in imported["ids"]]
    assert [(key["name"], key["value"], key["enabled"]) for key in keys] == [
        ("MyFirstApiKey", values[0], True),
        ("Second", values[1], False),
    ]
    in_plan = apigateway.get_usage_plan_keys(usagePlanId=plan)["items"]
    assert [key["id"] for key in in_plan] == imported["ids"]


def test_the_cli_builds_a_usage_plan(aws: AwsCli, api: RestApi) -> None:
    """Set up API keys and usage plans by the CLI"""
    stage = f"apiId={api.id},stage=test"
    created = aws("apigateway", "create-usage-plan", "--name", unique("cli"), "--api-stages", stage)
    plan = created["id"]
    prefix = f"/apiStages/{api.id}:test/throttle/~1pets/GET"
    operations = [
        "op=add,path=/quota/limit,value=500",
        "op=add,path=/quota/period,value=WEEK",
        "op=replace,path=/throttle/rateLimit,value=10",
        f"op=replace,path={prefix}/rateLimit,value=0.5",
        f"op=replace,path={prefix}/burstLimit,value=2",
        f"op=add,path=/apiStages,value={api.id}:prod",
    ]
    update = ("apigateway", "update-usage-plan", "--usage-plan-id", plan, "--patch-operations")
    patched = aws(*update, *operations)

    assert len(plan) == PLAN_ID_LENGTH
    assert patched == {
        "id": plan,
        "name": created["name"],
        "apiStages": [
            {"apiId": api.id, "stage": "test", "throttle": {"/pets/GET": {"burstLimit": 2, "rateLimit": 0.5}}},
            {"apiId": api.id, "stage": "prod"},
        ],
        "throttle": {"burstLimit": 0, "rateLimit": 10.0},
        "quota": {"limit": 500, "offset": 0, "period": "WEEK"},
        "tags": {},
    }
    assert aws("apigateway", "get-usage-plan", "--usage-plan-id", plan) == patched
    refused = aws.error("apigateway", "delete-usage-plan", "--usage-plan-id", plan)
    assert f"Cannot delete Usage Plan {plan} because there are API Stages associated with it" in refused
    aws(*update, *(f"op=remove,path=/apiStages,value={api.id}:{stage}" for stage in ("test", "prod")))
    aws("apigateway", "delete-usage-plan", "--usage-plan-id", plan)
    assert "Invalid Usage Plan ID specified" in aws.error("apigateway", "get-usage-plan", "--usage-plan-id", plan)


def test_a_plan_refuses_stages_that_do_not_exist(apigateway: Any, api: RestApi, plan: str) -> None:
    """UpdateUsagePlan: errors"""
    cases = [
        (f"{api.id}:dev", (404, "NotFoundException"), f"{{api: {api.id}, stage: dev}} specified for usageplan {plan}"),
        ("", (400, "BadRequestException"), "specified"),
    ]
    for value, error, message in cases:
        operations = [{"op": "add", "path": "/apiStages", "value": value}]
        assert refusal(apigateway.update_usage_plan, usagePlanId=plan, patchOperations=operations) == (
            *error,
            f"Invalid API Stage {message}",
        )


def test_what_is_deleted_leaves_its_plans(apigateway: Any, api: RestApi) -> None:
    """DeleteStage, DeleteRestApi"""
    stages = [{"apiId": api.id, "stage": stage} for stage in ("test", "prod")]
    plan = apigateway.create_usage_plan(name=unique("plan"), apiStages=stages)["id"]

    apigateway.delete_stage(restApiId=api.id, stageName="test")
    assert apigateway.get_usage_plan(usagePlanId=plan)["apiStages"] == stages[1:]
    apigateway.delete_rest_api(restApiId=api.id)
    assert apigateway.get_usage_plan(usagePlanId=plan)["apiStages"] == []


def test_keys_are_in_plans(apigateway: Any, api: RestApi) -> None:
    """CreateUsagePlanKey, GetUsagePlanKeys, GetUsagePlans"""
    stages = [{"apiId": api.id, "stage": "test"}]
    plans = [apigateway.create_usage_plan(name=unique("plan"), apiStages=stages)["id"] for _ in range(2)]
    keys = [new_key(apigateway, name=f"{name}-key") for name in ("ann", "bob", "cid")]
    for key in keys:
        added = apigateway.create_usage_plan_key(usagePlanId=plans[0], keyId=key, keyType="API_KEY")
        assert (status_of(added), added["id"], added["type"]) == (201, key, "API_KEY")

    paginator = apigateway.get_paginator("get_usage_plan_keys")
    pages = list(paginator.paginate(usagePlanId=plans[0], PaginationConfig={"PageSize": 2}))
    assert [[key["id"] for key in page["items"]] for page in pages] == [keys[:2], keys[2:]]
    named = apigateway.get_usage_plan_keys(usagePlanId=plans[0], nameQuery="bob")["items"]
    assert [key["id"] for key in named] == [keys[1]]
    of_key = apigateway.get_usage_plans(keyId=keys[0])["items"]
    assert [plan["id"] for plan in of_key] == [plans[0]]
    assert apigateway.get_usage_plan_keys(usagePlanId="zzzzzz")["items"] == []

    assert refusal(apigateway.create_usage_plan_key, usagePlanId=plans[1], keyId=keys[0], keyType="API_KEY") == (
        *(409, "ConflictException"),
        f"Usage Plan {plans[1]} cannot be added because API Key {keys[0]} cannot reference multiple Usage Plans with the "
        f"same API stage: {api.id}:test",
    )
    removed = apigateway.delete_usage_plan_key(usagePlanId=plans[0], keyId=keys[0])
    assert status_of(removed) == 202
    apigateway.create_usage_plan_key(usagePlanId=plans[1], keyId=keys[0], keyType="API_KEY")
    assert apigateway.get_usage_plan_key(usagePlanId=plans[1], keyId=keys[0])["name"] == "ann-key"


def test_usage_is_told_by_day_and_can_be_extended(apigateway: Any, plan: str) -> None:
    """UpdateUsage, GetUsage"""
    keys = [new_key(apigateway) for _ in range(3)]
    for key in keys:
        apigateway.create_usage_plan_key(usagePlanId=plan, keyId=key, keyType="API_KEY")
    operations = [{"op": "replace", "path": "/remaining", "value": "250"}]
    extended = body_of(apigateway.update_usage(usagePlanId=plan, keyId=keys[1], patchOperations=operations))
    today = extended["startDate"]

    assert extended == {"usagePlanId": plan, "startDate": today, "endDate": today, "items": {keys[1]: [[0, 250]]}}
    days = {"usagePlanId": plan, "startDate": today, "endDate": today}
    pages = list(apigateway.get_paginator("get_usage").paginate(**days, PaginationConfig={"PageSize": 2}))
    assert [page["items"] for page in pages] == [
        {keys[0]: [[0, 100]], keys[1]: [[0, 250]]},
        {keys[2]: [[0, 100]]},
    ]
    assert apigateway.get_usage(**days, keyId=keys[1])["items"] == {keys[1]: [[0, 250]]}
    assert refusal(apigateway.get_usage, **days, keyId="zzzzzzzzzz") == (
        *(404, "NotFoundException"),
        "Invalid Key identifier specified",
    )


@pytest.mark.parametrize("collection", ["apikeys", "usageplans"])
def test_keys_and_plans_have_tags(apigateway: Any, plan: str, collection: str) -> None:
    """TagResource, UntagResource, GetTags"""
    name = plan if collection == "usageplans" else new_key(apigateway)
    arn = f"arn:aws:apigateway:{REGION}::/{collection}/{name}"

    apigateway.tag_resource(resourceArn=arn, tags={"team": "blue", "stage": "dev"})
    apigateway.untag_resource(resourceArn=arn, tagKeys=["stage"])

    assert apigateway.get_tags(resourceArn=arn)["tags"] == {"team": "blue"}
    apigateway.tag_resource(resourceArn=arn, tags={"team": "red"})
    shown = apigateway.get_usage_plan(usagePlanId=plan) if name == plan else apigateway.get_api_key(apiKey=name)
    assert shown["tags"] == {"team": "red"}
