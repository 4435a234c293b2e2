"""What clients may do wrong or in bad faith: each has a limit, an answer, and a connection that can be trusted afterwards."""

import json
import re
import shutil
import subprocess
import threading
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness.deadline import eventually
from harness.functions import Functions, Journal
from harness.gateway import Gateway
from harness.http import Client, Response
from harness.rest_api import RestApi, RestApis
from harness.sdk import sdk
from harness.wire import connected, exchange

MEBIBYTE = 1024 * 1024
FORBIDDEN = b'{"message":"Forbidden"}'
TOO_LONG = b'{"message":"Request Too Long"}'
HOST_REFUSED = b'{"message":"A request names one host"}'
CODING_REFUSED = b'{"message":"The only transfer coding is chunked"}'
HEAD_REFUSED = b'{"message":"Request Header Fields Too Large"}'
NO_TOKEN = b'{"message":"Missing Authentication Token"}'
OK = b"body:"


@pytest.fixture(scope="module")
def api(gateway: Gateway) -> Iterator[RestApi]:
    """`ANY /echo` answers with the body it got, `GET /{proxy+}` with the rest of the path; stage `test`."""
    apigateway = sdk(gateway.url, "apigateway")
    api = RestApi.create(apigateway, gateway.client)
    api.mock("/echo", "ANY", "body:")
    api.mock("/{proxy+}", "GET", "path:$input.params('proxy')")
    api.deploy()
    yield api
    apigateway.delete_rest_api(restApiId=api.id)


def request(api: RestApi, line: str = "GET /test/echo HTTP/1.1", fields: str = "", body: bytes = b"") -> bytes:
    """A request to the API's host."""
    head = f"{line}\r\nHost: {api.id}.execute-api.localhost\r\n{fields}\r\n"
    return head.encode("latin-1") + body


CLOSE = "Connection: close\r\n"


# The name, what is sent in place of the request, and the answers up to the end of the connection: status and body.
MALFORMED: list[tuple[str, bytes, list[tuple[int, bytes]]]] = [
    ("another protocol", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", [(400, b"")]),
    ("no target", b"GET\r\n\r\n", [(400, b"")]),
    ("HTTP/0.9", b"GET /test/echo\r\n\r\n", [(400, b"")]),
    ("HTTP/1.2", b"GET / HTTP/1.2\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("HTTP/2 by name alone", b"GET / HTTP/2.0\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("lower-case version", b"GET / http/1.1\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("method with a bracket", b"G[T / HTTP/1.1\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("two blanks", b"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("blank in the target", b"GET /a b HTTP/1.1\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("NUL in the target", b"GET /a\x00b HTTP/1.1\r\nHost: a\r\n\r\n", [(400, b"")]),
    ("NUL in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x00b\r\n\r\n", [(400, b"")]),
    ("control in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\x07b\r\n\r\n", [(400, b"")]),
    ("bare CR in a value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n", [(400, b"")]),
    ("bare CR after the line", b"GET / HTTP/1.1\rHost: a\r\n\r\n", [(400, b"")]),
    ("folded value", b"GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b\r\n\r\n", [(400, b"")]),
    ("blank before the colon", b"GET / HTTP/1.1\r\nHost : a\r\n\r\n", [(400, b"")]),
    ("no colon", b"GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", [(400, b"")]),
    ("no name", b"GET / HTTP/1.1\r\nHost: a\r\n: x\r\n\r\n", [(400, b"")]),
    ("name outside ASCII", b"GET / HTTP/1.1\r\nHost: a\r\nX\xe9: x\r\n\r\n", [(400, b"")]),
    ("101 fields", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 100 + b"\r\n", [(431, b"")]),
    ("head above 64 KiB", b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", [(431, b"")]),
    ("line above 64 KiB", b"GET /" + b"y" * 100_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", [(431, b"")]),
    ("no host", b"GET / HTTP/1.1\r\n\r\n", [(400, HOST_REFUSED)]),
    ("two hosts", b"GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n", [(400, HOST_REFUSED)]),
    ("host outside ASCII", b"GET / HTTP/1.1\r\nHost: a\xff\r\n\r\n", [(400, HOST_REFUSED)]),
    ("host with a path", b"GET / HTTP/1.1\r\nHost: a/b\r\n\r\n", [(400, HOST_REFUSED)]),
    ("host with a user", b"GET / HTTP/1.1\r\nHost: a@b\r\n\r\n", [(400, HOST_REFUSED)]),
    ("target of another host", b"GET http://b/ HTTP/1.1\r\nHost: a\r\n\r\n", [(400, HOST_REFUSED)]),
    ("tunnel", b"CONNECT a:443 HTTP/1.1\r\nHost: a:443\r\n\r\n", [(405, b'{"message":"CONNECT is not allowed"}')]),
]


@pytest.mark.parametrize(("data", "expected"), [case[1:] for case in MALFORMED], ids=[case[0] for case in MALFORMED])
def test_what_is_no_request_is_refused_and_ends_the_connection(
    api: RestApi, client: Client, data: bytes, expected: list[tuple[int, bytes]]
) -> None:
    """RFC 9112: sections 2.2, 3, 3.2, 5 and 9.3.6"""
    # What comes after it on the connection is not looked at.
    outcome = exchange(client.port, data + request(api, fields=CLOSE))

    assert [(answer.status, answer.body) for answer in outcome.answers] == expected
    for answer in outcome.answers:
        assert_tells_nothing(answer)
    assert api.get("/echo").body == OK


def assert_tells_nothing(answer: Response) -> None:
    """No answer names the program, a version, a file, an address, or what went wrong inside."""
    assert answer.header("Server") is None
    assert answer.header("X-Powered-By") is None
    told = " ".join(f"{name}: {value}" for name, value in answer.headers) + answer.body.decode("latin-1")
    assert not re.search(r"panicked|\.rs:\d|/(?:home|root|tmp|src)/|127\.0\.0\.1|hyper|rust|lambdagate", told, re.I)


# The name, the fields, what follows the head, and the answers up to the end of the connection.
SMUGGLED = "GET /test/smuggled HTTP/1.1\r\nHost: a\r\n\r\n"
CHUNKED = "Transfer-Encoding: chunked\r\n"
FRAMINGS: list[tuple[str, str, str, list[tuple[int, bytes]]]] = [
    # Chunked wins, and the connection ends: what follows cannot be another request.
    ("length and chunks", f"Content-Length: 5\r\n{CHUNKED}", f"0\r\n\r\n{SMUGGLED}", [(200, OK)]),
    ("chunks and length", f"{CHUNKED}Content-Length: 60\r\n", f"0\r\n\r\n{SMUGGLED}", [(200, OK)]),
    ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n", f"hello{SMUGGLED}", []),
    ("list of lengths", "Content-Length: 5, 6\r\n", f"hello{SMUGGLED}", []),
    ("length with a sign", "Content-Length: +5\r\n", f"hello{SMUGGLED}", []),
    ("negative length", "Content-Length: -5\r\n", f"hello{SMUGGLED}", []),
    ("length with a blank", "Content-Length: 5 5\r\n", f"hello{SMUGGLED}", []),
    ("hexadecimal length", "Content-Length: 0x5\r\n", f"hello{SMUGGLED}", []),
    ("no length", "Content-Length: \r\n", f"hello{SMUGGLED}", []),
    ("length beyond 64 bits", "Content-Length: 18446744073709551616\r\n", f"hello{SMUGGLED}", []),
    ("coding after chunked", "Transfer-Encoding: chunked, identity\r\n", f"0\r\n\r\n{SMUGGLED}", []),
    ("chunked twice", f"{CHUNKED}{CHUNKED}", f"0\r\n\r\n{SMUGGLED}", [(501, CODING_REFUSED)]),
    ("identity, chunked", "Transfer-Encoding: identity, chunked\r\n", f"0\r\n\r\n{SMUGGLED}", [(501, CODING_REFUSED)]),
    ("gzip, chunked", "Transfer-Encoding: gzip, chunked\r\n", f"0\r\n\r\n{SMUGGLED}", [(501, CODING_REFUSED)]),
    ("identity", "Transfer-Encoding: identity\r\n", f"hello{SMUGGLED}", []),
    ("unknown coding", "Transfer-Encoding: xchunked\r\n", f"0\r\n\r\n{SMUGGLED}", []),
    ("quoted chunked", 'Transfer-Encoding: "chunked"\r\n', f"0\r\n\r\n{SMUGGLED}", []),
]


@pytest.mark.parametrize(
    ("fields", "rest", "expected"), [case[1:] for case in FRAMINGS], ids=[case[0] for case in FRAMINGS]
)
def test_no_second_request_hides_in_the_body_of_the_first(
    api: RestApi, client: Client, fields: str, rest: str, expected: list[tuple[int, bytes]]
) -> None:
    """RFC 9112, sections 6.1, 6.3 and 11.2: request smuggling"""
    outcome = exchange(client.port, request(api, "POST /test/echo HTTP/1.1", fields, rest.encode()))

    answers = [(answer.status, answer.body) for answer in outcome.answers]
    assert answers == expected or (expected == [] and answers == [(400, b"")])


# The name and a chunked body that cannot be read.
BROKEN_BODIES: list[tuple[str, bytes]] = [
    ("no size", b"\r\nhello\r\n0\r\n\r\n"),
    ("size that is no number", b"hello\r\n"),
    ("size with a sign", b"+5\r\nhello\r\n0\r\n\r\n"),
    ("size with a prefix", b"0x5\r\nhello\r\n0\r\n\r\n"),
    ("size beyond 64 bits", b"10000000000000005\r\nhello\r\n0\r\n\r\n"),
    ("size line that ends too early", b"5\nhello\r\n0\r\n\r\n"),
    ("line feed in an extension", b"5;a\nb\r\nhello\r\n0\r\n\r\n"),
    ("endless extension", b"5;" + b"a" * 20_000 + b"\r\nhello\r\n0\r\n\r\n"),
    ("chunk that is longer than it says", b"5\r\nhello!\r\n0\r\n\r\n"),
    ("endless trailer", b"5\r\nhello\r\n0\r\n" + b"X: y\r\n" * 10_000 + b"\r\n"),
]


@pytest.mark.parametrize("body", [case[1] for case in BROKEN_BODIES], ids=[case[0] for case in BROKEN_BODIES])
def test_a_body_in_broken_chunks_is_refused(api: RestApi, client: Client, body: bytes) -> None:
    """RFC 9112, section 7.1: chunked transfer coding"""
    data = request(api, "POST /test/echo HTTP/1.1", CHUNKED, body + request(api, fields=CLOSE))

    outcome = exchange(client.port, data)

    assert [(answer.status, answer.body) for answer in outcome.answers] == [(400, b'{"message":"Invalid request body"}')]


@pytest.mark.parametrize("fields", ["Content-Length: 10\r\n", CHUNKED], ids=["length", "chunks"])
def test_a_body_that_stops_midway_reaches_no_backend(
    rest_apis: RestApis, functions: Functions, journal: Journal, client: Client, fields: str
) -> None:
    """A client that goes away in the middle of its request"""
    api = rest_apis.proxy(functions.recorder(journal))
    begun = b"5\r\nhello\r\n" if fields == CHUNKED else b"hello"

    with connected(client.port) as wire:
        wire.send(request(api, "POST /test/x HTTP/1.1", fields, begun))
        wire.done_sending()
        answer = wire.answer()

    assert answer is None or answer.status == 400
    assert api.call("POST", "/x", body="whole").status == 200
    assert [entry["body"] for entry in journal.entries()] == ["whole"]


@pytest.mark.parametrize(
    ("line", "fields", "status", "body"),
    [
        ("GET /test/echo HTTP/1.1", "X-Long: " + "y" * 10_000 + "\r\n", 200, OK),
        ("GET /test/echo HTTP/1.1", "X-Long: " + "y" * 10_241 + "\r\n", 431, HEAD_REFUSED),
        ("GET /test/echo HTTP/1.1", "X-Long: " + "y" * 5_000 + "\r\nX-Too: " + "y" * 5_241 + "\r\n", 431, HEAD_REFUSED),
        ("GET /test/" + "y" * 10_241 + " HTTP/1.1", "", 414, b'{"message":"Request URI too long"}'),
        ("GET /test/echo?" + "y" * 10_241 + " HTTP/1.1", "", 414, b'{"message":"Request URI too long"}'),
        ("GET /test/echo HTTP/1.1", "X: y\r\n" * 97, 200, OK),
    ],
    ids=["long value", "too long a value", "too long together", "long path", "long query", "many fields"],
)
def test_heads_have_the_limits_of_aws(
    api: RestApi, client: Client, line: str, fields: str, status: int, body: bytes
) -> None:
    """Quotas for REST APIs: total combined size of request line and header values, URL length"""
    outcome = exchange(client.port, request(api, line, fields + CLOSE))

    assert [(answer.status, answer.body) for answer in outcome.answers] == [(status, body)]
    assert outcome.answers[0].header("Content-Type") == "application/json"


@pytest.mark.parametrize("is_chunked", [False, True], ids=["length", "chunks"])
def test_a_body_beyond_the_limit_is_refused_and_the_answer_arrives(
    api: RestApi, client: Client, is_chunked: bool
) -> None:
    """Quotas for REST APIs: payload size. The client reads the answer after it has sent everything."""
    with connected(client.port) as wire:
        if is_chunked:
            wire.send(request(api, "POST /test/echo HTTP/1.1", CHUNKED))
            for _ in range(11):
                wire.send(b"100000\r\n" + b"1" * MEBIBYTE + b"\r\n")
            wire.send(b"0\r\n\r\n")
        else:
            wire.send(request(api, "POST /test/echo HTTP/1.1", f"Content-Length: {11 * MEBIBYTE}\r\n"))
            wire.send(b"1" * 11 * MEBIBYTE)
        answer = wire.answer()
        # All of it has been read, so the connection is as good as before.
        wire.send(request(api))
        second = wire.answer()

    assert answer is not None and (answer.status, answer.body) == (413, TOO_LONG)
    assert second is not None and second.body == OK


def test_a_length_beyond_the_limit_is_refused_before_the_body(api: RestApi, client: Client) -> None:
    """RFC 9110, section 10.1.1: a client that waits for 100 Continue need not send what is refused."""
    fields = f"Content-Length: {11 * MEBIBYTE}\r\nExpect: 100-continue\r\n"
    with connected(client.port) as wire:
        wire.send(request(api, "POST /test/echo HTTP/1.1", fields))
        answer = wire.answer()
        assert answer is not None and (answer.status, answer.body) == (413, TOO_LONG)
        assert wire.is_closed()


@pytest.mark.parametrize("expectation", ["100-continue", "100-Continue"])
def test_a_client_that_asks_is_told_to_go_on(api: RestApi, client: Client, expectation: str) -> None:
    """RFC 9110, section 10.1.1"""
    with connected(client.port) as wire:
        wire.send(request(api, "POST /test/echo HTTP/1.1", f"Content-Length: 2\r\nExpect: {expectation}\r\n"))
        interim = wire.answer()
        wire.send(b"{}")
        final = wire.answer()

    assert interim is not None and interim.status == 100
    assert final is not None and (final.status, final.body) == (200, OK)


def test_other_expectations_are_ignored(api: RestApi, client: Client) -> None:
    """Header fields that API Gateway drops"""
    fields = "Content-Length: 2\r\nExpect: much\r\n" + CLOSE

    outcome = exchange(client.port, request(api, "POST /test/echo HTTP/1.1", fields, b"{}"))

    assert outcome.statuses == (200,)


@pytest.mark.parametrize(
    ("line", "fields", "answers"),
    [
        ("GET /test/echo HTTP/1.0", "", 1),
        ("GET /test/echo HTTP/1.0", "Connection: keep-alive\r\n", 2),
        ("GET /test/echo HTTP/1.1", "Connection: close\r\n", 1),
        ("GET /test/echo HTTP/1.1", "", 2),
        ("GET /test/echo HTTP/1.1", "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n", 2),
        ("GET /test/echo HTTP/1.1", "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: AA\r\n", 2),
        ("GET http://HOST/test/echo HTTP/1.1", "", 2),
    ],
    ids=["1.0", "1.0 keep-alive", "close", "1.1", "h2c", "websocket", "absolute target"],
)
def test_a_connection_lasts_as_long_as_both_want(
    api: RestApi, client: Client, line: str, fields: str, answers: int
) -> None:
    """RFC 9112, section 9.3: persistence. Upgrades are declined by answering."""
    line = line.replace("HOST", f"{api.id}.execute-api.localhost")
    outcome = exchange(client.port, request(api, line, fields) + request(api, fields=CLOSE))

    assert [(answer.status, answer.body) for answer in outcome.answers] == [(200, OK)] * answers
    assert all(answer.header("Upgrade") is None for answer in outcome.answers)


def test_pipelined_requests_are_answered_in_order(api: RestApi, client: Client) -> None:
    """RFC 9112, section 9.3.2"""
    requests = [request(api, f"GET /test/n/{number} HTTP/1.1") for number in range(200)]

    outcome = exchange(client.port, b"".join(requests) + request(api, fields=CLOSE))

    assert [answer.text for answer in outcome.answers] == [*(f"path:n/{number}" for number in range(200)), "body:"]


@pytest.mark.parametrize(
    ("method", "override"), [("GET", "HEAD"), ("HEAD", "GET"), ("POST", "HEAD"), ("GET", "TRACE"), ("HEAD", "HEAD")]
)
def test_an_overridden_method_never_confuses_the_framing(
    api: RestApi, client: Client, method: str, override: str
) -> None:
    """Important notes for REST APIs: X-HTTP-Method-Override. Whether an answer has a body is up to what the client sent."""
    first = request(api, f"{method} /test/echo HTTP/1.1", f"X-HTTP-Method-Override: {override}\r\n")
    with connected(client.port) as wire:
        wire.send(first)
        answer = wire.answer(head_only=method == "HEAD")
        wire.send(request(api))
        second = wire.answer()

    assert answer is not None
    assert answer.status == (403 if override == "TRACE" else 200)
    assert second is not None and (second.status, second.body) == (200, OK)


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "get", "FOO", "X" * 100])
def test_methods_that_no_resource_can_have_are_unknown_routes(api: RestApi, method: str) -> None:
    """Methods outside the seven"""
    response = api.call(method, "/echo")

    assert (response.status, response.body) == (403, NO_TOKEN)


@pytest.mark.parametrize(
    ("target", "status", "body"),
    [
        ("/test/a/../echo", 200, b"path:a/../echo"),
        ("/test/../test/echo", 200, b"path:../test/echo"),
        ("/../test/echo", 403, FORBIDDEN),
        ("/test/%2e%2e/echo", 200, b"path:%2e%2e/echo"),
        ("/test/a%2Fb", 200, b"path:a%2Fb"),
        ("/test%2Fecho", 403, FORBIDDEN),
        ("/%74est/echo", 403, FORBIDDEN),
        ("/test/%ec%68o", 200, b"path:%ec%68o"),
        ("/test/%", 200, b"path:%"),
        ("/test/%zz%1", 200, b"path:%zz%1"),
        ("/test/%00", 200, b"path:%00"),
        ("/test/a\\b", 200, b"path:a\\b"),
        ("/test/echo?%ff=%fe&%=%", 200, OK),
        ("/test/echo?" + "a&" * 2000, 200, OK),
        ("/test/" + "a/" * 2000, 200, b"path:" + b"a/" * 1999 + b"a"),
        ("/test/echo?a|b", 400, b'{"message":"Bad Request"}'),
        ("//////test/echo", 200, OK),
        ("*", 403, FORBIDDEN),
        ("/", 403, FORBIDDEN),
    ],
)
def test_targets_are_taken_as_they_are(api: RestApi, target: str, status: int, body: bytes) -> None:
    """Nothing is decoded or resolved before it is matched, and nothing that cannot be decoded fails."""
    response = api.client.send("GET", target, {"Host": f"{api.id}.execute-api.localhost"})

    assert (response.status, response.body) == (status, body)
    assert_tells_nothing(response)


def test_an_answer_has_the_fields_of_aws_and_no_others(api: RestApi) -> None:
    """Response headers that the gateway adds"""
    for response in (api.get("/echo"), api.call("POST", "/nowhere"), api.get("/echo", stage="absent")):
        names = sorted(name.lower() for name, _ in response.headers)
        gateway_error = [] if response.status == 200 else ["x-amzn-errortype"]
        expected = ["content-length", "content-type", "date", "x-amz-apigw-id", *gateway_error, "x-amzn-requestid"]
        assert names == expected
        assert_tells_nothing(response)


def test_a_client_that_does_not_take_its_answer_holds_up_nobody(
    rest_apis: RestApis, functions: Functions, client: Client
) -> None:
    """A client that asks for much and reads nothing: others are served meanwhile, by the same threads."""
    function_arn = functions.node("export const handler = async () => ({body: 'x'.repeat(5_000_000)});")
    api = rest_apis.proxy(function_arn)
    wires = []
    try:
        for _ in range(8):
            wire = connected(client.port, receive_buffer_bytes=4096)
            stuck = wire.__enter__()
            wires.append(wire)
            stuck.send(request(api, "GET /test/x HTTP/1.1") * 5)
        assert len(api.get("/x").body) == 5_000_000
    finally:
        for wire in wires:
            wire.__exit__(None, None, None)
    assert api.get("/x").status == 200


def test_hundreds_of_silent_connections_hold_up_nobody(api: RestApi, client: Client) -> None:
    """Connections that say nothing, and such as begin a head and do not end it"""
    wires = []
    try:
        for number in range(300):
            wire = connected(client.port)
            half_open = wire.__enter__()
            wires.append(wire)
            if number % 2:
                half_open.send(b"GET /test/echo HTTP/1.1\r\nHost: ")
        assert api.get("/echo").body == OK
    finally:
        for wire in wires:
            wire.__exit__(None, None, None)


# HTTP/2 frames (RFC 9113, section 6).
PREFACE = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
DATA, HEADERS, RST_STREAM, SETTINGS, PING, GOAWAY, CONTINUATION = 0, 1, 3, 4, 6, 7, 9
END_STREAM, END_HEADERS, ACK = 1, 4, 1


def frame(kind: int, flags: int, stream: int, payload: bytes = b"") -> bytes:
    """A frame."""
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def literal(name: str, value: str) -> bytes:
    """A field in HPACK, neither indexed nor compressed."""
    coded = b"\x00"
    for text in (name.encode(), value.encode()):
        assert len(text) < 127
        coded += bytes([len(text)]) + text
    return coded


def fields_of(api: RestApi, path: str, *more: tuple[str, str]) -> bytes:
    """A head in HPACK."""
    host = f"{api.id}.execute-api.localhost"
    pairs = [(":method", "GET"), (":scheme", "http"), (":path", path), (":authority", host), *more]
    return b"".join(literal(name, value) for name, value in pairs)


@pytest.fixture
def curl() -> str:
    """A curl that speaks HTTP/2."""
    path = shutil.which("curl")
    if path is None or "HTTP2" not in subprocess.run([path, "--version"], capture_output=True, text=True).stdout:
        pytest.skip("no curl that speaks HTTP/2")
    return path


def test_http2_clients_are_served(
    rest_apis: RestApis, functions: Functions, client: Client, curl: str, tmp_path: Path
) -> None:
    """HTTP/2 with prior knowledge: the protocol is reported as HTTP/1.1, names are in lower case but for Host."""
    api = rest_apis.proxy(functions.proxy_echo())
    sent = tmp_path / "sent"
    sent.write_bytes(b"x" * 100_000)
    url = f"http://{api.id}.execute-api.localhost:{client.port}/test/a?b=c"
    command = [curl, "--silent", "--http2-prior-knowledge", "--resolve"]
    command += [f"{api.id}.execute-api.localhost:{client.port}:127.0.0.1", "--data-binary", f"@{sent}"]
    command += ["-H", "X-Mixed-Case: 1", "--write-out", "\n%{http_version} %{http_code}", url]

    told, _, version = subprocess.run(command, capture_output=True, text=True, timeout=60).stdout.rpartition("\n")

    assert version == "2 200"
    event = json.loads(told)
    assert event["requestContext"]["protocol"] == "HTTP/1.1"
    assert event["headers"]["x-mixed-case"] == "1"
    assert event["headers"]["Host"] == f"{api.id}.execute-api.localhost:{client.port}"
    assert (event["path"], event["queryStringParameters"]) == ("/a", {"b": "c"})
    assert len(event["body"]) == 100_000


def test_many_http2_requests_share_a_connection(api: RestApi, client: Client) -> None:
    """RFC 9113, section 5: streams"""
    with connected(client.port) as wire:
        wire.send(PREFACE + frame(SETTINGS, 0, 0))
        for stream in range(1, 101, 2):
            wire.send(frame(HEADERS, END_STREAM | END_HEADERS, stream, fields_of(api, f"/test/n/{stream}")))
        bodies: dict[int, bytes] = {}
        while len(bodies) < 50:
            received = wire.receive_frame()
            assert received is not None
            kind, _, stream, payload = received
            if kind == DATA:
                bodies[stream] = payload
    assert bodies == {stream: b"path:n/%d" % stream for stream in range(1, 101, 2)}


def flood(client: Client, frames: bytes) -> int | None:
    """Sends frames all at once and reads until the gateway ends the connection; tells the error code of its GOAWAY."""
    error = None
    with connected(client.port) as wire:
        sender = threading.Thread(target=wire.send, args=(PREFACE + frame(SETTINGS, 0, 0) + frames,))
        sender.start()
        while received := wire.receive_frame():
            if received[0] == GOAWAY:
                error = int.from_bytes(received[3][4:8])
        sender.join()
    return error


def test_a_flood_of_resets_ends_the_http2_connection(api: RestApi, client: Client) -> None:
    """CVE-2023-44487, "rapid reset": streams that are opened and reset again and again"""
    head = fields_of(api, "/test/echo")
    frames = b"".join(
        frame(HEADERS, END_STREAM | END_HEADERS, stream, head) + frame(RST_STREAM, 0, stream, b"\0\0\0\x08")
        for stream in range(1, 20_001, 2)
    )

    enhance_your_calm = 11
    assert flood(client, frames) == enhance_your_calm
    assert api.get("/echo").body == OK


def test_an_endless_http2_head_ends_the_connection(api: RestApi, client: Client) -> None:
    """CVE-2024-27316, "continuation flood": a head that never ends"""
    begun = frame(HEADERS, END_STREAM, 1, fields_of(api, "/test/echo"))
    more = (frame(CONTINUATION, 0, 1, literal(f"x-{number}", "y" * 100)) for number in range(20_000))

    assert flood(client, begun + b"".join(more)) is not None
    assert api.get("/echo").body == OK


@pytest.mark.parametrize(
    "more",
    [[("host", "other")], [("transfer-encoding", "chunked")], [("connection", "close")], [("X-Upper", "x")]],
    ids=["another host", "transfer coding", "connection field", "upper case"],
)
def test_an_http2_head_that_would_lie_in_http1_is_refused(
    api: RestApi, client: Client, more: list[tuple[str, str]]
) -> None:
    """RFC 9113, section 8.2: what could smuggle a request into an HTTP/1.1 connection behind"""
    with connected(client.port) as wire:
        wire.send(PREFACE + frame(SETTINGS, 0, 0))
        wire.send(frame(HEADERS, END_STREAM | END_HEADERS, 1, fields_of(api, "/test/echo", *more)))
        kinds = []
        while (received := wire.receive_frame()) is not None and received[2] != 1 and received[0] != GOAWAY:
            kinds.append(received[0])
        assert received is None or received[0] in (RST_STREAM, GOAWAY, HEADERS)
        if received is not None and received[0] == HEADERS:
            # An index below 0x90 is a status of the static table; 400 is number 12.
            assert received[3][0] == 0x80 | 12


def test_a_gateway_that_stops_answers_what_it_was_asked(binary: Path, tmp_path: Path) -> None:
    """Not ready first, then nothing new, then the last answers, then the end"""
    gateway = Gateway.serve(binary, tmp_path / "data", tmp_path / "stderr.log")
    with gateway:
        functions = Functions(sdk(gateway.url, "lambda"))
        journal = Journal(tmp_path / "journal.jsonl")
        code = """
            import { appendFileSync, existsSync } from "node:fs";
            export const handler = async (event) => {
              appendFileSync(process.env.JOURNAL, JSON.stringify(event.path) + "\\n");
              while (!existsSync(process.env.JOURNAL + ".go")) await new Promise((done) => setTimeout(done, 20));
              return { body: event.path };
            };
        """
        api = RestApis(sdk(gateway.url, "apigateway"), functions, gateway.client).proxy(functions.node(code, journal))
        answers: list[Response | Exception] = []

        def ask(number: int) -> None:
            try:
                answers.append(api.get(f"/{number}"))
            except Exception as error:  # What a client sees is what is asserted below.
                answers.append(error)

        clients = [threading.Thread(target=ask, args=(number,)) for number in range(4)]
        for thread in clients:
            thread.start()
        eventually(lambda: len(journal.entries()) == 4, "all four requests are with their function")
        with connected(gateway.port) as idle:
            idle.send(request(api, "GET /absent/x HTTP/1.1"))
            assert idle.answer() is not None
            ending = threading.Thread(target=gateway.stop)
            ending.start()
            assert idle.is_closed()
        eventually(lambda: refuses(gateway.port), "no new connection is accepted")
        Path(f"{journal.path}.go").touch()
        for thread in [*clients, ending]:
            thread.join()

    assert sorted(answer.text if isinstance(answer, Response) else repr(answer) for answer in answers) == [
        "/0",
        "/1",
        "/2",
        "/3",
    ]


def refuses(port: int) -> bool:
    """Whether a port takes no connections."""
    try:
        with connected(port):
            return False
    except OSError:
        return True


def test_a_request_id_cannot_be_forged_into_the_answer(api: RestApi) -> None:
    """A client's own request id counts only if it is a UUID"""
    own = str(uuid.uuid4())
    assert api.get("/echo", {"x-amzn-RequestId": own}).header("x-amzn-RequestId") == own
    for forged in ("mine", "x" * 36, own + "x", f"{{{own}}}", own.replace("-", "")):
        assert api.get("/echo", {"x-amzn-RequestId": forged}).header("x-amzn-RequestId") != forged
