"""An HTTP client that sends exactly what a scenario wrote: no header of its own, no normalised path."""

import http.client
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

TIMEOUT_S = 60.0

HeaderPairs: TypeAlias = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Response:
    """One answer, its bytes and its header fields in the order of the wire."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str | None:
        """The first value of a header, by name in any case; `None` without one."""
        return next(iter(self.header_values(name)), None)

    def header_values(self, name: str) -> list[str]:
        """All values of a header, by name in any case."""
        return [value for key, value in self.headers if key.lower() == name.lower()]

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode()

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Speaks to one port of the loopback interface, a connection per request."""

    port: int

    def send(
        self, method: str, target: str, headers: Mapping[str, str] | HeaderPairs = (), body: bytes | str = b""
    ) -> Response:
        """Sends a request whose target goes out as written; `Host` and `Content-Length` are added when absent."""
        payload = body.encode() if isinstance(body, str) else body
        pairs = list(headers.items() if isinstance(headers, Mapping) else headers)
        names = {name.lower() for name, _ in pairs}
        if "host" not in names:
            pairs.insert(0, ("Host", f"127.0.0.1:{self.port}"))
        if payload and not names & {"content-length", "transfer-encoding"}:
            pairs.append(("Content-Length", str(len(payload))))
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=TIMEOUT_S)
        try:
            return _exchange(connection, method, target, pairs, payload)
        finally:
            connection.close()


def _exchange(
    connection: http.client.HTTPConnection, method: str, target: str, headers: HeaderPairs, body: bytes
) -> Response:
    connection.putrequest(method, target, skip_host=True, skip_accept_encoding=True)
    for name, value in headers:
        connection.putheader(name, value)
    connection.endheaders(body or None)
    answer = connection.getresponse()
    return Response(answer.status, tuple(answer.getheaders()), answer.read())
