"""COMPATIBILITY.md has a row for every operation of the services, so that nothing is left unsaid."""

import re
from pathlib import Path

import botocore.session
import pytest

APIGATEWAY_OPERATIONS = 124

# The function service's operations that the table must rule on; the rest of its model is no business of a gateway.
LAMBDA_OPERATIONS = """
    CreateFunction GetFunction GetFunctionConfiguration ListFunctions UpdateFunctionCode UpdateFunctionConfiguration
    DeleteFunction PublishVersion ListVersionsByFunction CreateAlias GetAlias UpdateAlias DeleteAlias ListAliases
    AddPermission GetPolicy RemovePermission PutFunctionConcurrency DeleteFunctionConcurrency GetFunctionConcurrency
    PutProvisionedConcurrencyConfig GetProvisionedConcurrencyConfig DeleteProvisionedConcurrencyConfig
    ListProvisionedConcurrencyConfigs PutFunctionEventInvokeConfig UpdateFunctionEventInvokeConfig
    GetFunctionEventInvokeConfig DeleteFunctionEventInvokeConfig ListFunctionEventInvokeConfigs
    CreateFunctionUrlConfig GetFunctionUrlConfig UpdateFunctionUrlConfig DeleteFunctionUrlConfig
    ListFunctionUrlConfigs PublishLayerVersion ListLayerVersions GetLayerVersion DeleteLayerVersion
    GetLayerVersionByArn ListLayers AddLayerVersionPermission GetLayerVersionPolicy RemoveLayerVersionPermission
    TagResource ListTags UntagResource GetAccountSettings Invoke InvokeWithResponseStream InvokeAsync
    PutRuntimeManagementConfig GetRuntimeManagementConfig PutFunctionRecursionConfig GetFunctionRecursionConfig
    GetFunctionCodeSigningConfig ListEventSourceMappings
""".split()
IAM_OPERATIONS = "CreateRole GetRole ListRoles DeleteRole PutRolePolicy GetRolePolicy DeleteRolePolicy".split()
STS_OPERATIONS = ["GetCallerIdentity"]
WORD = re.compile(r"`([A-Z][A-Za-z0-9]+)`")


@pytest.fixture(scope="module")
def rows(repository: Path) -> set[str]:
    """The operations that have a row: `` `Name` `` in a line of a table."""
    text = (repository / "COMPATIBILITY.md").read_text()
    lines = [line for line in text.splitlines() if line.lstrip().startswith("|")]
    return {name for line in lines for name in re.findall(r"`([A-Z][A-Za-z0-9]+)`", line)}


@pytest.mark.parametrize(
    ("service", "title"), [("logs", "Operations of CloudWatch Logs"), ("cloudwatch", "Operations of CloudWatch")]
)
def test_cloudwatch_s_sections_rule_on_every_operation_once(repository: Path, service: str, title: str) -> None:
    """Amazon CloudWatch Logs and Amazon CloudWatch API references: actions"""
    text = (repository / "COMPATIBILITY.md").read_text()
    section = text.split(f"\n## {title}\n")[1].split("\n## ")[0]
    rows = [line.split("|")[1] for line in section.splitlines() if line.startswith("| `")]

    named = [name for row in rows for name in WORD.findall(row)]
    assert sorted(named) == sorted(model_operations(service))


def model_operations(service: str) -> set[str]:
    """The operations of a service's own model, as the pinned SDK ships it."""
    return set(botocore.session.get_session().get_service_model(service).operation_names)


def test_every_api_gateway_operation_has_a_row(rows: set[str]) -> None:
    """Amazon API Gateway REST API reference: actions"""
    operations = model_operations("apigateway")

    assert len(operations) == APIGATEWAY_OPERATIONS
    assert sorted(operations - rows) == []


@pytest.mark.parametrize(
    ("service", "operations"),
    [("lambda", LAMBDA_OPERATIONS), ("iam", IAM_OPERATIONS), ("sts", STS_OPERATIONS)],
)
def test_every_operation_of_the_neighbours_that_a_gateway_needs_has_a_row(
    rows: set[str], service: str, operations: list[str]
) -> None:
    """AWS Lambda, IAM and STS API references: actions"""
    assert set(operations) <= model_operations(service)
    assert sorted(set(operations) - rows) == []
