"""A client that sends and reads bytes when a scenario says so, and sees how a connection ends."""

import socket
from types import TracebackType
from typing import Self

WAIT_S = 20.0
HEAD_END = b"\r\n\r\n"


class RawClient:
    """One connection to the gateway."""

    def __init__(self, port: int) -> None:
        self._stream = socket.create_connection(("127.0.0.1", port), WAIT_S)
        self._read = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the connection."""
        self._stream.close()

    def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._stream.sendall(data)

    def head(self) -> str:
        """The head of the next response."""
        while HEAD_END not in self._read:
            part = self._stream.recv(65536)
            assert part, f"the gateway closed the connection: {self._read!r}"
            self._read += part
        head, self._read = self._read.split(HEAD_END, 1)
        return head.decode("latin-1")

    def status(self) -> int:
        """The status of the next response, whose head is read."""
        return int(self.head().split(" ", 2)[1])

    def until(self, expected: bytes) -> bytes:
        """What comes until some bytes have come, these included."""
        while expected not in self._read:
            part = self._stream.recv(65536)
            assert part, f"the gateway closed the connection: {self._read[-200:]!r}"
            self._read += part
        end = self._read.index(expected) + len(expected)
        read, self._read = self._read[:end], self._read[end:]
        return read

    def rest(self) -> bytes:
        """What comes until the gateway ends the connection, properly or not."""
        try:
            while part := self._stream.recv(65536):
                self._read += part
        except ConnectionResetError:
            pass
        read, self._read = self._read, b""
        return read
