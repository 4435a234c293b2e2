"""Developer Guide, "Monitor REST APIs": access logs, execution logs and CloudWatch metrics of a stage, read back by the SDK."""

import json
import threading
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from harness.backend import Backend, Connection
from harness.deadline import eventually
from harness.functions import Functions
from harness.gateway import Gateway
from harness.package import source
from harness.raw_client import RawClient
from harness.rest_api import RestApi, RestApis

WAIT_S = 20.0
REGION_AND_ACCOUNT = "us-east-1:000000000000"
FORMAT = {
    "requestId": "$context.requestId",
    "method": "$context.httpMethod",
    "resource": "$context.resourcePath",
    "status": "$context.status",
    "length": "$context.responseLength",
    "backend": "$context.integration.status",
    "error": "$context.error.responseType",
    "agent": "$context.identity.userAgent",
    "principal": "$context.authorizer.principalId",
}


@pytest.fixture
def api(rest_apis: RestApis, functions: Functions) -> RestApi:
    """A mock, and a function that returns what its request says."""
    api = rest_apis.create()
    api.mock("/pets", "GET", "hello")
    function = functions.node(source("proxy-scripted.mjs"))
    api.lambda_proxy("/run", "POST", function)
    functions.allow_api_gateway(function, api.execution_arn)
    api.deploy()
    return api


def update(api: RestApi, **values: str) -> None:
    """`UpdateStage`; a double `_` in a name stands for a slash."""
    patches = [{"op": "replace", "path": "/" + name.replace("__", "/"), "value": value} for name, value in values.items()]
    api.apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=patches)


def set_all(api: RestApi, **values: str) -> None:
    """Settings of all methods."""
    patches = [{"op": "replace", "path": f"/*/*/{name}", "value": value} for name, value in values.items()]
    api.apigateway.update_stage(restApiId=api.id, stageName="test", patchOperations=patches)


def messages(logs: Any, group: str, count: int) -> list[str]:
    """The messages of a group, as soon as there are so many."""

    def found() -> list[str] | None:
        known = [known["logGroupName"] for known in logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]]
        if group not in known:
            return None
        events = logs.filter_log_events(logGroupName=group)["events"]
        return [event["message"] for event in events] if len(events) >= count else None

    return eventually(found, f"{count} events in {group}")


class TestAccessLogs:
    """Variables for access logging for API Gateway"""

    def test_every_request_is_a_line_of_the_stage_s_format(self, api: RestApi, logs: Any) -> None:
        """JSON, also of requests that no method serves, whatever the client sends"""
        group = f"/access/{api.id}"
        update(
            api,
            accessLogSettings__destinationArn=f"arn:aws:logs:{REGION_AND_ACCOUNT}:log-group:{group}",
            accessLogSettings__format=json.dumps(FORMAT),
        )
        served = api.get("/pets", {"User-Agent": 'a "quoted\\" agent'})
        called = api.call("POST", "/run", body=json.dumps({"return": {"statusCode": 418, "body": "tea"}}))
        unknown = api.get("/nowhere")
        lines = [json.loads(line) for line in messages(logs, group, 3)]
        by_id = {line["requestId"]: line for line in lines}

        assert len(lines) == 3
        assert by_id[served.header("x-amzn-requestid")] == {
            "requestId": served.header("x-amzn-requestid"),
            "method": "GET",
            "resource": "/pets",
            "status": "200",
            "length": "5",
            "backend": "-",
            "error": "-",
            "agent": 'a "quoted\\" agent',
            "principal": "-",
        }
        called_line = by_id[called.header("x-amzn-requestid")]
        assert (called_line["status"], called_line["backend"], called_line["length"]) == ("418", "418", "3")
        unknown_line = by_id[unknown.header("x-amzn-requestid")]
        assert (unknown_line["resource"], unknown_line["status"]) == ("-", "403")
        assert unknown_line["error"] == "MISSING_AUTHENTICATION_TOKEN"

    def test_a_response_that_takes_its_time_has_its_line_at_the_end(self, rest_apis: RestApis, logs: Any) -> None:
        """Troubleshoot issues with response streaming: access logging; and a client that goes away before there is a response"""
        called, seen = threading.Event(), threading.Event()

        def script(connection: Connection) -> None:
            head = connection.head() or ""
            called.set()
            if head.startswith("POST"):
                assert connection.is_closed_by_gateway()
                return
            connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            assert seen.wait(WAIT_S)
            connection.send(b"6\r\nsecond\r\n0\r\n\r\n")
            connection.close()

        with Backend(script) as backend:
            api = rest_apis.create()
            address = api.method("/x", "ANY")
            uri = {"type": "HTTP_PROXY", "integrationHttpMethod": "ANY", "uri": backend.url}
            api.apigateway.put_integration(**address, **uri, responseTransferMode="STREAM")
            api.deploy()
            group = f"/access/{api.id}"
            arn = f"arn:aws:logs:{REGION_AND_ACCOUNT}:log-group:{group}"
            line = "$context.status $context.responseLength $context.integration.responseTransferMode"
            update(api, accessLogSettings__destinationArn=arn, accessLogSettings__format=f"{line} $context.requestId")
            host = f"Host: {api.id}.execute-api.localhost:{api.client.port}"

            with RawClient(api.client.port) as client:
                client.send(f"GET /test/x HTTP/1.1\r\n{host}\r\n\r\n".encode())
                client.until(b"first")
                assert logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []
                seen.set()
                client.until(b"0\r\n\r\n")
            assert messages(logs, group, 1)[0].startswith("200 11 STREAMED ")

            called.clear()
            with RawClient(api.client.port) as client:
                client.send(f"POST /test/x HTTP/1.1\r\n{host}\r\nContent-Length: 0\r\n\r\n".encode())
                assert called.wait(WAIT_S)
            assert messages(logs, group, 2)[1].startswith("499 0 STREAMED ")


class TestExecutionLogs:
    """Execution logging for REST APIs"""

    def test_info_with_data_trace_tells_the_steps_in_order(self, api: RestApi, logs: Any) -> None:
        """The group is the stage's own, each line carries the request's id, secrets are masked"""
        set_all(api, **{"logging/loglevel": "INFO", "logging/dataTrace": "true"})
        request = json.dumps({"return": {"statusCode": 200, "body": "done"}})
        answer = api.call("POST", "/run?q=1", {"Authorization": "Bearer very-secret-token"}, request)
        lines = messages(logs, f"API-Gateway-Execution-Logs_{api.id}/test", 22)
        prefix = f"({answer.header('x-amzn-requestid')}) "
        steps = [
            "Extended Request Id: ",
            "Verifying Usage Plan for request: ",
            "API Key  authorized because method 'POST /run' does not require API Key.",
            "Usage Plan check succeeded for API Key  and API Stage ",
            "Starting execution for request: ",
            "HTTP Method: POST, Resource Path: /run",
            "Method request path: {}",
            "Method request query string: {q=1}",
            "Method request headers: {",
            "Method request body before transformations: {",
            "Endpoint request URI: https://lambda.",
            "Endpoint request headers: {",
            "Endpoint request body after transformations: {",
            "Sending request to https://lambda.",
            "Received response. Status: 200, Integration latency: ",
            "Endpoint response headers: {",
            "Endpoint response body before transformations: {",
            "AWS Integration Endpoint RequestId : ",
            "Method response body after transformations: done",
            "Method response headers: {",
            "Successfully completed execution",
            "Method completed with status: 200",
        ]
        assert [line for line, step in zip(lines, steps, strict=True) if not line.startswith(prefix + step)] == []
        assert "very-secret" not in "".join(lines)

    def test_error_tells_failures_only(self, api: RestApi, logs: Any) -> None:
        """Errors only"""
        set_all(api, **{"logging/loglevel": "ERROR"})
        assert api.get("/pets").status == 200
        assert api.call("POST", "/run", body=json.dumps({"return": "no response"})).status == 502
        lines = messages(logs, f"API-Gateway-Execution-Logs_{api.id}/test", 2)
        assert [line.partition(") ")[2] for line in lines] == [
            "Execution failed due to configuration error: Malformed Lambda proxy response",
            "Method completed with status: 502",
        ]


class TestMetrics:
    """Amazon API Gateway dimensions and metrics"""

    def test_requests_errors_and_times_are_counted(self, api: RestApi, cloudwatch: Any) -> None:
        """By API, by stage and, where metrics are enabled, by method"""
        set_all(api, **{"metrics/enabled": "true"})
        name = api.apigateway.get_rest_api(restApiId=api.id)["name"]
        for path in ["/pets", "/pets", "/nowhere"]:
            api.get(path)
        api.call("POST", "/run", body=json.dumps({"throw": "no"}))

        def statistics(metric: str, statistic: str, **dimensions: str) -> float | None:
            data = cloudwatch.get_metric_statistics(
                Namespace="AWS/ApiGateway",
                MetricName=metric,
                Dimensions=[{"Name": key, "Value": value} for key, value in ({"ApiName": name} | dimensions).items()],
                StartTime=datetime.now(UTC) - timedelta(minutes=10),
                EndTime=datetime.now(UTC) + timedelta(minutes=10),
                Period=3600,
                Statistics=[statistic],
            )["Datapoints"]
            return sum(point[statistic] for point in data) if data else None

        eventually(lambda: statistics("Count", "SampleCount") == 4, "four requests are counted")
        assert statistics("Count", "SampleCount", Stage="test") == 4
        assert statistics("4XXError", "Sum", Stage="test") == 1
        assert statistics("5XXError", "Sum", Stage="test") == 1
        assert statistics("IntegrationLatency", "SampleCount", Stage="test") == 1
        pets = {"Stage": "test", "Resource": "/pets", "Method": "GET"}
        assert statistics("Count", "SampleCount", **pets) == 2
        assert statistics("5XXError", "SampleCount", **pets) == 2
        assert statistics("5XXError", "Sum", **pets) == 0
        assert statistics("Latency", "SampleCount", **pets) == 2
        assert statistics("Count", "SampleCount", Stage="test", Resource="/nowhere", Method="GET") is None
