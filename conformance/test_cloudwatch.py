"""CloudWatch Logs and CloudWatch metrics, as the SDK, the AWS CLI and clients of older protocols use them."""

import gzip
import json
import re
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest

from harness.cli import AwsCli
from harness.functions import Functions
from harness.gateway import Gateway
from harness.http import Client, Response
from harness.sdk import refusal, sdk

MINUTE_S = 60
HOUR_MS = 60 * 60 * 1000
DAY_MS = 24 * HOUR_MS
XML = "{http://monitoring.amazonaws.com/doc/2010-08-01/}"
MONITORING = (
    "Authorization",
    "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20260101/us-east-1/monitoring/aws4_request, "
    "SignedHeaders=host, Signature=" + "0" * 64,
)


def now_ms() -> int:
    """Milliseconds since 1970."""
    return time.time_ns() // 1_000_000


class Stream:
    """A log stream in a group of its own."""

    def __init__(self, logs: Any) -> None:
        self.logs = logs
        self.group = f"/conformance/{uuid.uuid4().hex[:12]}"
        self.name = "stream"
        logs.create_log_group(logGroupName=self.group)
        logs.create_log_stream(logGroupName=self.group, logStreamName=self.name)

    @property
    def address(self) -> dict[str, str]:
        """The members that name it."""
        return {"logGroupName": self.group, "logStreamName": self.name}

    def put(self, *messages: str, at: int | None = None) -> dict[str, Any]:
        """Writes messages a millisecond apart, the last one at `at` or now."""
        first = (now_ms() if at is None else at) - len(messages) + 1
        events = [{"timestamp": first + index, "message": message} for index, message in enumerate(messages)]
        answer: dict[str, Any] = self.logs.put_log_events(**self.address, logEvents=events)
        return answer

    def filtered(self, pattern: str = "", **members: Any) -> list[str]:
        """The messages that match."""
        pages = self.logs.get_paginator("filter_log_events").paginate(
            logGroupName=self.group, filterPattern=pattern, **members
        )
        return [event["message"] for page in pages for event in page["events"]]


@pytest.fixture
def stream(logs: Any) -> Stream:
    """A stream without events."""
    return Stream(logs)


@pytest.fixture
def namespace() -> str:
    """A namespace of the test's own."""
    return f"Conformance/{uuid.uuid4().hex[:12]}"


def test_groups_are_created_described_tagged_and_deleted(logs: Any) -> None:
    """CloudWatch Logs API: CreateLogGroup, DescribeLogGroups, TagResource, DeleteLogGroup"""
    prefix = f"/groups/{uuid.uuid4().hex[:12]}"
    for suffix in ("a", "b", "c"):
        logs.create_log_group(logGroupName=f"{prefix}/{suffix}", tags={"which": suffix})

    pages = logs.get_paginator("describe_log_groups").paginate(
        logGroupNamePrefix=prefix, PaginationConfig={"PageSize": 2}
    )
    groups = [group for page in pages for group in page["logGroups"]]
    assert [group["logGroupName"] for group in groups] == [f"{prefix}/{suffix}" for suffix in "abc"]
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{prefix}/a"
    assert (groups[0]["arn"], groups[0]["logGroupArn"]) == (f"{arn}:*", arn)
    assert groups[0]["storedBytes"] == 0
    assert "retentionInDays" not in groups[0]
    pattern = logs.describe_log_groups(logGroupNamePattern=f"{prefix.removeprefix('/groups/')}/b")
    assert [group["logGroupName"] for group in pattern["logGroups"]] == [f"{prefix}/b"]

    logs.tag_resource(resourceArn=arn, tags={"owner": "us"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"which": "a", "owner": "us"}
    logs.untag_resource(resourceArn=arn, tagKeys=["which"])
    assert logs.list_tags_log_group(logGroupName=f"{prefix}/a")["tags"] == {"owner": "us"}

    exists = refusal(logs.create_log_group, logGroupName=f"{prefix}/a")
    assert exists == (400, "ResourceAlreadyExistsException", "The specified log group already exists")
    logs.delete_log_group(logGroupName=f"{prefix}/a")
    gone = refusal(logs.delete_log_group, logGroupName=f"{prefix}/a")
    assert gone == (400, "ResourceNotFoundException", "The specified log group does not exist.")


def test_a_name_that_is_none_is_refused_as_the_model_says(logs: Any) -> None:
    """CloudWatch Logs API: CreateLogGroup, logGroupName"""
    status, code, message = refusal(logs.create_log_group, logGroupName="no spaces")

    assert (status, code) == (400, "InvalidParameterException")
    assert message == (
        "1 validation error detected: Value 'no spaces' at 'logGroupName' failed to satisfy constraint: "
        r"Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+"
    )


def test_streams_are_listed_by_name_and_by_their_last_event(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs API: DescribeLogStreams"""
    group = {"logGroupName": stream.group}
    moment = now_ms()
    for name, age_ms in (("2026/a", 3000), ("2026/b", 1000), ("2026/c", 2000)):
        logs.create_log_stream(**group, logStreamName=name)
        events = [{"timestamp": moment - age_ms, "message": name}]
        logs.put_log_events(**group, logStreamName=name, logEvents=events)

    def names(page_size: int = 50, **members: Any) -> list[str]:
        paginator = logs.get_paginator("describe_log_streams")
        pages = paginator.paginate(**group, **members, PaginationConfig={"PageSize": page_size})
        return [found["logStreamName"] for page in pages for found in page["logStreams"]]

    assert names(page_size=1) == ["2026/a", "2026/b", "2026/c", "stream"]
    assert names(page_size=3, descending=True) == ["stream", "2026/c", "2026/b", "2026/a"]
    assert names(logStreamNamePrefix="2026/") == ["2026/a", "2026/b", "2026/c"]
    assert names(page_size=2, orderBy="LastEventTime", descending=True) == ["2026/b", "2026/c", "2026/a", "stream"]
    found = logs.describe_log_streams(**group, logStreamNamePrefix="2026/b")["logStreams"][0]
    assert found["firstEventTimestamp"] == found["lastEventTimestamp"] == moment - 1000
    assert found["lastIngestionTime"] >= moment
    assert found["arn"].endswith(f":log-group:{stream.group}:log-stream:2026/b")
    refused = refusal(logs.describe_log_streams, **group, orderBy="LastEventTime", logStreamNamePrefix="2026/")
    assert refused[1:] == (
        "InvalidParameterException",
        "Cannot order by LastEventTime with a logStreamNamePrefix.",
    )
    logs.delete_log_stream(**group, logStreamName="2026/b")
    assert refusal(logs.get_log_events, **group, logStreamName="2026/b")[1:] == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
    assert stream.filtered() == ["2026/a", "2026/c"]


def test_events_are_read_page_by_page_in_both_directions(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs API: GetLogEvents"""
    stream.put(*[f"m{number}" for number in range(5)])

    def page(**members: Any) -> tuple[list[str], dict[str, Any]]:
        answer = logs.get_log_events(**stream.address, limit=2, **members)
        return [event["message"] for event in answer["events"]], answer

    messages, first = page(startFromHead=True)
    assert messages == ["m0", "m1"]
    messages, second = page(startFromHead=True, nextToken=first["nextForwardToken"])
    assert messages == ["m2", "m3"]
    messages, third = page(startFromHead=True, nextToken=second["nextForwardToken"])
    assert messages == ["m4"]
    messages, end = page(startFromHead=True, nextToken=third["nextForwardToken"])
    assert messages == []
    assert end["nextForwardToken"] == third["nextForwardToken"]
    assert page(nextToken=end["nextBackwardToken"])[0] == ["m3", "m4"]

    messages, last = page()
    assert messages == ["m3", "m4"]
    messages, before = page(nextToken=last["nextBackwardToken"])
    assert messages == ["m1", "m2"]
    assert page(nextToken=before["nextBackwardToken"])[0] == ["m0"]
    assert page(nextToken=last["nextForwardToken"])[0] == []
    stream.put("m5")
    assert page(nextToken=last["nextForwardToken"])[0] == ["m5"]
    assert refusal(logs.get_log_events, **stream.address, nextToken="x")[1:] == (
        "InvalidParameterException",
        "The specified nextToken is invalid.",
    )


def test_a_time_range_is_half_open_for_get_and_closed_for_filter(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs API: GetLogEvents and FilterLogEvents, startTime and endTime"""
    moment = now_ms()
    stream.put("a", "b", "c", at=moment)
    span = {"startTime": moment - 2, "endTime": moment - 1}

    got = logs.get_log_events(**stream.address, **span)["events"]
    assert [event["message"] for event in got] == ["a"]
    assert stream.filtered(**span) == ["a", "b"]


def test_batches_keep_to_the_rules(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs API: PutLogEvents"""
    moment = now_ms()
    put = logs.put_log_events

    def event(at: int, message: str = "m") -> dict[str, Any]:
        return {"timestamp": at, "message": message}

    backwards = [event(moment), event(moment - 1)]
    assert refusal(put, **stream.address, logEvents=backwards)[1:] == (
        "InvalidParameterException",
        "Log events in a single PutLogEvents request must be in chronological order.",
    )
    full = "x" * (1024 * 1024 // 2)
    large = [event(moment, full), event(moment, full)]
    assert refusal(put, **stream.address, logEvents=large)[1:] == (
        "InvalidParameterException",
        "Upload too large: 1048628 bytes exceeds limit of 1048576",
    )
    days = [event(moment - 3 * DAY_MS), event(moment)]
    assert "24 hours" in refusal(put, **stream.address, logEvents=days)[2]
    many = [event(moment)] * 10_001
    assert "less than or equal to 10000" in refusal(put, **stream.address, logEvents=many)[2]
    assert refusal(put, logGroupName=stream.group, logStreamName="none", logEvents=[event(moment)])[1:] == (
        "ResourceNotFoundException",
        "The specified log stream does not exist.",
    )
    mixed = [event(moment - 15 * DAY_MS), event(moment, "kept"), event(moment + 3 * HOUR_MS)]
    answer = put(**stream.address, logEvents=mixed)
    assert answer["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1, "tooNewLogEventStartIndex": 2}
    assert re.fullmatch(r"\d{56}", answer["nextSequenceToken"])
    assert stream.filtered() == ["kept"]
    put(**stream.address, logEvents=[event(moment)] * 10_000)
    group = logs.describe_log_groups(logGroupNamePrefix=stream.group)["logGroups"][0]
    assert group["storedBytes"] == (4 + 26) + 10_000 * (1 + 26)
    assert len(stream.filtered("m")) == 10_000


def test_filter_patterns_choose_events(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs User Guide, "Filter pattern syntax": terms, JSON and fields"""
    stream.put(
        "ERROR disk is full",
        "WARN disk is nearly full",
        'INFO "quoted words" here',
        '{"status": 500, "user": {"name": "ana"}, "ms": 12.5}',
        '{"status": 404, "user": {"name": "ben"}}',
        "127.0.0.1 - frank [10/Oct/2000:13:25:15 -0700] \"GET /index.html HTTP/1.0\" 404 1534",
    )

    def starts(pattern: str) -> list[str]:
        return [message[:4] for message in stream.filtered(pattern)]

    assert starts("disk") == ["ERRO", "WARN"]
    assert starts("disk -nearly") == ["ERRO"]
    assert starts("?ERROR ?WARN") == ["ERRO", "WARN"]
    assert starts('"quoted words"') == ["INFO"]
    assert starts("%[Ff]ull$%") == ["ERRO", "WARN"]
    assert stream.filtered('{ $.status = 500 && $.user.name = "a*" }')[0].startswith('{"status": 500')
    assert len(stream.filtered("{ $.status = 4* || $.ms > 12 }")) == 2
    assert len(stream.filtered("{ $.ms NOT EXISTS }")) == 1
    assert starts("[ip, id, user, time, request = \"GET *\", status = 4*, bytes > 1000]") == ["127."]
    assert starts("[..., status = 500, bytes]") == []
    refused = refusal(logs.filter_log_events, logGroupName=stream.group, filterPattern="a:b")
    assert refused[:2] == (400, "InvalidParameterException")
    assert refused[2].startswith("Invalid filter pattern: ")


def test_filtering_goes_on_where_a_page_ended(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs API: FilterLogEvents, nextToken and startFromHead"""
    other = {"logGroupName": stream.group, "logStreamName": "other"}
    logs.create_log_stream(**other)
    moment = now_ms()
    stream.put("a1", "a2", "a3", at=moment)
    logs.put_log_events(**other, logEvents=[{"timestamp": moment - 1, "message": "b"}])

    assert stream.filtered(PaginationConfig={"PageSize": 1}) == ["a1", "a2", "b", "a3"]
    assert stream.filtered(startFromHead=False, PaginationConfig={"PageSize": 2}) == ["a3", "b", "a2", "a1"]
    assert stream.filtered(logStreamNames=["other"]) == ["b"]
    assert stream.filtered(logStreamNamePrefix="st") == ["a1", "a2", "a3"]
    answer = logs.filter_log_events(logGroupName=stream.group, limit=1)
    assert answer["searchedLogStreams"] == []
    assert answer["events"][0].keys() == {"logStreamName", "timestamp", "message", "ingestionTime", "eventId"}


def test_what_is_older_than_the_retention_is_gone_and_newer_is_not_taken(logs: Any, stream: Stream) -> None:
    """CloudWatch Logs API: PutRetentionPolicy, DeleteRetentionPolicy"""
    moment = now_ms()
    stream.put("old", at=moment - 4 * DAY_MS)
    stream.put("new", at=moment)
    assert stream.filtered() == ["old", "new"]

    logs.put_retention_policy(logGroupName=stream.group, retentionInDays=3)
    assert stream.filtered() == ["new"]
    group = logs.describe_log_groups(logGroupNamePrefix=stream.group)["logGroups"][0]
    assert group["retentionInDays"] == 3
    answer = stream.put("older", at=moment - 5 * DAY_MS)
    assert answer["rejectedLogEventsInfo"] == {"expiredLogEventEndIndex": 1}
    status, code, message = refusal(logs.put_retention_policy, logGroupName=stream.group, retentionInDays=2)
    assert (status, code) == (400, "InvalidParameterException")
    assert message.startswith("1 validation error detected: Value '2' at 'retentionInDays'")
    logs.delete_retention_policy(logGroupName=stream.group)
    assert "retentionInDays" not in logs.describe_log_groups(logGroupNamePrefix=stream.group)["logGroups"][0]


def test_what_is_not_built_is_refused_by_name(logs: Any, cloudwatch: Any) -> None:
    """CloudWatch Logs and CloudWatch API references: actions"""
    status, code, message = refusal(logs.describe_metric_filters)
    assert (status, code) == (400, "UnknownOperationException")
    assert "DescribeMetricFilters" in message
    status, code, message = refusal(cloudwatch.describe_alarms)
    assert (status, code) == (400, "InvalidAction")
    assert "DescribeAlarms" in message
    assert refusal(logs.create_log_group, logGroupName="g", kmsKeyId="k")[1:] == (
        "InvalidParameterException",
        "LambdaGate does not support kmsKeyId.",
    )


def test_the_cli_reads_logs(aws: AwsCli, stream: Stream) -> None:
    """AWS CLI: `aws logs filter-log-events`, `get-log-events`"""
    stream.put("first line", "second line", "third thing")

    found = aws("logs", "filter-log-events", "--log-group-name", stream.group, "--filter-pattern", "thing")
    assert [event["message"] for event in found["events"]] == ["third thing"]
    got = aws("logs", "get-log-events", "--log-group-name", stream.group, "--log-stream-name", "stream", "--limit", "1")
    assert [event["message"] for event in got["events"]] == ["third thing"]
    missing = aws.error("logs", "get-log-events", "--log-group-name", "/none", "--log-stream-name", "s")
    assert "(ResourceNotFoundException)" in missing


def test_a_group_can_be_followed(logs: Any, stream: Stream) -> None:
    """AWS CLI version 2: the calls of `aws logs tail --follow`, which asks again from the last event on"""
    seen: set[str] = set()

    def tail(start: int) -> tuple[list[str], int]:
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=stream.group, interleaved=True, startTime=start, PaginationConfig={"PageSize": 2}
        )
        events = [event for page in pages for event in page["events"]]
        fresh = [event for event in events if event["eventId"] not in seen]
        seen.update(event["eventId"] for event in events)
        return [event["message"] for event in fresh], max([start, *(event["timestamp"] for event in events)])

    moment = now_ms() - 1000
    stream.put("a", "b", "c", at=moment)
    messages, last = tail(moment - HOUR_MS)
    assert (messages, last) == (["a", "b", "c"], moment)
    stream.put("d", at=moment)
    stream.put("e", at=moment + 1)
    messages, last = tail(last)
    assert (messages, last) == (["d", "e"], moment + 1)
    assert tail(last) == ([], moment + 1)


def test_a_function_s_log_is_in_its_group(lambda_client: Any, logs: Any, functions: Functions) -> None:
    """Lambda Developer Guide, "Sending Lambda function logs to CloudWatch Logs" """
    arn = functions.node("export const handler = async () => { console.log('from the function'); };")
    name = arn.split(":")[-1]
    request_id = lambda_client.invoke(FunctionName=name)["ResponseMetadata"]["RequestId"]

    group = f"/aws/lambda/{name}"
    streams = logs.describe_log_streams(logGroupName=group)["logStreams"]
    today = datetime.now(UTC).strftime("%Y/%m/%d")
    assert len(streams) == 1
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", streams[0]["logStreamName"])
    assert streams[0]["logStreamName"] <= f"{today}/~"
    events = logs.get_log_events(
        logGroupName=group, logStreamName=streams[0]["logStreamName"], startFromHead=True
    )["events"]
    messages = [event["message"] for event in events]
    assert messages[0].startswith("INIT_START Runtime Version: nodejs")
    assert messages[1] == f"START RequestId: {request_id} Version: $LATEST\n"
    assert messages[2].endswith("\tfrom the function\n")
    assert messages[3] == f"END RequestId: {request_id}\n"
    assert messages[4].startswith(f"REPORT RequestId: {request_id}\tDuration: ")
    found = logs.filter_log_events(logGroupName=group, filterPattern=f'"{request_id}" -START')["events"]
    assert [event["message"] for event in found] == messages[2:]


def minute(minutes_ago: int = 0) -> datetime:
    """The beginning of a minute."""
    return datetime.fromtimestamp(time.time() // MINUTE_S * MINUTE_S, UTC) - timedelta(minutes=minutes_ago)


def statistics(cloudwatch: Any, namespace: str, name: str, **members: Any) -> list[dict[str, Any]]:
    """The datapoints of the last ten minutes."""
    defaults: dict[str, Any] = {"StartTime": minute(10), "EndTime": minute(-1), "Period": MINUTE_S}
    answer = cloudwatch.get_metric_statistics(Namespace=namespace, MetricName=name, **(defaults | members))
    assert answer["Label"] == name
    points: list[dict[str, Any]] = answer["Datapoints"]
    return points


def test_measurements_become_statistics(cloudwatch: Any, namespace: str) -> None:
    """CloudWatch API: PutMetricData, GetMetricStatistics"""
    at = minute(5)
    data = [
        {"MetricName": "Latency", "Timestamp": at, "Value": 10.0, "Unit": "Milliseconds"},
        {
            "MetricName": "Latency",
            "Timestamp": at + timedelta(seconds=59),
            "Values": [20.0, 30.0],
            "Counts": [2.0, 1.0],
            "Unit": "Milliseconds",
        },
        {"MetricName": "Latency", "Timestamp": at + timedelta(minutes=1), "Value": 100.0, "Unit": "Milliseconds"},
        {"MetricName": "Latency", "Timestamp": at, "Value": 7.0, "Unit": "Seconds"},
        {
            "MetricName": "Summed",
            "Timestamp": at,
            "StatisticValues": {"SampleCount": 4, "Sum": 10, "Minimum": 1, "Maximum": 5},
        },
    ]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)

    every = ["SampleCount", "Average", "Sum", "Minimum", "Maximum"]
    points = statistics(
        cloudwatch, namespace, "Latency", Unit="Milliseconds", Statistics=every, ExtendedStatistics=["p50", "p99.9"]
    )
    assert points == [
        {
            "Timestamp": at,
            "SampleCount": 4.0,
            "Average": 20.0,
            "Sum": 80.0,
            "Minimum": 10.0,
            "Maximum": 30.0,
            "Unit": "Milliseconds",
            "ExtendedStatistics": {"p50": 20.0, "p99.9": 30.0},
        },
        {
            "Timestamp": at + timedelta(minutes=1),
            "SampleCount": 1.0,
            "Average": 100.0,
            "Sum": 100.0,
            "Minimum": 100.0,
            "Maximum": 100.0,
            "Unit": "Milliseconds",
            "ExtendedStatistics": {"p50": 100.0, "p99.9": 100.0},
        },
    ]
    units = statistics(cloudwatch, namespace, "Latency", Statistics=["Sum"])
    assert [(point["Unit"], point["Sum"]) for point in units] == [
        ("Milliseconds", 80.0),
        ("Seconds", 7.0),
        ("Milliseconds", 100.0),
    ]
    wide = statistics(cloudwatch, namespace, "Latency", Statistics=["Sum"], Unit="Milliseconds", Period=600)
    assert [point["Sum"] for point in wide] == [180.0]
    summed = statistics(cloudwatch, namespace, "Summed", Statistics=every, ExtendedStatistics=["p50"])
    assert (summed[0]["Average"], summed[0]["Unit"]) == (2.5, "None")
    assert "ExtendedStatistics" not in summed[0]


def test_a_metric_is_its_exact_dimensions(cloudwatch: Any, namespace: str) -> None:
    """CloudWatch User Guide, "Dimensions"; API: ListMetrics"""
    api, stage = {"Name": "ApiName", "Value": "calc"}, {"Name": "Stage", "Value": "prod"}
    for value, dimensions in ((1.0, []), (2.0, [api]), (4.0, [stage, api])):
        datum = {"MetricName": "Count", "Dimensions": dimensions, "Value": value, "Unit": "Count"}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def total(dimensions: list[dict[str, str]]) -> list[float]:
        points = statistics(cloudwatch, namespace, "Count", Dimensions=dimensions, Statistics=["Sum"], Period=3600)
        return [point["Sum"] for point in points]

    assert [total([]), total([api]), total([api, stage]), total([stage])] == [[1.0], [2.0], [4.0], []]

    def listed(**members: Any) -> list[list[dict[str, str]]]:
        pages = cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace, **members)
        return [metric["Dimensions"] for page in pages for metric in page["Metrics"]]

    assert listed() == [[], [api], [api, stage]]
    assert listed(Dimensions=[{"Name": "Stage"}]) == [[api, stage]]
    assert listed(Dimensions=[{"Name": "ApiName", "Value": "other"}]) == []
    assert listed(MetricName="Other") == []
    assert len(listed(RecentlyActive="PT3H")) == 3


def test_metric_data_comes_for_several_metrics_page_by_page(cloudwatch: Any, namespace: str) -> None:
    """CloudWatch API: GetMetricData"""
    for ago in (4, 3, 2):
        datum = {"MetricName": "Count", "Timestamp": minute(ago), "Value": float(ago)}
        cloudwatch.put_metric_data(Namespace=namespace, MetricData=[datum])

    def query(query_id: str, stat: str, **members: Any) -> dict[str, Any]:
        metric = {"Namespace": namespace, "MetricName": "Count"}
        return {"Id": query_id, "MetricStat": {"Metric": metric, "Period": MINUTE_S, "Stat": stat}, **members}

    span = {"StartTime": minute(10), "EndTime": minute(-1)}
    queries = [query("sum", "Sum"), query("p", "p90", Label="90"), query("hidden", "Sum", ReturnData=False)]
    answer = cloudwatch.get_metric_data(MetricDataQueries=queries, **span)
    first, second = answer["MetricDataResults"]
    assert (first["Id"], first["Label"], first["StatusCode"]) == ("sum", "Count", "Complete")
    assert (first["Timestamps"], first["Values"]) == ([minute(2), minute(3), minute(4)], [2.0, 3.0, 4.0])
    assert (second["Label"], second["Values"]) == ("90", [2.0, 3.0, 4.0])
    ascending = cloudwatch.get_metric_data(MetricDataQueries=queries, ScanBy="TimestampAscending", **span)
    assert ascending["MetricDataResults"][0]["Values"] == [4.0, 3.0, 2.0]

    pages = list(
        cloudwatch.get_paginator("get_metric_data").paginate(
            MetricDataQueries=queries, PaginationConfig={"PageSize": 2}, **span
        )
    )
    values = [(result["Id"], value) for page in pages for result in page["MetricDataResults"] for value in result["Values"]]
    assert values == [(name, value) for name in ("sum", "p") for value in (2.0, 3.0, 4.0)]
    assert pages[0]["MetricDataResults"][0]["StatusCode"] == "PartialData"

    expression = [query("m1", "Sum"), {"Id": "e1", "Expression": "m1 / 2"}]
    status, code, message = refusal(cloudwatch.get_metric_data, MetricDataQueries=expression, **span)
    assert (status, code) == (400, "InvalidParameterValue")
    assert "m1 / 2" in message


def test_measurements_keep_to_the_rules(cloudwatch: Any, namespace: str) -> None:
    """CloudWatch API: PutMetricData and GetMetricStatistics, errors"""

    def refused(datum: dict[str, Any], where: str = namespace) -> tuple[str, str]:
        data = [{"MetricName": "M", **datum}]
        _, code, message = refusal(cloudwatch.put_metric_data, Namespace=where, MetricData=data)
        return code, message

    assert refused({}) == ("MissingParameter", "The parameter MetricData.member.1.Value is required.")
    assert refused({"Value": 1.0, "Values": [1.0]}) == (
        "InvalidParameterCombination",
        "The parameters MetricData.member.1.Value and MetricData.member.1.Values are mutually exclusive and you have "
        "specified both.",
    )
    assert refused({"Value": float("nan")})[0] == "InvalidParameterValue"
    assert refused({"Value": 1e200})[0] == "InvalidParameterValue"
    assert refused({"Value": 1.0, "Unit": "Furlongs"})[0] == "InvalidParameterValue"
    assert "two weeks" in refused({"Value": 1.0, "Timestamp": minute(60 * 24 * 15)})[1]
    assert "two hours" in refused({"Value": 1.0, "Timestamp": minute(-180)})[1]
    assert refused({"Value": 1.0}, "AWS/ApiGateway")[0] == "InvalidParameterValue"
    ask = {"Namespace": namespace, "MetricName": "M", "EndTime": minute(), "Statistics": ["Sum"]}
    many = refusal(cloudwatch.get_metric_statistics, **ask, StartTime=minute(2880), Period=MINUTE_S)
    assert many[1:] == (
        "InvalidParameterCombination",
        "You have requested up to 2,880 datapoints, which exceeds the limit of 1,440. You may reduce the datapoints "
        "requested by increasing Period, or decreasing the time range.",
    )
    assert refusal(cloudwatch.get_metric_statistics, **ask, StartTime=minute(1), Period=7)[1] == "InvalidParameterValue"


def test_a_large_request_may_be_compressed(cloudwatch: Any, namespace: str) -> None:
    """AWS SDKs and Tools Reference Guide, "Request compression": PutMetricData of more than 10 KiB"""
    data = [{"MetricName": f"Metric{number:04}", "Value": float(number)} for number in range(1000)]
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=data)

    pages = list(cloudwatch.get_paginator("list_metrics").paginate(Namespace=namespace))
    assert [len(page["Metrics"]) for page in pages] == [500, 500]


def form(client: Client, action: str, body: bytes | None = None, **parameters: str) -> Response:
    """A call in the protocol of forms and XML, as older SDKs make it."""
    fields = {"Action": action, "Version": "2010-08-01", **parameters}
    headers = [("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"), MONITORING]
    if body is not None:
        headers.append(("Content-Encoding", "gzip"))
    return client.send("POST", "/", headers, urlencode(fields) if body is None else body)


def test_forms_are_answered_in_xml(client: Client, namespace: str) -> None:
    """CloudWatch API reference: making query requests"""
    at = minute(3)
    datum = {
        "Namespace": namespace,
        "MetricData.member.1.MetricName": "Latency",
        "MetricData.member.1.Timestamp": at.isoformat().replace("+00:00", "Z"),
        "MetricData.member.1.Unit": "Milliseconds",
        "MetricData.member.1.Values.member.1": "1.5",
        "MetricData.member.1.Values.member.2": "2.5",
        "MetricData.member.1.Dimensions.member.1.Name": "ApiName",
        "MetricData.member.1.Dimensions.member.1.Value": "a & b",
    }
    put = form(client, "PutMetricData", **datum)
    assert put.status == 200, put.text
    assert ElementTree.fromstring(put.text).tag == f"{XML}PutMetricDataResponse"
    compressed = gzip.compress(urlencode({"Action": "PutMetricData", "Version": "2010-08-01", **datum}).encode())
    assert form(client, "PutMetricData", compressed).status == 200

    got = form(
        client,
        "GetMetricStatistics",
        **{
            "Namespace": namespace,
            "MetricName": "Latency",
            "Dimensions.member.1.Name": "ApiName",
            "Dimensions.member.1.Value": "a & b",
            "StartTime": minute(10).isoformat().replace("+00:00", "Z"),
            "EndTime": minute(-1).isoformat().replace("+00:00", "Z"),
            "Period": "60",
            "Statistics.member.1": "Sum",
            "Statistics.member.2": "SampleCount",
            "ExtendedStatistics.member.1": "p99",
        },
    )
    assert (got.status, got.header("content-type")) == (200, "text/xml")
    point = ElementTree.fromstring(got.text).find(f"{XML}GetMetricStatisticsResult/{XML}Datapoints/{XML}member")
    assert point is not None
    assert {child.tag.removeprefix(XML): child.text for child in point if len(child) == 0} == {
        "Timestamp": at.isoformat().replace("+00:00", "Z"),
        "Sum": "8.0",
        "SampleCount": "4.0",
        "Unit": "Milliseconds",
    }
    entry = point.find(f"{XML}ExtendedStatistics/{XML}entry")
    assert entry is not None
    assert [child.text for child in entry] == ["p99", "2.5"]

    refused = form(client, "PutMetricData", Namespace=namespace)
    assert refused.status == 400
    error = ElementTree.fromstring(refused.text).find(f"{XML}Error")
    assert error is not None
    assert [child.text for child in error] == ["Sender", "MissingParameter", "The parameter MetricData is required."]
    unknown = form(client, "DescribeAlarms")
    assert (unknown.status, "<Code>InvalidAction</Code>" in unknown.text) == (400, True)


def test_json_is_answered_in_json(client: Client, namespace: str) -> None:
    """CloudWatch API in AWS JSON 1.0"""

    def call(operation: str, **members: Any) -> Response:
        target = ("X-Amz-Target", f"GraniteServiceVersion20100801.{operation}")
        headers = [("Content-Type", "application/x-amz-json-1.0"), target]
        return client.send("POST", "/", headers, json.dumps(members))

    at = minute(3).timestamp()
    datum = {"MetricName": "Count", "Value": 3, "Timestamp": at}
    assert call("PutMetricData", Namespace=namespace, MetricData=[datum]).status == 200
    answer = call(
        "GetMetricStatistics",
        Namespace=namespace,
        MetricName="Count",
        StartTime=at - 60,
        EndTime=at + 60,
        Period=60,
        Statistics=["Maximum"],
    )
    assert answer.json == {"Label": "Count", "Datapoints": [{"Timestamp": at, "Maximum": 3.0, "Unit": "None"}]}
    refused = call("PutMetricData", Namespace=namespace)
    assert refused.status == 400
    assert refused.json["__type"] == "com.amazonaws.cloudwatch#MissingRequiredParameterException"
    assert refused.header("x-amzn-query-error") == "MissingParameter;Sender"


def test_bytes_that_are_no_cbor_are_refused(client: Client) -> None:
    """Smithy RPC v2 CBOR: what cannot be read"""
    path = "/service/GraniteServiceVersion20100801/operation/ListMetrics"
    headers = [("smithy-protocol", "rpc-v2-cbor"), ("Content-Type", "application/cbor")]
    for body in (b"\x9f" * 100_000, b"\xff", b"\xa0\xa0", b"\x5a\xff\xff\xff\xff"):
        refused = client.send("POST", path, headers, body)
        assert (refused.status, refused.header("smithy-protocol")) == (400, "rpc-v2-cbor")
        assert b"SerializationException" in refused.body
    bomb = gzip.compress(b"\x00" * (64 * 1024 * 1024))
    assert client.send("POST", path, [*headers, ("Content-Encoding", "gzip")], bomb).status == 413


def test_the_cli_reads_metrics(aws: AwsCli, namespace: str) -> None:
    """AWS CLI: `aws cloudwatch put-metric-data`, `get-metric-statistics`, `list-metrics`"""
    put = ("cloudwatch", "put-metric-data", "--namespace", namespace)
    aws(*put, "--metric-name", "Count", "--value", "5", "--unit", "Count", "--dimensions", "ApiName=calc")

    listed = aws("cloudwatch", "list-metrics", "--namespace", namespace)
    assert listed["Metrics"] == [
        {"Namespace": namespace, "MetricName": "Count", "Dimensions": [{"Name": "ApiName", "Value": "calc"}]}
    ]
    span = ("--start-time", minute(10).isoformat(), "--end-time", minute(-1).isoformat(), "--period", "3600")
    name = ("--namespace", namespace, "--metric-name", "Count", "--dimensions", "Name=ApiName,Value=calc")
    answer = aws("cloudwatch", "get-metric-statistics", *name, *span, "--statistics", "Sum")
    assert [(point["Sum"], point["Unit"]) for point in answer["Datapoints"]] == [(5.0, "Count")]


def test_logs_and_metrics_outlive_the_process_and_go_with_a_reset(binary: Path, tmp_path: Path) -> None:
    """Nothing that was written before a clean shutdown is lost; a reset empties logs and metrics too"""
    data = tmp_path / "data"
    with Gateway.serve(binary, data, tmp_path / "first.log") as gateway:
        functions = Functions(sdk(gateway.url, "lambda"))
        name = functions.node("export const handler = async () => { console.log('kept'); };").split(":")[-1]
        sdk(gateway.url, "lambda").invoke(FunctionName=name)
        datum = {"MetricName": "Count", "Value": 1.0}
        sdk(gateway.url, "cloudwatch").put_metric_data(Namespace="Kept", MetricData=[datum])
        assert gateway.stop() == 0

    with Gateway.serve(binary, data, tmp_path / "second.log") as gateway:
        logs, cloudwatch = sdk(gateway.url, "logs"), sdk(gateway.url, "cloudwatch")
        events = logs.filter_log_events(logGroupName=f"/aws/lambda/{name}")["events"]
        kinds = [event["message"].split()[0] for event in events]
        assert (kinds[0], kinds[1], kinds[-2], kinds[-1]) == ("INIT_START", "START", "END", "REPORT")
        assert any("kept" in event["message"] for event in events)
        assert len(cloudwatch.list_metrics(Namespace="Kept")["Metrics"]) == 1

        assert gateway.client.send("POST", "/_lambdagate/reset").status == 200
        assert logs.describe_log_groups()["logGroups"] == []
        assert cloudwatch.list_metrics()["Metrics"] == []
