"""Lambda Developer Guide and API reference: the life of a function, and every way to invoke it."""

import base64
import io
import json
import zipfile
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from harness.cli import AwsCli
from harness.deadline import eventually
from harness.functions import NODE, PYTHON, ROLE, Functions, Journal
from harness.gateway import is_alive
from harness.package import zip_of
from harness.roles import TRUST
from harness.sdk import refusal

ECHO = "export const handler = async (event) => event;"
RENDEZVOUS = """
import { readdirSync, writeFileSync } from 'node:fs';

// Leaves a mark and answers once `count` calls have left theirs: possible only when the calls overlap.
export const handler = async ({ folder, count }) => {
  writeFileSync(`${folder}/${process.pid}`, '');
  while (readdirSync(folder).length < count) await new Promise((done) => setTimeout(done, 10));
  return process.pid;
};
"""


def invoke(lambda_client: Any, function: str, event: Any = None, **members: Any) -> tuple[dict[str, Any], Any]:
    """The answer's members and its payload as JSON (`None` when empty)."""
    answer = lambda_client.invoke(FunctionName=function, Payload=json.dumps(event).encode(), **members)
    payload = answer["Payload"].read()
    return answer, json.loads(payload) if payload else None


def test_the_cli_leads_a_function_through_its_life(aws: AwsCli) -> None:
    """Using Lambda with the AWS CLI"""
    (aws.folder / "one.zip").write_bytes(zip_of({"index.mjs": "export const handler = async () => 'one';"}))
    (aws.folder / "two.zip").write_bytes(zip_of({"index.mjs": "export const handler = async () => process.env.TAG;"}))
    name = ("--function-name", "cli-life")

    created = aws(
        *("lambda", "create-function", *name, "--runtime", NODE, "--role", ROLE, "--handler", "index.handler"),
        *("--zip-file", "fileb://one.zip"),
    )
    assert created["FunctionArn"] == "arn:aws:lambda:us-east-1:000000000000:function:cli-life"
    assert created["CodeSize"] == (aws.folder / "one.zip").stat().st_size
    aws("lambda", "wait", "function-active-v2", *name)
    assert invoke_by_cli(aws, *name) == "one"
    aws("lambda", "update-function-code", *name, "--zip-file", "fileb://two.zip")
    aws("lambda", "wait", "function-updated-v2", *name)
    updated = aws("lambda", "update-function-configuration", *name, "--environment", "Variables={TAG=two}")
    assert updated["Environment"] == {"Variables": {"TAG": "two"}}
    aws("lambda", "wait", "function-updated-v2", *name)
    assert invoke_by_cli(aws, *name) == "two"
    listed = aws("lambda", "list-functions")["Functions"]
    assert "cli-life" in [function["FunctionName"] for function in listed]
    aws("lambda", "delete-function", *name)
    assert "ResourceNotFoundException" in aws.error("lambda", "get-function", *name)


def invoke_by_cli(aws: AwsCli, *options: str) -> Any:
    """`aws lambda invoke`, and what it wrote into its output file."""
    answer = aws("lambda", "invoke", *options, "out.json")
    assert answer["StatusCode"] == 200
    return json.loads((aws.folder / "out.json").read_text())


def test_a_configuration_has_the_defaults_of_lambda(lambda_client: Any, functions: Functions) -> None:
    """GetFunctionConfiguration"""
    arn = functions.node(ECHO)

    configuration = lambda_client.get_function_configuration(FunctionName=arn)

    assert configuration["MemorySize"] == 128
    assert configuration["Description"] == ""
    assert configuration["Version"] == "$LATEST"
    assert configuration["PackageType"] == "Zip"
    assert configuration["EphemeralStorage"] == {"Size": 512}
    assert configuration["TracingConfig"] == {"Mode": "PassThrough"}
    assert (configuration["State"], configuration["LastUpdateStatus"]) == ("Active", "Successful")


def test_the_code_can_be_fetched_again(lambda_client: Any, functions: Functions, client: Any) -> None:
    """GetFunction: Code.Location"""
    arn = functions.node(ECHO)

    location = lambda_client.get_function(FunctionName=arn)["Code"]["Location"]

    target = location.split(f":{client.port}", 1)[1]
    archive = client.send("GET", target)
    assert archive.status == 200
    with zipfile.ZipFile(io.BytesIO(archive.body)) as package:
        assert package.read("index.mjs").decode() == ECHO


@pytest.mark.parametrize("spelling", ["{name}", "function:{name}", "000000000000:function:{name}", "{arn}"])
def test_a_function_answers_to_every_spelling_of_its_name(
    lambda_client: Any, functions: Functions, spelling: str
) -> None:
    """Invoke: FunctionName"""
    arn = functions.node(ECHO)
    name = spelling.format(arn=arn, name=arn.rsplit(":", 1)[1])

    assert invoke(lambda_client, name, {"a": 1})[1] == {"a": 1}


@pytest.mark.parametrize(
    "code",
    [
        "exports.handler = (event, context, callback) => callback(null, event.a + 1);",
        "exports.handler = async (event) => event.a + 1;",
        "exports.handler = (event, context) => context.succeed(event.a + 1);",
    ],
    ids=["callback", "async", "context"],
)
def test_common_js_handlers_answer_in_every_style(lambda_client: Any, functions: Functions, code: str) -> None:
    """Define Lambda function handler in Node.js"""
    arn = functions.create({"index.js": code})

    assert invoke(lambda_client, arn, {"a": 1})[1] == 2


def test_the_context_tells_a_handler_who_it_is(lambda_client: Any, functions: Functions) -> None:
    """Using the Lambda context object"""
    node = functions.node(
        "export const handler = async (event, context) => [context.functionName, context.memoryLimitInMB,"
        " context.invokedFunctionArn, context.awsRequestId, context.getRemainingTimeInMillis() > 0];"
    )
    python = functions.python(
        "def handler(event, context):\n"
        "    return [context.function_name, context.memory_limit_in_mb, context.invoked_function_arn,"
        " context.aws_request_id, context.get_remaining_time_in_millis() > 0]\n"
    )
    for arn in (node, python):
        answer, told = invoke(lambda_client, arn)
        request_id = answer["ResponseMetadata"]["RequestId"]
        assert told == [arn.rsplit(":", 1)[1], "128", arn, request_id, True]


def test_the_environment_holds_the_functions_own_variables_and_no_others(
    lambda_client: Any, functions: Functions
) -> None:
    """Using Lambda environment variables"""
    arn = functions.create(
        {"index.mjs": "export const handler = async () => process.env;"}, environment={"COLOUR": "blue"}
    )

    environment = invoke(lambda_client, arn)[1]

    assert environment["COLOUR"] == "blue"
    assert environment["AWS_LAMBDA_FUNCTION_NAME"] == arn.rsplit(":", 1)[1]
    assert environment["AWS_REGION"] == "us-east-1"
    assert environment["_HANDLER"] == "index.handler"
    assert not {"LAMBDAGATE_BIN", "PYTEST_CURRENT_TEST"} & set(environment)


def test_an_exception_of_node_has_its_shape(lambda_client: Any, functions: Functions) -> None:
    """Lambda function errors in Node.js"""
    arn = functions.node("export const handler = async () => { throw new RangeError('too far'); };")

    answer, error = invoke(lambda_client, arn)

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert list(error) == ["errorType", "errorMessage", "trace"]
    assert (error["errorType"], error["errorMessage"]) == ("RangeError", "too far")
    assert error["trace"][0] == "RangeError: too far"


def test_an_exception_of_python_has_its_shape(lambda_client: Any, functions: Functions) -> None:
    """Lambda function exceptions in Python"""
    arn = functions.python("def handler(event, context):\n    raise ValueError('no value')\n")

    answer, error = invoke(lambda_client, arn)

    assert answer["FunctionError"] == "Unhandled"
    assert list(error) == ["errorMessage", "errorType", "requestId", "stackTrace"]
    assert (error["errorType"], error["errorMessage"]) == ("ValueError", "no value")
    assert error["requestId"] == answer["ResponseMetadata"]["RequestId"]
    assert "line 2, in handler" in error["stackTrace"][-1]


@pytest.mark.parametrize(
    ("files", "runtime", "handler", "error_type"),
    [
        ({"other.mjs": ECHO}, NODE, "index.handler", "Runtime.ImportModuleError"),
        ({"index.mjs": ECHO}, NODE, "index.absent", "Runtime.HandlerNotFound"),
        ({"index.mjs": "export const handler = async ( => 1;"}, NODE, "index.handler", "Runtime.UserCodeSyntaxError"),
        ({"other.py": ""}, PYTHON, "app.handler", "Runtime.ImportModuleError"),
        ({"app.py": ""}, PYTHON, "app.handler", "Runtime.HandlerNotFound"),
        ({"app.py": "def handler(:\n"}, PYTHON, "app.handler", "Runtime.UserCodeSyntaxError"),
    ],
)
def test_code_that_cannot_start_says_why(
    lambda_client: Any, functions: Functions, files: dict[str, str], runtime: str, handler: str, error_type: str
) -> None:
    """Troubleshoot invocation issues in Lambda"""
    arn = functions.create(files, runtime, handler)

    answer, error = invoke(lambda_client, arn)

    assert answer["FunctionError"] == "Unhandled"
    assert error["errorType"] == error_type


def test_a_handler_that_takes_too_long_is_ended_and_the_next_call_works(
    lambda_client: Any, functions: Functions
) -> None:
    """Configure Lambda function timeout"""
    arn = functions.node(
        "export const handler = async (event) => event.hang ? new Promise(() => setInterval(() => {}, 1000)) : 'fine';",
        timeout_s=1,
    )

    answer, error = invoke(lambda_client, arn, {"hang": True})

    request_id = answer["ResponseMetadata"]["RequestId"]
    assert answer["FunctionError"] == "Unhandled"
    assert error == {
        "errorType": "Sandbox.Timedout",
        "errorMessage": f"RequestId: {request_id} Error: Task timed out after 1.00 seconds",
    }
    assert invoke(lambda_client, arn, {"hang": False})[1] == "fine"


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("process.exit(127)", "Runtime exited with error: exit status 127"),
        ("process.exit(0)", "Runtime exited without providing a reason"),
        ("process.kill(process.pid, 'SIGKILL')", "Runtime exited with error: signal: killed"),
    ],
    ids=["exit 127", "exit 0", "SIGKILL"],
)
def test_a_crash_is_reported_and_the_next_call_works(
    lambda_client: Any, functions: Functions, code: str, text: str
) -> None:
    """Understanding the Lambda execution environment lifecycle: failures"""
    arn = functions.node(
        f"export const handler = async (e) => {{ if (!e.crash) return 'fine'; {code}; await new Promise(() => {{}}); }};"
    )

    answer, error = invoke(lambda_client, arn, {"crash": True})

    request_id = answer["ResponseMetadata"]["RequestId"]
    assert error == {"errorType": "Runtime.ExitError", "errorMessage": f"RequestId: {request_id} Error: {text}"}
    assert invoke(lambda_client, arn, {"crash": False})[1] == "fine"


@pytest.mark.parametrize("language", ["node", "python"])
def test_a_worker_is_used_again_and_keeps_its_memory(lambda_client: Any, functions: Functions, language: str) -> None:
    """Understanding the Lambda execution environment lifecycle: warm starts"""
    if language == "node":
        arn = functions.node("let calls = 0; export const handler = async () => ++calls;")
    else:
        arn = functions.python("calls = []\ndef handler(event, context):\n    calls.append(1)\n    return len(calls)\n")

    assert [invoke(lambda_client, arn)[1] for _ in range(3)] == [1, 2, 3]


def test_calls_that_overlap_run_in_workers_of_their_own(
    lambda_client: Any, functions: Functions, tmp_path: Any
) -> None:
    """Understanding Lambda function scaling"""
    arn = functions.node(RENDEZVOUS, timeout_s=30)
    folder = tmp_path / "marks"
    folder.mkdir()
    event = {"folder": str(folder), "count": 3}

    with ThreadPoolExecutor(3) as pool:
        workers = list(pool.map(lambda _: invoke(lambda_client, arn, event)[1], range(3)))

    assert len(set(workers)) == 3


def test_new_code_is_run_by_new_workers(lambda_client: Any, functions: Functions) -> None:
    """UpdateFunctionCode"""
    arn = functions.node("export const handler = async () => ['old', process.pid];")
    _, (_, old_worker) = invoke(lambda_client, arn)

    lambda_client.update_function_code(
        FunctionName=arn, ZipFile=zip_of({"index.mjs": "export const handler = async () => ['new', process.pid];"})
    )
    eventually(lambda: settled(lambda_client, arn), "the update settles")
    _, (answer, new_worker) = invoke(lambda_client, arn)

    assert answer == "new"
    assert new_worker != old_worker
    eventually(lambda: not is_alive(old_worker), "the old worker ends")


def settled(lambda_client: Any, function: str) -> bool:
    """Whether the last update of a function is in force."""
    return bool(lambda_client.get_function_configuration(FunctionName=function)["LastUpdateStatus"] == "Successful")


def test_the_log_tail_shows_what_a_call_wrote(lambda_client: Any, functions: Functions) -> None:
    """Invoke: LogType Tail"""
    node = functions.node("export const handler = async () => { console.log('from node'); };")
    python = functions.python("def handler(event, context):\n    print('from python')\n")
    for arn, text in ((node, "from node"), (python, "from python")):
        answer, _ = invoke(lambda_client, arn, LogType="Tail")
        log = base64.b64decode(answer["LogResult"]).decode()
        request_id = answer["ResponseMetadata"]["RequestId"]
        assert f"START RequestId: {request_id} Version: $LATEST\n" in log
        assert text in log
        assert f"END RequestId: {request_id}\n" in log
        assert f"REPORT RequestId: {request_id}\tDuration: " in log
        assert "Memory Size: 128 MB" in log


def test_an_invocation_names_the_version_that_ran(lambda_client: Any, functions: Functions) -> None:
    """Invoke: response elements"""
    answer, payload = invoke(lambda_client, functions.node("export const handler = async () => {};"))

    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    assert payload is None


def test_a_dry_run_checks_and_does_not_run(lambda_client: Any, functions: Functions, journal: Journal) -> None:
    """Invoke: InvocationType DryRun"""
    arn = functions.recorder(journal)

    answer, payload = invoke(lambda_client, arn, InvocationType="DryRun")

    assert (answer["StatusCode"], payload) == (204, None)
    assert journal.entries() == []


def test_an_event_is_accepted_at_once_and_runs_later(
    lambda_client: Any, functions: Functions, journal: Journal
) -> None:
    """Invoking a Lambda function asynchronously"""
    arn = functions.recorder(journal)

    answer, payload = invoke(lambda_client, arn, {"order": 7}, InvocationType="Event")

    assert (answer["StatusCode"], payload) == (202, None)
    assert "ExecutedVersion" not in answer
    assert eventually(journal.entries, "the event runs") == [{"order": 7}]


def test_an_empty_payload_reaches_the_function_as_an_empty_object(lambda_client: Any, functions: Functions) -> None:
    """Invoke: Payload"""
    answer = lambda_client.invoke(FunctionName=functions.node(ECHO))

    assert json.loads(answer["Payload"].read()) == {}


def test_a_payload_that_is_no_json_is_refused(lambda_client: Any, functions: Functions) -> None:
    """Invoke: InvalidRequestContentException"""
    status, code, message = refusal(lambda_client.invoke, FunctionName=functions.node(ECHO), Payload=b"{")

    assert (status, code) == (400, "InvalidRequestContentException")
    assert message.startswith("Could not parse request body into json: Could not parse payload into json: ")


def test_payloads_have_limits(lambda_client: Any, functions: Functions) -> None:
    """Lambda quotas: invocation payload"""
    arn = functions.node("export const handler = async (event) => 'x'.repeat(event.size ?? 0);")
    too_large = json.dumps({"padding": "x" * 6_291_456}).encode()

    status, code, _ = refusal(lambda_client.invoke, FunctionName=arn, Payload=too_large)
    answer, error = invoke(lambda_client, arn, {"size": 6_291_600})

    assert (status, code) == (413, "RequestTooLargeException")
    assert answer["FunctionError"] == "Unhandled"
    assert error["errorType"] == "Function.ResponseSizeTooLarge"


def test_names_that_are_taken_or_unknown_are_refused(lambda_client: Any, functions: Functions) -> None:
    """CreateFunction and GetFunction: errors"""
    arn = functions.node(ECHO)
    name = arn.rsplit(":", 1)[1]
    unknown = "arn:aws:lambda:us-east-1:000000000000:function:absent"

    assert refusal(
        lambda_client.create_function,
        FunctionName=name,
        Runtime=NODE,
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": zip_of({"index.mjs": ECHO})},
    ) == (409, "ResourceConflictException", f"Function already exist: {name}")
    assert refusal(lambda_client.get_function, FunctionName="absent") == (
        *(404, "ResourceNotFoundException"),
        f"Function not found: {unknown}",
    )
    assert refusal(lambda_client.invoke, FunctionName="absent") == (
        *(404, "ResourceNotFoundException"),
        f"Function not found: {unknown}:$LATEST",
    )


def test_a_package_that_is_no_zip_is_refused(lambda_client: Any) -> None:
    """CreateFunction: errors"""
    status, code, message = refusal(
        lambda_client.create_function,
        FunctionName="not-a-zip",
        Runtime=NODE,
        Role=ROLE,
        Handler="index.handler",
        Code={"ZipFile": b"no zip"},
    )

    assert (status, code) == (400, "InvalidParameterValueException")
    assert message == "Could not unzip uploaded file. Please check your file, then try to upload again."


def test_a_permission_can_be_added_read_and_removed(lambda_client: Any, functions: Functions) -> None:
    """Working with resource-based IAM policies in Lambda"""
    arn = functions.node(ECHO)
    source_arn = "arn:aws:execute-api:us-east-1:000000000000:abcdefghij/*/GET/x"

    added = lambda_client.add_permission(
        FunctionName=arn,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
        SourceArn=source_arn,
    )
    statement = {
        "Sid": "api",
        "Effect": "Allow",
        "Principal": {"Service": "apigateway.amazonaws.com"},
        "Action": "lambda:InvokeFunction",
        "Resource": arn,
        "Condition": {"ArnLike": {"AWS:SourceArn": source_arn}},
    }
    assert json.loads(added["Statement"]) == statement
    policy = json.loads(lambda_client.get_policy(FunctionName=arn)["Policy"])
    assert policy == {"Version": "2012-10-17", "Id": "default", "Statement": [statement]}

    assert refusal(
        lambda_client.add_permission,
        FunctionName=arn,
        StatementId="api",
        Action="lambda:InvokeFunction",
        Principal="apigateway.amazonaws.com",
    )[:2] == (409, "ResourceConflictException")
    lambda_client.remove_permission(FunctionName=arn, StatementId="api")
    assert refusal(lambda_client.get_policy, FunctionName=arn) == (
        *(404, "ResourceNotFoundException"),
        "The resource you requested does not exist.",
    )


def test_the_roles_of_the_account_can_be_kept(iam: Any, sts: Any) -> None:
    """IAM roles: CreateRole, GetRole, PutRolePolicy, DeleteRole; STS: GetCallerIdentity"""
    trust = json.dumps(TRUST)
    created = iam.create_role(RoleName="kept-role", AssumeRolePolicyDocument=trust)["Role"]

    assert created["Arn"] == "arn:aws:iam::000000000000:role/kept-role"
    assert iam.get_role(RoleName="kept-role")["Role"]["AssumeRolePolicyDocument"] == json.loads(trust)
    assert "kept-role" in [role["RoleName"] for role in iam.list_roles()["Roles"]]
    assert refusal(iam.create_role, RoleName="kept-role", AssumeRolePolicyDocument=trust)[:2] == (
        *(409, "EntityAlreadyExists"),
    )
    iam.delete_role(RoleName="kept-role")
    assert refusal(iam.get_role, RoleName="kept-role")[:2] == (404, "NoSuchEntity")
    assert sts.get_caller_identity()["Account"] == "000000000000"


def test_worker_processes_end_with_their_function(lambda_client: Any, functions: Functions) -> None:
    """DeleteFunction"""
    arn = functions.node("export const handler = async () => process.pid;")
    worker = invoke(lambda_client, arn)[1]
    assert is_alive(worker)

    lambda_client.delete_function(FunctionName=arn)

    eventually(lambda: not is_alive(worker), "the worker of the deleted function ends")
    assert refusal(lambda_client.invoke, FunctionName=arn)[:2] == (404, "ResourceNotFoundException")
