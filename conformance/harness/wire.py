"""Bytes on a socket: for scenarios about what no HTTP client would send, or would do."""

import contextlib
import socket
from collections.abc import Iterator
from dataclasses import dataclass

from harness.http import Response

TIMEOUT_S = 60.0


class Wire:
    """One connection to a port of the loopback interface."""

    def __init__(self, port: int, receive_buffer_bytes: int | None = None) -> None:
        self._socket = socket.socket()
        if receive_buffer_bytes is not None:
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer_bytes)
        self._socket.settimeout(TIMEOUT_S)
        self._socket.connect(("127.0.0.1", port))
        self._read = b""

    def send(self, data: bytes) -> None:
        """Sends all of it; what the gateway no longer takes is no failure, its answer tells."""
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self._socket.sendall(data)

    def done_sending(self) -> None:
        """Closes the sending half."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_WR)

    def answer(self, head_only: bool = False) -> Response | None:
        """The next answer; `None` when the gateway closed the connection instead."""
        while (end := self._read.find(b"\r\n\r\n")) < 0:
            if not self._receive():
                assert self._read == b"", f"a head that does not end: {self._read!r}"
                return None
        head, self._read = self._read[:end].decode("latin-1"), self._read[end + 4 :]
        status_line, *lines = head.split("\r\n")
        fields = tuple((name, value.strip()) for name, _, value in (line.partition(":") for line in lines))
        answer = Response(int(status_line.split(" ")[1]), fields, b"")
        length = 0 if head_only or answer.status < 200 else int(answer.header("Content-Length") or 0)
        while len(self._read) < length:
            assert self._receive(), f"a body that does not end: {len(self._read)} of {length} bytes"
        body, self._read = self._read[:length], self._read[length:]
        return Response(answer.status, fields, body)

    def is_closed(self) -> bool:
        """Waits for the gateway to close, or to send something instead."""
        return not self._read and not self._receive()

    def receive_frame(self) -> tuple[int, int, int, bytes] | None:
        """The next HTTP/2 frame: type, flags, stream and payload; `None` at the end."""
        while len(self._read) < 9 or len(self._read) < 9 + int.from_bytes(self._read[:3]):
            if not self._receive():
                return None
        size = int.from_bytes(self._read[:3])
        kind, flags, stream = self._read[3], self._read[4], int.from_bytes(self._read[5:9]) & 0x7FFFFFFF
        payload, self._read = self._read[9 : 9 + size], self._read[9 + size :]
        return kind, flags, stream, payload

    def close(self) -> None:
        """Ends the connection."""
        self._socket.close()

    def _receive(self) -> bool:
        try:
            received = self._socket.recv(65536)
        except ConnectionResetError:
            return False
        self._read += received
        return received != b""


@contextlib.contextmanager
def connected(port: int, receive_buffer_bytes: int | None = None) -> Iterator[Wire]:
    """A connection that is closed in the end."""
    wire = Wire(port, receive_buffer_bytes)
    try:
        yield wire
    finally:
        wire.close()


@dataclass(frozen=True)
class Outcome:
    """What came of some bytes: the answers, in order, until the gateway closed."""

    answers: tuple[Response, ...]

    @property
    def statuses(self) -> tuple[int, ...]:
        """The status codes."""
        return tuple(answer.status for answer in self.answers)


def exchange(port: int, data: bytes) -> Outcome:
    """Sends bytes, ends the sending half, and reads to the end."""
    with connected(port) as wire:
        wire.send(data)
        answers = []
        while answer := wire.answer():
            answers.append(answer)
        return Outcome(tuple(answers))
