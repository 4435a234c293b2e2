"""Runs a Python function: imports the handler, asks the Runtime API for events, calls the handler, posts its results.

One raw keep-alive socket; `http.client` would cost every invocation more than the handler of most functions.

AWS: Lambda Developer Guide, "Define Lambda function handler in Python".
"""

import contextlib
import importlib
import json
import logging
import os
import socket
import sys
import time
import traceback

API = "/2018-06-01/runtime"
# The indentation of a traceback's lines in the log, which must not look like a line end to a log reader.
INDENT = "\u00a0"
# What the runtime answers when the caller was told that the answer is too large.
PAYLOAD_TOO_LARGE = 413
OWN_FILE = os.path.abspath(__file__)


class Failure(Exception):
    """An error of the function's configuration, code or data with a type that the Runtime API reports."""

    def __init__(self, error_type, message, trace=()):
        super().__init__(message)
        self.error_type = error_type
        self.message = message
        self.trace = list(trace)


class RuntimeClient:
    """The Runtime API over one socket."""

    def __init__(self, address):
        host, port = address.rsplit(":", 1)
        self.address = (host, int(port))
        self.host = address
        self.socket = None

    def next(self):
        """The headers (names in lower case) and the body of the next event."""
        status, headers, body = self.request("GET", f"{API}/invocation/next")
        if status != 200:
            raise SystemExit(f"the runtime API answered {status}: {body!r}")
        return headers, body

    def respond(self, request_id, body, content_type):
        status, _, _ = self.request("POST", f"{API}/invocation/{request_id}/response", body, content_type)
        if status not in (202, PAYLOAD_TOO_LARGE):
            raise SystemExit(f"the response was refused with {status}")

    def fail(self, request_id, body, error_type):
        self.request("POST", f"{API}/invocation/{request_id}/error", body, "application/json", error_type)

    def fail_init(self, body, error_type):
        self.request("POST", f"{API}/init/error", body, "application/json", error_type)

    def request(self, method, path, body=None, content_type=None, error_type=None):
        head = [f"{method} {path} HTTP/1.1", f"Host: {self.host}"]
        if error_type is not None:
            head.append(f"Lambda-Runtime-Function-Error-Type: {error_type}")
        if body is not None:
            head += [f"Content-Type: {content_type}", f"Content-Length: {len(body)}"]
        message = ("\r\n".join(head) + "\r\n\r\n").encode("ascii", "replace")
        if self.socket is None:
            self.socket = socket.create_connection(self.address)
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.sendall(message + body if body is not None else message)
        return self.answer()

    def answer(self):
        received = bytearray()
        while (end := received.find(b"\r\n\r\n")) < 0:
            self.receive(received, 65536)
        status_line, *lines = received[:end].decode("utf-8", "replace").split("\r\n")
        headers = {}
        for line in lines:
            name, _, value = line.partition(":")
            headers[name.lower()] = value.strip()
        start = end + 4
        total = start + int(headers.get("content-length", 0))
        while len(received) < total:
            self.receive(received, total - len(received))
        return int(status_line.split(" ")[1]), headers, bytes(received[start:total])

    def receive(self, received, size):
        chunk = self.socket.recv(size)
        if not chunk:
            raise SystemExit("the runtime API closed the connection")
        received += chunk


class CognitoIdentity:
    """Who called, when the call came by a mobile SDK."""

    def __init__(self, identity):
        self.cognito_identity_id = identity.get("cognitoIdentityId")
        self.cognito_identity_pool_id = identity.get("cognitoIdentityPoolId")


class Client:
    """The application of a client context."""

    def __init__(self, client):
        self.installation_id = client.get("installation_id")
        self.app_title = client.get("app_title")
        self.app_version_name = client.get("app_version_name")
        self.app_version_code = client.get("app_version_code")
        self.app_package_name = client.get("app_package_name")


class ClientContext:
    """What the caller's SDK said about itself."""

    def __init__(self, context):
        self.client = Client(context["client"]) if context.get("client") else None
        self.custom = context.get("custom")
        self.env = context.get("env")


class LambdaContext:
    """The second argument of a handler."""

    def __init__(self, headers):
        environment = os.environ
        self.aws_request_id = headers["lambda-runtime-aws-request-id"]
        self.log_group_name = environment.get("AWS_LAMBDA_LOG_GROUP_NAME")
        self.log_stream_name = environment.get("AWS_LAMBDA_LOG_STREAM_NAME")
        self.function_name = environment.get("AWS_LAMBDA_FUNCTION_NAME")
        self.memory_limit_in_mb = environment.get("AWS_LAMBDA_FUNCTION_MEMORY_SIZE")
        self.function_version = environment.get("AWS_LAMBDA_FUNCTION_VERSION")
        self.invoked_function_arn = headers.get("lambda-runtime-invoked-function-arn")
        self.tenant_id = headers.get("lambda-runtime-aws-tenant-id")
        context = headers.get("lambda-runtime-client-context")
        self.client_context = ClientContext(json.loads(context)) if context else None
        self.identity = CognitoIdentity(json.loads(headers.get("lambda-runtime-cognito-identity") or "{}"))
        self._deadline_ms = int(headers["lambda-runtime-deadline-ms"])

    def get_remaining_time_in_millis(self):
        return max(self._deadline_ms - int(time.time() * 1000), 0)

    def log(self, message):
        sys.stdout.write(str(message))

    def __repr__(self):
        fields = ",".join(f"{name}={value}" for name, value in vars(self).items() if not name.startswith("_"))
        return f"LambdaContext([{fields}])"


class RequestIdFilter(logging.Filter):
    """Adds the invocation to every record."""

    request_id = None

    def filter(self, record):
        record.aws_request_id = RequestIdFilter.request_id or ""
        return True


class RecordHandler(logging.Handler):
    """One line per record: line ends inside become `\r`."""

    def emit(self, record):
        try:
            write_record(self.format(record))
        except Exception:
            self.handleError(record)


class JsonFormatter(logging.Formatter):
    """Records of the JSON log format."""

    def format(self, record):
        entry = {
            "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created)),
            "level": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            "requestId": record.aws_request_id,
        }
        if record.exc_info and record.exc_info[0] is not None:
            error_type, error, trace = record.exc_info
            entry["stackTrace"] = [line.rstrip("\n") for line in traceback.format_tb(trace)]
            entry["errorType"] = error_type.__name__
            entry["errorMessage"] = str(error)
            entry["location"] = f"{record.pathname}:{record.funcName}:{record.lineno}"
        return json.dumps({name: value for name, value in entry.items() if value != ""}, default=str)


def is_json_log():
    return os.environ.get("AWS_LAMBDA_LOG_FORMAT") == "JSON"


def write_record(text):
    line = text.rstrip("\n").replace("\r\n", "\n").replace("\n", "\r")
    # A function may have closed its output: then the record is lost, and what the function answers is not.
    with contextlib.suppress(Exception):
        sys.stdout.write(line.encode("utf-8", "backslashreplace").decode("utf-8") + "\n")
        sys.stdout.flush()


def set_up_logging():
    logging.Formatter.converter = time.gmtime
    handler = RecordHandler()
    if is_json_log():
        handler.setFormatter(JsonFormatter())
    else:
        text = "[%(levelname)s]\t%(asctime)s.%(msecs)03dZ\t%(aws_request_id)s\t%(message)s"
        handler.setFormatter(logging.Formatter(text, "%Y-%m-%dT%H:%M:%S"))
    handler.addFilter(RequestIdFilter())
    root = logging.getLogger()
    root.addHandler(handler)
    level = logging.getLevelName(os.environ.get("AWS_LAMBDA_LOG_LEVEL", "").upper())
    root.setLevel(level if isinstance(level, int) else logging.WARNING)


def log_error(body):
    """Records an error that the function did not catch."""
    trace = [line for frame in body.get("stackTrace", []) for line in frame.splitlines()]
    if is_json_log():
        entry = {"timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "log_level": "ERROR", **body}
        write_record(json.dumps(entry))
        return
    lines = [f"[ERROR] {body['errorType']}: {body['errorMessage']}"]
    if trace:
        lines.append("Traceback (most recent call last):")
        lines += [INDENT * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in trace]
    write_record("\n".join(lines))


def user_frames(trace):
    """The traceback without the frames of this file and of the import machinery that it called."""
    frames = traceback.extract_tb(trace)
    is_own = lambda frame: frame.filename == OWN_FILE or frame.filename.startswith("<frozen importlib")
    skipped = 0
    while skipped < len(frames) and (is_own(frames[skipped]) or frames[skipped].filename == importlib.__file__):
        skipped += 1
    return traceback.format_list(frames[skipped:])


def error_body(error, request_id):
    if isinstance(error, Failure):
        error_type, message, trace = error.error_type, error.message, error.trace
    else:
        error_type, message, trace = type(error).__name__, str(error), user_frames(error.__traceback__)
    return {"errorMessage": message, "errorType": error_type, "requestId": request_id, "stackTrace": trace}


def load_handler(handler):
    """The function that `_HANDLER` names."""
    try:
        module_name, function_name = handler.rsplit(".", 1)
    except ValueError as error:
        raise Failure("Runtime.MalformedHandlerName", f"Bad handler '{handler}': {error}") from None
    if module_name.split(".")[0] in sys.builtin_module_names:
        message = f"Cannot use built-in module {module_name} as a handler module"
        raise Failure("Runtime.BuiltInModuleConflict", message)
    try:
        module = importlib.import_module(module_name.replace("/", "."))
    except ImportError as error:
        raise Failure("Runtime.ImportModuleError", f"Unable to import module '{module_name}': {error}") from error
    except SyntaxError as error:
        trace = [f'  File "{error.filename}" Line {error.lineno}\n    {error.text}']
        raise Failure("Runtime.UserCodeSyntaxError", f"Syntax error in module '{module_name}': {error}", trace) from error
    try:
        return getattr(module, function_name)
    except AttributeError:
        message = f"Handler '{function_name}' missing on module '{module_name}'"
        raise Failure("Runtime.HandlerNotFound", message) from None


class ResultEncoder(json.JSONEncoder):
    """JSON of a handler's result; decimals keep their digits.

    The encoder has no way to write a number of its own spelling, so decimals become marked strings first.
    """

    mark = None

    def default(self, value):
        decimal = sys.modules.get("decimal")
        if decimal is None or not isinstance(value, decimal.Decimal):
            return super().default(value)
        if ResultEncoder.mark is None:
            ResultEncoder.mark = os.urandom(16).hex()
        return f"{ResultEncoder.mark}{value}{ResultEncoder.mark}"


def encode_result(result):
    """The bytes of a result and their content type."""
    if isinstance(result, bytes):
        return result, "application/unknown"
    ResultEncoder.mark = None
    try:
        text = json.dumps(result, cls=ResultEncoder, ensure_ascii=sys.version_info < (3, 12))
    except Exception as error:
        raise Failure("Runtime.MarshalError", f"Unable to marshal response: {error}", user_frames(error.__traceback__)) from error
    if ResultEncoder.mark is not None:
        text = text.replace(f'"{ResultEncoder.mark}', "").replace(f'{ResultEncoder.mark}"', "")
    # A lone surrogate is no text; it is replaced rather than ending the function.
    return text.encode("utf-8", "replace"), "application/json"


def decode_event(headers, body):
    if headers.get("content-type") != "application/json":
        return body
    try:
        return json.loads(body)
    except Exception as error:
        raise Failure("Runtime.UnmarshalError", f"Unable to unmarshal input: {error}") from error


def set_trace_id(trace_id):
    if trace_id:
        os.environ["_X_AMZN_TRACE_ID"] = trace_id
    else:
        os.environ.pop("_X_AMZN_TRACE_ID", None)


def serve(client, handler):
    while True:
        headers, body = client.next()
        request_id = headers["lambda-runtime-aws-request-id"]
        RequestIdFilter.request_id = request_id
        set_trace_id(headers.get("lambda-runtime-trace-id"))
        try:
            result, content_type = encode_result(handler(decode_event(headers, body), LambdaContext(headers)))
        except Exception as error:
            failure = error_body(error, request_id)
            log_error(failure)
            client.fail(request_id, json.dumps(failure).encode(), f"Function.{failure['errorType']}")
        else:
            client.respond(request_id, result, content_type)


def set_up_path():
    """The task root first, then layers, the standard library, and what comes with the runtime last."""
    own = [os.path.dirname(OWN_FILE), os.environ["LAMBDA_RUNTIME_DIR"]]
    rest = [entry for entry in sys.path if entry not in own]
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    layers = [f"/opt/python/lib/{version}/site-packages", "/opt/python"]
    sys.path[:] = [os.environ["LAMBDA_TASK_ROOT"], *layers, *rest, own[1]]


def main():
    client = RuntimeClient(os.environ["AWS_LAMBDA_RUNTIME_API"])
    set_up_path()
    set_up_logging()
    try:
        handler = load_handler(os.environ["_HANDLER"])
    except Exception as error:
        failure = error_body(error, "")
        log_error(failure)
        client.fail_init(json.dumps(failure).encode(), failure["errorType"])
        sys.exit(1)
    serve(client, handler)


if __name__ == "__main__":
    main()
