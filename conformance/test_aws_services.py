"""Developer Guide, "AWS service integrations": APIs in front of SQS, DynamoDB, S3 and others, on a compatible server."""

import json
import os
import re
import subprocess
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness.aws_server import AwsServer
from harness.cli import executable
from harness.gateway import Gateway
from harness.rest_api import REGION, RestApi
from harness.roles import TRUST
from harness.sdk import sdk

FORM = "'application/x-www-form-urlencoded'"
OPERATOR_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAIOSFODNN7EXAMPLE", "AWS_SECRET_ACCESS_KEY": "hush"}
PAGE_S = 300.0
CONFIGURATION_ERROR = "Execution failed due to configuration error: "


@pytest.fixture(scope="module")
def server() -> Iterator[AwsServer]:
    """What stands for AWS."""
    with AwsServer() as running:
        yield running


@pytest.fixture(scope="module")
def services(binary: Path, server: AwsServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    """A gateway whose integrations call that server."""
    folder = tmp_path_factory.mktemp("services")
    flags = ("--aws-endpoint", server.url)
    with Gateway.serve(binary, folder / "data", folder / "stderr.log", *flags) as running:
        yield running


@dataclass(frozen=True)
class Desk:
    """Makes APIs that call services, and the roles as which they call."""

    gateway: Gateway

    def role(self, *actions: str, resource: str = "*", trust: Mapping[str, Any] = TRUST) -> str:
        """A role that API Gateway may assume and that allows these actions; its ARN."""
        iam, name = sdk(self.gateway.url, "iam"), f"r-{uuid.uuid4().hex[:12]}"
        role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        if actions:
            statement = {"Effect": "Allow", "Action": actions, "Resource": resource}
            policy = {"Version": "2012-10-17", "Statement": [statement]}
            iam.put_role_policy(RoleName=name, PolicyName="p", PolicyDocument=json.dumps(policy))
        arn: str = role["Role"]["Arn"]
        return arn

    def api(self) -> RestApi:
        """An empty API."""
        return RestApi.create(sdk(self.gateway.url, "apigateway"), self.gateway.client)

    def service(
        self,
        api: RestApi,
        path: str,
        method: str,
        service: str,
        role: str,
        verb: str = "POST",
        answer: str | None = None,
        **integration: Any,
    ) -> dict[str, str]:
        """A method with an integration that calls `service`, such as `sqs:path/…`, and answers with its answer or a template:
        200, or 502 when the service fails."""
        parameters = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        address = api.method(path, method, requestParameters={f"method.request.path.{name}": True for name in parameters})
        uri = f"arn:aws:apigateway:{REGION}:{service}"
        api.apigateway.put_integration(
            **address, type="AWS", integrationHttpMethod=verb, uri=uri, credentials=role, **integration
        )
        templates = {"responseTemplates": {"application/json": answer}} if answer else {}
        api.answers(address, "200", **templates)
        api.answers(address, "502", selectionPattern=r"5\d{2}")
        return address

    def log(self, api: RestApi, address: Mapping[str, str], body: str = "") -> tuple[int, str]:
        """Status and execution log of a test invocation."""
        answer = api.apigateway.test_invoke_method(**address, body=body)
        return answer["status"], answer["log"]


@pytest.fixture
def desk(services: Gateway) -> Desk:
    """Of the gateway that calls the compatible server."""
    return Desk(services)


def new_queue(server: AwsServer) -> tuple[str, str]:
    """An empty queue's URL, and its account and name as they stand in a path."""
    url: str = sdk(server.url, "sqs").create_queue(QueueName=f"q-{uuid.uuid4().hex[:12]}")["QueueUrl"]
    return url, "/".join(url.rsplit("/", 2)[-2:])


def received(server: AwsServer, queue_url: str) -> list[str]:
    """The bodies of the messages that wait in a queue."""
    answer = sdk(server.url, "sqs").receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=0)
    return [message["Body"] for message in answer.get("Messages", [])]


def test_a_message_goes_to_a_queue_by_its_path(desk: Desk, server: AwsServer) -> None:
    """Tutorial: Create a REST API with an AWS integration (path override, form-encoded)"""
    url, path = new_queue(server)
    api = desk.api()
    desk.service(
        *(api, "/orders", "POST", f"sqs:path/{path}", desk.role("sqs:SendMessage")),
        requestParameters={"integration.request.header.Content-Type": FORM},
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=$util.urlEncode($input.body)"},
        passthroughBehavior="NEVER",
    )
    api.deploy()

    order = json.dumps({"item": "a & b = c + d", "note": "é"}, ensure_ascii=False)
    answer = api.call("POST", "/orders", {"Content-Type": "application/json"}, order.encode())

    assert answer.status == 200, answer.text
    assert "SendMessageResponse" in answer.text
    assert answer.header("content-type") == "application/json"
    assert received(server, url) == [order]


def test_a_message_goes_to_a_queue_by_a_json_target(desk: Desk, server: AwsServer) -> None:
    """Integration request: X-Amz-Target and application/x-amz-json-1.0"""
    url, path = new_queue(server)
    api = desk.api()
    desk.service(
        *(api, "/orders", "POST", f"sqs:path/{path}", desk.role("sqs:SendMessage")),
        requestParameters={
            "integration.request.header.Content-Type": "'application/x-amz-json-1.0'",
            "integration.request.header.X-Amz-Target": "'AmazonSQS.SendMessage'",
        },
        requestTemplates={
            "application/json": f'{{"QueueUrl": "{url}", "MessageBody": "$util.escapeJavaScript($input.body)"}}'
        },
    )
    api.deploy()

    answer = api.call("POST", "/orders", {"Content-Type": "application/json"}, '{"item": 1}')

    assert answer.status == 200, answer.text
    assert answer.json["MessageId"]
    assert received(server, url) == ['{"item": 1}']


def test_items_go_to_a_table_and_come_back_through_templates(desk: Desk, server: AwsServer) -> None:
    """Tutorial: Create a REST API as an Amazon DynamoDB proxy"""
    table = f"t-{uuid.uuid4().hex[:12]}"
    sdk(server.url, "dynamodb").create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "artist", "KeyType": "HASH"}, {"AttributeName": "title", "KeyType": "RANGE"}],
        AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name in ("artist", "title")],
        BillingMode="PAY_PER_REQUEST",
    )
    own = f"arn:aws:dynamodb:{REGION}:000000000000:table/{table}"
    role = desk.role("dynamodb:PutItem", "dynamodb:Query", resource=own)
    api = desk.api()
    put = """{"TableName": "%s", "Item": {
        "artist": {"S": "$input.params('artist')"}, "title": {"S": $input.json('$.title')},
        "year": {"N": "$input.path('$.year')"}}}"""
    desk.service(
        *(api, "/music/{artist}", "POST", "dynamodb:action/PutItem", role),
        requestTemplates={"application/json": put % table},
    )
    query = """{"TableName": "%s", "KeyConditionExpression": "artist = :a",
        "ExpressionAttributeValues": {":a": {"S": "$input.params('artist')"}}}"""
    songs = """#set($root = $input.path('$')){"songs": [#foreach($item in $root.Items)
        {"title": "$item.title.S", "year": $item.year.N}#if($foreach.hasNext),#end#end]}"""
    desk.service(
        *(api, "/music/{artist}", "GET", "dynamodb:action/Query", role),
        requestTemplates={"application/json": query % table},
        answer=songs,
    )
    api.deploy()

    for title, year in (("Kozmic", 1969), ("Pearl", 1971)):
        body = json.dumps({"title": title, "year": year})
        assert api.call("POST", "/music/Janis", {"Content-Type": "application/json"}, body).status == 200
    answer = api.get("/music/Janis")

    assert answer.status == 200, answer.text
    assert answer.json == {"songs": [{"title": "Kozmic", "year": 1969}, {"title": "Pearl", "year": 1971}]}


def test_a_service_error_is_selected_by_its_status_code(desk: Desk) -> None:
    """Set up an integration response: selectionPattern of AWS services"""
    api = desk.api()
    address = desk.service(
        *(api, "/music", "POST", "dynamodb:action/GetItem", desk.role("dynamodb:*")),
        requestTemplates={"application/json": '{"TableName": "nowhere", "Key": {"id": {"S": "1"}}}'},
    )
    reason = """{"reason": "$input.path('$.__type').replaceAll('.*#', '')"}"""
    api.answers(address, "404", selectionPattern=r"4\d{2}", responseTemplates={"application/json": reason})
    api.deploy()

    answer = api.call("POST", "/music", {"Content-Type": "application/json"}, "{}")

    assert (answer.status, answer.json) == (404, {"reason": "ResourceNotFoundException"})


def test_objects_are_written_read_and_deleted(desk: Desk, server: AwsServer) -> None:
    """Tutorial: Create a REST API as an Amazon S3 proxy"""
    bucket = f"b-{uuid.uuid4().hex[:12]}"
    sdk(server.url, "s3").create_bucket(Bucket=bucket)
    role = desk.role("s3:PutObject", "s3:GetObject", "s3:DeleteObject", resource=f"arn:aws:s3:::{bucket}/*")
    api = desk.api()
    values = {f"integration.request.path.{name}": f"method.request.path.{name}" for name in ("bucket", "key")}
    for verb in ("PUT", "GET", "DELETE"):
        address = desk.service(
            *(api, "/{bucket}/{key}", verb, "s3:path/{bucket}/{key}", role, verb), requestParameters=values
        )
        api.answers(address, "404", selectionPattern="404")
        api.answers(address, "403", selectionPattern="403")
    api.deploy()

    target = f"/{bucket}/a%20folder%2Fnote.txt"
    assert api.call("PUT", target, {"Content-Type": "text/plain"}, "hello").status == 200
    stored = sdk(server.url, "s3").get_object(Bucket=bucket, Key="a folder/note.txt")
    assert (stored["Body"].read(), stored["ContentType"]) == (b"hello", "text/plain")
    assert (api.get(target).status, api.get(target).text) == (200, "hello")
    assert api.call("DELETE", target).status == 200
    assert api.get(target).status == 404
    foreign = api.get("/another-bucket/note.txt")
    assert foreign.status == 403
    assert "<Code>AccessDenied</Code>" in foreign.text


def test_a_stage_says_which_queue_is_meant(desk: Desk, server: AwsServer) -> None:
    """API Gateway stage variables reference: AWS integration URIs, AWS integration credentials"""
    role = desk.role("sqs:SendMessage")
    api = desk.api()
    desk.service(
        *(api, "/", "GET", "sqs:${stageVariables.target}", "arn:aws:iam::000000000000:${stageVariables.role}"),
        requestParameters={"integration.request.header.Content-Type": FORM},
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=$context.stage"},
    )
    queues = {}
    for stage in ("test", "prod"):
        url, path = new_queue(server)
        queues[stage] = url
        api.deploy(stage, variables={"target": f"path/{path}", "role": f"role/{role.rpartition('/')[2]}"})

    for stage, url in queues.items():
        assert api.get("/", stage=stage).status == 200
        assert received(server, url) == [stage]


def test_a_topic_a_state_machine_and_an_event_bus_are_reached(desk: Desk, server: AwsServer) -> None:
    """AWS service integrations: SNS Publish, Step Functions StartExecution, EventBridge PutEvents"""
    url, _ = new_queue(server)
    queue = sdk(server.url, "sqs").get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
    queue_arn = queue["Attributes"]["QueueArn"]
    sns, steps = sdk(server.url, "sns"), sdk(server.url, "stepfunctions")
    topic = sns.create_topic(Name=f"t-{uuid.uuid4().hex[:12]}")["TopicArn"]
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=queue_arn, Attributes={"RawMessageDelivery": "true"})
    definition = {"StartAt": "Only", "States": {"Only": {"Type": "Pass", "End": True}}}
    machine = steps.create_state_machine(
        name=f"m-{uuid.uuid4().hex[:12]}",
        definition=json.dumps(definition),
        roleArn="arn:aws:iam::123456789012:role/m",
    )["stateMachineArn"]
    api = desk.api()
    desk.service(
        *(api, "/publish", "POST", f"sns:action/Publish&TopicArn={topic}", desk.role("sns:Publish", resource=topic)),
        requestParameters={
            "integration.request.header.Content-Type": FORM,
            "integration.request.querystring.Message": "method.request.body.text",
        },
        requestTemplates={"application/json": "#set($body = 'none')"},
    )
    desk.service(
        *(api, "/start", "POST", "states:action/StartExecution", desk.role("states:StartExecution", resource=machine)),
        requestTemplates={
            "application/json": f'{{"stateMachineArn": "{machine}", "input": "$util.escapeJavaScript($input.json(\'$\'))"}}'
        },
    )
    entry = '{"Source": "shop", "DetailType": "order", "Detail": "$util.escapeJavaScript($input.json(\'$\'))"}'
    desk.service(
        *(api, "/events", "POST", "events:action/PutEvents", desk.role("events:PutEvents")),
        requestTemplates={"application/json": f'{{"Entries": [{entry}]}}'},
    )
    api.deploy()

    def post(path: str) -> Any:
        answer = api.call("POST", path, {"Content-Type": "application/json"}, '{"text": "a + b & c"}')
        assert answer.status == 200, answer.text
        return answer

    post("/publish")
    assert received(server, url) == ["a + b & c"]
    execution = post("/start").json["executionArn"]
    started = steps.describe_execution(executionArn=execution)
    assert json.loads(started["input"]) == {"text": "a + b & c"}
    assert post("/events").json["FailedEntryCount"] == 0


def test_a_role_that_api_gateway_may_not_assume_ends_the_call(desk: Desk, server: AwsServer) -> None:
    """API Gateway permissions model for invoking an API"""
    _, path = new_queue(server)
    foreign = json.loads(json.dumps(TRUST).replace("apigateway", "lambda"))
    api = desk.api()
    for number, role in enumerate((desk.role("sqs:*", trust=foreign), "arn:aws:iam::000000000000:role/missing")):
        address = desk.service(api, f"/{number}", "POST", f"sqs:path/{path}", role)
        status, log = desk.log(api, address)
        assert status == 500
        text = f"API Gateway does not have permission to assume the provided role {role}\n"
        assert CONFIGURATION_ERROR + text in log
    api.deploy()

    answer = api.call("POST", "/0")

    assert (answer.status, answer.json) == (500, {"message": "Internal server error"})


def test_what_the_role_does_not_allow_is_answered_as_the_service_would(desk: Desk, server: AwsServer) -> None:
    """Troubleshoot access denied error messages"""
    url, path = new_queue(server)
    role = desk.role("sqs:ReceiveMessage", "dynamodb:GetItem")
    api = desk.api()
    template = {"application/json": "Action=SendMessage&MessageBody=x"}
    sending = desk.service(
        *(api, "/send", "POST", f"sqs:path/{path}", role),
        requestParameters={"integration.request.header.Content-Type": FORM},
        requestTemplates=template,
    )
    template = {"application/json": '{"TableName": "t"}'}
    putting = desk.service(api, "/put", "POST", "dynamodb:action/PutItem", role, requestTemplates=template)
    for address in (sending, putting):
        api.answers(address, "403", selectionPattern=r"4\d{2}")
    api.deploy()

    session = f"assumed-role/{role.rpartition('/')[2]}/BackplaneAssumeRoleSession"
    answer = api.call("POST", "/send", {"Content-Type": "application/json"}, "{}")
    assert answer.status == 403
    queue = f"arn:aws:sqs:{REGION}:{path.replace('/', ':')}"
    assert answer.json["Error"]["Message"] == (
        f"User: arn:aws:sts::000000000000:{session} is not authorized to perform: sqs:SendMessage on resource: {queue} "
        "because no identity-based policy allows the sqs:SendMessage action"
    )
    assert received(server, url) == []
    answer = api.call("POST", "/put", {"Content-Type": "application/json"}, "{}")
    assert answer.status == 403
    assert answer.json["__type"] == "com.amazon.coral.service#AccessDeniedException"


def test_the_log_shows_the_signed_call_without_its_secrets(desk: Desk, server: AwsServer) -> None:
    """Set up CloudWatch logging for REST APIs: execution log"""
    _, path = new_queue(server)
    api = desk.api()
    address = desk.service(
        *(api, "/orders", "POST", f"sqs:path/{path}", desk.role("sqs:SendMessage")),
        requestParameters={"integration.request.header.Content-Type": FORM},
        requestTemplates={"application/json": "Action=SendMessage&MessageBody=x"},
    )

    status, log = desk.log(api, address, "{}")

    assert status == 200, log
    line = next(line for line in log.splitlines() if "Endpoint request headers" in line)
    assert f"x-amz-source-arn=arn:aws:execute-api:{REGION}:000000000000:{api.id}/test-invoke-stage/POST/orders" in line
    assert f"user-agent=AmazonAPIGateway_{api.id}" in line
    assert "AWS4-HMAC-SHA256" not in log
    assert f"Sending request to {server.url}/{path}" in log
    assert "Endpoint request body after transformations: Action=SendMessage&MessageBody=x" in log


def test_own_services_are_called_without_an_endpoint(apigateway: Any, gateway: Gateway) -> None:
    """AWS service integrations: Lambda, IAM and STS of this gateway"""
    desk = Desk(gateway)
    api = desk.api()
    desk.service(api, "/who", "POST", "sts:action/GetCallerIdentity", desk.role("sts:GetCallerIdentity"))
    desk.service(api, "/functions", "GET", "lambda:path/2015-03-31/functions", desk.role("lambda:*"), "GET")
    refused = desk.service(
        *(api, "/refused", "GET", "lambda:path/2015-03-31/functions", desk.role("lambda:ListFunctions"), "GET")
    )
    api.answers(refused, "403", selectionPattern="403")
    api.deploy()

    assert "<Account>000000000000</Account>" in api.call("POST", "/who").text
    assert "Functions" in api.get("/functions").json
    assert api.get("/refused").status == 403


def test_without_credentials_of_aws_nothing_goes_to_aws(gateway: Gateway, binary: Path, tmp_path: Path) -> None:
    """docs/aws-services.md"""

    def log(gateway: Gateway) -> str:
        desk = Desk(gateway)
        api = desk.api()
        address = desk.service(api, "/", "POST", "sqs:action/ListQueues", desk.role("sqs:ListQueues"))
        status, log = desk.log(api, address)
        assert status == 500
        assert "Sending request to" not in log
        return log

    assert "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY" in log(gateway)
    made_up = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
    with Gateway.serve(binary, tmp_path / "data", tmp_path / "log", environment=made_up) as with_made_up_keys:
        assert "AWS_ACCESS_KEY_ID holds no access key of AWS" in log(with_made_up_keys)


def test_endpoints_and_credentials_come_from_the_environment(binary: Path, server: AwsServer, tmp_path: Path) -> None:
    """Service-specific endpoints (AWS SDKs and Tools Reference Guide)"""
    url, path = new_queue(server)
    environment = {"AWS_ENDPOINT_URL_SQS": server.url} | OPERATOR_KEYS
    with Gateway.serve(binary, tmp_path / "data", tmp_path / "log", environment=environment) as gateway:
        desk = Desk(gateway)
        api = desk.api()
        desk.service(
            *(api, "/{text}", "GET", f"sqs:path/{path}", desk.role("sqs:SendMessage")),
            requestParameters={"integration.request.header.Content-Type": FORM},
            requestTemplates={"application/json": "Action=SendMessage&MessageBody=$input.params('text')"},
        )
        api.deploy()

        assert api.get("/hello").status == 200
        assert received(server, url) == ["hello"]
        assert "hush" not in gateway.output()


def test_the_table_of_services_is_that_of_the_service_models(repository: Path) -> None:
    """botocore's service models"""
    import botocore.session

    loader = botocore.session.get_session().get_component("data_loader")
    models: dict[str, list[dict[str, Any]]] = {}
    for name in loader.list_available_services("service-2"):
        metadata = loader.load_service_model(name, "service-2")["metadata"]
        models.setdefault(metadata["endpointPrefix"], []).append(metadata)
    table = repository / "crates/execute-api/src/integrate/aws_service/services.tsv"
    rows = [line.split("\t") for line in table.read_text().splitlines()]

    signed = {"v4", "s3", "s3v4"}
    wanted = {
        prefix
        for prefix, metadata in models.items()
        if any(one.get("signatureVersion", "v4") in signed and _speaks(one) for one in metadata)
    }
    assert {row[0] for row in rows} == wanted
    for prefix, service_id, protocol, detail, signing_name in rows:
        model = next(one for one in models[prefix] if one["serviceId"] == service_id)
        assert signing_name == model.get("signingName", prefix), prefix
        # SQS takes both; action integrations name their parameters in the query.
        assert protocol in ({"query"} if prefix == "sqs" else _speaks(model)), prefix
        expected = {"query": model["apiVersion"], "rest": "-"}.get(protocol, model.get("targetPrefix"))
        assert detail == expected, prefix


def test_the_example_of_the_documentation_works(
    services: Gateway, server: AwsServer, repository: Path, tmp_path: Path
) -> None:
    """docs/aws-services.md"""
    page = (repository / "docs/aws-services.md").read_text()
    blocks = re.findall(r"^```sh\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    script = "\n".join(blocks).replace("http://127.0.0.1:4566", services.url).replace("http://127.0.0.1:5000", server.url)
    environment = {
        "PATH": f"{executable().parent}:{os.environ['PATH']}",
        "HOME": str(tmp_path),
        "AWS_ENDPOINT_URL": services.url,
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": REGION,
    }

    command = ["bash", "-euo", "pipefail", "-c", script]
    result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PAGE_S)

    assert result.returncode == 0, result.stderr
    assert result.stdout.endswith('{"accepted": true}{"item": "tea"}\n'), result.stdout


def _speaks(model: Mapping[str, Any]) -> set[str]:
    """The protocols of a service model that the table knows."""
    protocols = set(model.get("protocols") or [model["protocol"]])
    known = {f"json-{model.get('jsonVersion')}"} if "json" in protocols else set()
    known |= {"query"} if protocols & {"query", "ec2"} else set()
    return known | ({"rest"} if protocols & {"rest-json", "rest-xml"} else set())
