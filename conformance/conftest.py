"""The fixtures of all scenarios: one gateway per test process, its clients, and places for their files."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.functions import Functions, Journal
from harness.gateway import Gateway
from harness.http import Client
from harness.rest_api import RestApis
from harness.sdk import sdk

REPOSITORY = Path(__file__).parent.parent


@pytest.fixture(scope="session")
def repository() -> Path:
    """The folder that holds README.md."""
    return REPOSITORY


@pytest.fixture(scope="session")
def binary() -> Path:
    """The gateway under test: `LAMBDAGATE_BIN`, else the debug build."""
    path = Path(os.environ.get("LAMBDAGATE_BIN", REPOSITORY / "target/debug/lambdagate")).absolute()
    if not path.is_file():
        pytest.exit(f"no gateway at {path}: build it with `cargo build` or name one in LAMBDAGATE_BIN", 2)
    return path


@pytest.fixture(scope="session")
def gateway(binary: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """The gateway that most scenarios share; they keep apart by the ids of what they create."""
    folder = tmp_path_factory.mktemp("gateway")
    with Gateway.serve(binary, folder / "data", folder / "stderr.log") as running:
        yield running


@pytest.fixture
def apigateway(gateway: Gateway) -> Any:
    """The API Gateway control plane."""
    return sdk(gateway.url, "apigateway")


@pytest.fixture
def lambda_client(gateway: Gateway) -> Any:
    """Lambda."""
    return sdk(gateway.url, "lambda")


@pytest.fixture
def iam(gateway: Gateway) -> Any:
    """IAM."""
    return sdk(gateway.url, "iam")


@pytest.fixture
def sts(gateway: Gateway) -> Any:
    """STS."""
    return sdk(gateway.url, "sts")


@pytest.fixture
def logs(gateway: Gateway) -> Any:
    """CloudWatch Logs."""
    return sdk(gateway.url, "logs")


@pytest.fixture
def cloudwatch(gateway: Gateway) -> Any:
    """CloudWatch metrics."""
    return sdk(gateway.url, "cloudwatch")


@pytest.fixture
def client(gateway: Gateway) -> Client:
    """Plain HTTP."""
    return gateway.client


@pytest.fixture
def aws(gateway: Gateway, tmp_path: Path) -> AwsCli:
    """The AWS CLI, run in the test's own folder."""
    return AwsCli(gateway.url, tmp_path)


@pytest.fixture
def functions(lambda_client: Any) -> Functions:
    """Makes functions."""
    return Functions(lambda_client)


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    """Where this test's functions write down their calls."""
    return Journal(tmp_path / "journal.jsonl")


@pytest.fixture
def rest_apis(apigateway: Any, functions: Functions, client: Client) -> RestApis:
    """Makes REST APIs."""
    return RestApis(apigateway, functions, client)
