"""The unmodified AWS SDK for Python."""

from collections.abc import Callable
from functools import cache
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from harness import answers


@cache
def sdk(endpoint: str, service: str) -> Any:
    """A boto3 client that never retries, so that a test sees the first answer; those of API Gateway are all held to the model."""
    session: Any = boto3.Session()
    client = session.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
        aws_secret_access_key="example",
        config=Config(retries={"total_max_attempts": 1}, read_timeout=60),
    )
    client.meta.events.register("before-parse.apigateway", answers.check)
    return client


def refusal(call: Callable[..., Any], **members: Any) -> tuple[int, str, str]:
    """Status, code and message of a call that must fail."""
    with pytest.raises(ClientError) as caught:
        call(**members)
    error = caught.value.response
    return error["ResponseMetadata"]["HTTPStatusCode"], error["Error"]["Code"], error["Error"]["Message"]
