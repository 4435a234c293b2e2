"""HTTP integrations for REST APIs in API Gateway: backends that misbehave, bodies that stream, connections that are kept."""

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from harness.backend import Backend, Connection, Script
from harness.http import Client, Response
from harness.raw_client import RawClient
from harness.rest_api import RestApi, RestApis

WAIT_S = 20.0
MEBIBYTE = 1024 * 1024
NETWORK = (504, b'{"message": "Network error communicating with endpoint"}')
TIMEOUT = (504, b'{"message": "Endpoint request timed out"}')
INTERNAL = (500, b'{"message": "Internal server error"}')

Deploy = Callable[..., RestApi]


@pytest.fixture
def deploy(rest_apis: RestApis) -> Deploy:
    """Deploys an API whose `ANY /x` passes to a backend."""

    def of(backend: Backend, timeout_ms: int = 20_000, stream: bool = False, path: str = "", **members: object) -> RestApi:
        api = rest_apis.create(**members)
        address = api.method("/x", "ANY")
        api.apigateway.put_integration(
            **address,
            type="HTTP_PROXY",
            integrationHttpMethod="ANY",
            uri=backend.url + path,
            timeoutInMillis=timeout_ms,
        )
        if stream:
            change = {"op": "replace", "path": "/responseTransferMode", "value": "STREAM"}
            api.apigateway.update_integration(**address, patchOperations=[change])
        api.deploy()
        return api

    return of


@pytest.fixture
def backends() -> Iterator[Callable[[Script], Backend]]:
    """Starts backends and ends them."""
    with ExitStack() as running:
        yield lambda script: running.enter_context(Backend(script))


def request(api: RestApi, method: str = "GET", headers: str = "", version: str = "1.1") -> bytes:
    """A request's head for `/x` of the deployed stage."""
    host = f"{api.id}.execute-api.localhost:{api.client.port}"
    return f"{method} /test/x HTTP/{version}\r\nHost: {host}\r\n{headers}\r\n".encode()


def told(response: Response) -> tuple[int, bytes]:
    """What a client that gets an error sees of it; never more than the message."""
    assert response.header("x-amzn-ErrorType") == "InternalServerErrorException"
    return response.status, response.body


def after_head(data: bytes) -> Script:
    """Reads a request's head, sends bytes, closes."""

    def script(connection: Connection) -> None:
        if connection.head() is not None:
            connection.send(data)

    return script


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        (b"", NETWORK),
        (b"HTTP/1.1 200 OK\r\nContent-Le", NETWORK),
        (b"garbage\r\n\r\n", INTERNAL),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", INTERNAL),
        (b"HTTP/1.1 2000 OK\r\n\r\n", INTERNAL),
        (b"HTTP/9.9 200 OK\r\n\r\n", INTERNAL),
        (b"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", INTERNAL),
        (b"HTTP/1.1 200 OK\r\nX: " + b"x" * 70_000 + b"\r\n\r\n", INTERNAL),
        (b"HTTP/1.1 200 OK\r\n" + b"".join(b"X-%d: y\r\n" % n for n in range(200)) + b"\r\n", INTERNAL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\nabc", INTERNAL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\nContent-Length: 4\r\n\r\nabc", INTERNAL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10485761\r\n\r\n", INTERNAL),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", NETWORK),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", NETWORK),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc\r\n", NETWORK),
    ],
    ids=lambda value: repr(value[:50]) if isinstance(value, bytes) else "",
)
def test_an_answer_that_is_none_is_told_as_a_network_or_an_internal_error(
    deploy: Deploy, backends: Callable[[Script], Backend], answer: bytes, expected: tuple[int, bytes]
) -> None:
    """Gateway response types: INTEGRATION_FAILURE, API_CONFIGURATION_ERROR"""
    assert told(deploy(backends(after_head(answer))).get("/x")) == expected


def test_a_backend_that_resets_is_a_network_error(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """Gateway response types: INTEGRATION_FAILURE"""

    def script(connection: Connection) -> None:
        connection.head()
        connection.reset()

    assert told(deploy(backends(script)).get("/x")) == NETWORK


@pytest.mark.parametrize("begun", [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"])
def test_a_backend_that_stalls_is_a_timeout_and_its_connection_is_closed(
    deploy: Deploy, backends: Callable[[Script], Backend], begun: bytes
) -> None:
    """Gateway response types: INTEGRATION_TIMEOUT"""
    closed = threading.Event()

    def script(connection: Connection) -> None:
        connection.head()
        connection.send(begun)
        assert connection.is_closed_by_gateway()
        closed.set()

    assert told(deploy(backends(script), timeout_ms=100).get("/x")) == TIMEOUT
    assert closed.wait(WAIT_S)


@pytest.mark.parametrize("framing", ["Content-Length: 1048576", "Transfer-Encoding: chunked"])
@pytest.mark.parametrize("end", ["close", "reset", "stall"])
def test_an_answer_that_ends_midway_never_looks_complete(
    deploy: Deploy, backends: Callable[[Script], Backend], framing: str, end: str
) -> None:
    """Amazon API Gateway important notes: a response that cannot be completed breaks off"""
    part = b"x" * 200_000

    def script(connection: Connection) -> None:
        connection.head()
        connection.send(f"HTTP/1.1 200 OK\r\n{framing}\r\n\r\n".encode())
        connection.send(b"%x\r\n%s\r\n" % (len(part), part) if "chunked" in framing else part)
        if end == "reset":
            connection.reset()
        if end == "stall":
            connection.is_closed_by_gateway()

    api = deploy(backends(script), timeout_ms=1000)
    with RawClient(api.client.port) as client:
        client.send(request(api))
        assert client.status() == 200
        read = client.rest()
    assert b"xxx" in read
    assert len(read) < MEBIBYTE
    assert not read.endswith(b"0\r\n\r\n")


def test_an_answer_without_end_breaks_off_at_the_payload_limit(
    deploy: Deploy, backends: Callable[[Script], Backend]
) -> None:
    """Quotas for configuring and running a REST API: payload size"""
    part = b"%x\r\n%s\r\n" % (MEBIBYTE, b"x" * MEBIBYTE)

    def script(connection: Connection) -> None:
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError):
            for _ in range(64):
                connection.send(part)

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api))
        assert client.status() == 200
        read = client.rest()
    assert len(read) < 11 * MEBIBYTE
    assert not read.endswith(b"0\r\n\r\n")


def test_what_a_backend_sends_too_much_reaches_nobody(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """A connection on which anything was left unread carries no further request"""

    def script(connection: Connection) -> None:
        while connection.head() is not None:
            connection.answer(b"mine")
            connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged")

    api = deploy(backends(script))
    assert [api.get("/x").body for _ in range(5)] == [b"mine"] * 5


def test_connections_are_kept_and_a_stale_one_is_dialled_again(
    deploy: Deploy, backends: Callable[[Script], Backend]
) -> None:
    """HTTP integrations: requests are never repeated, connections are kept"""
    closed = threading.Event()

    def script(connection: Connection) -> None:
        for _ in range(3):
            assert connection.head() is not None
            connection.answer(b"kept")
        connection.close()
        closed.set()

    backend = backends(script)
    api = deploy(backend)
    # One connection of the client's, so that one thread of the gateway serves all.
    with RawClient(api.client.port) as client:
        for number in range(9):
            client.send(request(api))
            assert (client.status(), client.until(b"kept")) == (200, b"kept")
            if number % 3 == 2:
                assert closed.wait(WAIT_S)
                closed.clear()
    assert backend.connections == 3


def test_an_informational_answer_is_no_answer(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """HTTP integrations: the final response is the response"""
    early = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n"
    answer = b"HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok"
    response = deploy(backends(after_head(early + answer))).get("/x")
    assert (response.status, response.body, response.header("Link")) == (201, b"ok", None)


@pytest.mark.parametrize(("method", "status"), [("HEAD", "200 OK"), ("GET", "204 No Content"), ("GET", "304 Not Modified")])
def test_an_answer_without_a_body_has_none(
    deploy: Deploy, backends: Callable[[Script], Backend], method: str, status: str
) -> None:
    """HTTP integrations: what has no body"""

    def script(connection: Connection) -> None:
        while connection.head() is not None:
            length = "" if "204" in status else "Content-Length: 5\r\n"
            connection.send(f"HTTP/1.1 {status}\r\n{length}ETag: \"e\"\r\n\r\n".encode())

    api = deploy(backends(script))
    for _ in range(2):
        response = api.call(method, "/x")
        assert (response.status, response.body, response.header("ETag")) == (int(status[:3]), b"", '"e"')


def test_a_large_answer_arrives_before_its_end_is_sent(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """HTTP proxy integration: large answers cost no memory"""
    seen = threading.Event()

    def script(connection: Connection) -> None:
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Length: 300003\r\n\r\n" + b"x" * 300_000)
        assert seen.wait(WAIT_S)
        connection.send(b"end")

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api))
        head = client.head()
        assert "content-length: 300003" in head.lower()
        client.until(b"x" * 200_000)
        seen.set()
        assert client.until(b"end").endswith(b"end")


def test_a_streamed_answer_arrives_part_by_part(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """Stream the integration response for your proxy integrations in API Gateway"""
    seen = threading.Semaphore(0)

    def script(connection: Connection) -> None:
        connection.head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n")
        for number in range(3):
            connection.send(b"8\r\ndata: %d\n\r\n" % number)
            assert seen.acquire(timeout=WAIT_S)
        connection.send(b"0\r\n\r\n")

    api = deploy(backends(script), stream=True, minimumCompressionSize=0)
    with RawClient(api.client.port) as client:
        client.send(request(api, headers="Accept-Encoding: gzip\r\n"))
        head = client.head().lower()
        assert "transfer-encoding: chunked" in head
        assert "content-encoding" not in head
        for number in range(3):
            client.until(b"data: %d\n" % number)
            seen.release()
        client.until(b"0\r\n\r\n")


def test_a_large_upload_reaches_the_backend_while_it_is_sent(
    deploy: Deploy, backends: Callable[[Script], Backend]
) -> None:
    """HTTP proxy integration: large uploads cost no memory"""
    begun = threading.Event()
    half = b"y" * 200_000

    def script(connection: Connection) -> None:
        head = connection.head()
        assert head is not None and "content-length: 400000" in head.lower()
        assert "transfer-encoding" not in head.lower()
        assert connection.body(100_000) == half[:100_000]
        begun.set()
        assert connection.body(300_000) == half[:100_000] + half
        # It says that it closes, or the next upload could be under way on this connection when it ends.
        connection.answer(b"thanks", headers="Connection: close\r\n")

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api, "PUT", "Content-Length: 400000\r\n") + half)
        assert begun.wait(WAIT_S)
        client.send(half)
        assert (client.status(), client.until(b"thanks")) == (200, b"thanks")
        client.send(request(api, "PUT", "Content-Length: 400000\r\n") + half + half)
        assert client.status() == 200


def test_an_upload_of_unknown_length_is_chunked(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """HTTP proxy integration: what has no length has none"""

    def script(connection: Connection) -> None:
        head = connection.head()
        assert head is not None and "transfer-encoding: chunked" in head.lower()
        assert connection.body(len(b"3\r\nabc\r\n0\r\n\r\n")) == b"3\r\nabc\r\n0\r\n\r\n"
        connection.answer(b"thanks")

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api, "POST", "Transfer-Encoding: chunked\r\n") + b"3\r\nabc\r\n0\r\n\r\n")
        assert client.status() == 200


@pytest.mark.parametrize("framing", [f"Content-Length: {11 * MEBIBYTE}", "Transfer-Encoding: chunked"])
def test_an_upload_beyond_the_limit_is_refused(
    deploy: Deploy, backends: Callable[[Script], Backend], framing: str
) -> None:
    """Quotas for configuring and running a REST API: payload size"""
    backend = backends(lambda connection: connection.is_closed_by_gateway() and None)
    api = deploy(backend)
    body = b"z" * 11 * MEBIBYTE
    if "chunked" in framing:
        body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
    with RawClient(api.client.port) as client:
        client.send(request(api, "POST", framing + "\r\n") + body)
        assert client.status() == 413
        client.until(b'{"message":"Request Too Long"}')


def test_an_answer_before_the_uploads_end_arrives(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """HTTP proxy integration: a backend may refuse an upload without reading it"""

    def script(connection: Connection) -> None:
        connection.head()
        connection.answer(b"too much", "413 Payload Too Large", "Connection: close\r\n")

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api, "POST", "Content-Length: 1000000\r\n") + b"a" * 200_000)
        client.send(b"a" * 800_000)
        assert (client.status(), client.until(b"too much")) == (413, b"too much")


def test_an_upload_that_breaks_off_ends_at_the_backend_too(
    deploy: Deploy, backends: Callable[[Script], Backend]
) -> None:
    """A client that goes takes its request with it"""
    begun, ended = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.head()
        connection.body(100_000)
        begun.set()
        assert connection.is_closed_by_gateway()
        ended.set()

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api, "POST", "Content-Length: 1000000\r\n") + b"a" * 200_000)
        assert begun.wait(WAIT_S)
    assert ended.wait(WAIT_S)


@pytest.mark.parametrize("begun_answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n" + b"a" * 200_000])
def test_a_client_that_goes_ends_the_backends_request(
    deploy: Deploy, backends: Callable[[Script], Backend], begun_answer: bytes
) -> None:
    """A client that goes takes its request with it"""
    begun, ended = threading.Event(), threading.Event()

    def script(connection: Connection) -> None:
        connection.head()
        connection.send(begun_answer)
        begun.set()
        assert connection.is_closed_by_gateway()
        ended.set()

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api))
        assert begun.wait(WAIT_S)
    assert ended.wait(WAIT_S)


def test_a_client_that_expects_is_told_to_continue(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """Expect: 100-continue is the gateway's business, not the backend's"""

    def script(connection: Connection) -> None:
        head = connection.head()
        assert head is not None and "expect" not in head.lower()
        assert connection.body(100_000) == b"b" * 100_000
        connection.answer(b"thanks")

    api = deploy(backends(script))
    with RawClient(api.client.port) as client:
        client.send(request(api, "POST", "Content-Length: 100000\r\nExpect: 100-continue\r\n"))
        assert client.status() == 100
        client.send(b"b" * 100_000)
        assert (client.status(), client.until(b"thanks")) == (200, b"thanks")


def test_an_http_1_0_client_gets_a_whole_answer(deploy: Deploy, backends: Callable[[Script], Backend]) -> None:
    """What ends with the connection could not be told from what broke off"""
    chunk = b"%x\r\n%s\r\n" % (200_000, b"c" * 200_000)
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + chunk
    whole, broken = backends(after_head(answer + b"0\r\n\r\n")), backends(after_head(answer))
    for backend, status in ((whole, 200), (broken, 502)):
        api = deploy(backend)
        with RawClient(api.client.port) as client:
            client.send(request(api, version="1.0"))
            head = client.head()
            assert int(head.split(" ")[1]) == status
            assert "content-length" in head.lower()


def test_a_custom_integration_answers_the_same_errors(
    rest_apis: RestApis, backends: Callable[[Script], Backend], client: Client
) -> None:
    """HTTP custom integrations: answers are read whole before anything is mapped"""
    large = b"HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + b"x" * 200_000
    cases = [(b"", NETWORK), (b"garbage\r\n\r\n", INTERNAL), (large, NETWORK)]
    for answer, expected in cases:
        api = rest_apis.create()
        address = api.method("/x", "GET")
        uri = backends(after_head(answer)).url
        api.apigateway.put_integration(**address, type="HTTP", integrationHttpMethod="GET", uri=uri)
        api.answers(address, "200")
        api.deploy()
        assert told(api.get("/x")) == expected
