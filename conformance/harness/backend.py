"""HTTP backends of the tests' own, down to the bytes: what a well-behaved server library would never do."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self, TypeAlias

WAIT_S = 20.0
HEAD_END = b"\r\n\r\n"


class Connection:
    """One connection that the gateway made."""

    def __init__(self, stream: socket.socket) -> None:
        stream.settimeout(WAIT_S)
        self._stream = stream
        self._read = b""

    def head(self) -> str | None:
        """The next request's head; `None` when the gateway has closed the connection."""
        while HEAD_END not in self._read:
            part = self._stream.recv(65536)
            if not part:
                return None
            self._read += part
        head, self._read = self._read.split(HEAD_END, 1)
        return head.decode("latin-1")

    def body(self, length: int) -> bytes:
        """Exactly so many bytes of the body, without waiting for more."""
        while len(self._read) < length:
            part = self._stream.recv(65536)
            assert part, f"the gateway closed the connection after {len(self._read)} of {length} bytes"
            self._read += part
        body, self._read = self._read[:length], self._read[length:]
        return body

    def is_closed_by_gateway(self) -> bool:
        """Reads until the gateway closes the connection, which must happen in time."""
        try:
            while self._stream.recv(65536):
                pass
        except ConnectionResetError:
            pass
        return True

    def send(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self._stream.sendall(data)

    def answer(self, body: bytes, status: str = "200 OK", headers: str = "") -> None:
        """Sends a complete response."""
        head = f"HTTP/1.1 {status}\r\nContent-Type: text/plain\r\nContent-Length: {len(body)}\r\n{headers}\r\n"
        self.send(head.encode() + body)

    def reset(self) -> None:
        """Ends the connection with a reset instead of an end."""
        self._stream.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._stream.close()

    def close(self) -> None:
        """Ends the connection."""
        self._stream.close()


Script: TypeAlias = Callable[[Connection], None]


class Backend:
    """A listener on a free loopback port that runs a script for each connection, in a thread of its own."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._threads: list[threading.Thread] = []
        self._streams: list[socket.socket] = []
        self.failures: list[BaseException] = []
        self.connections = 0
        self._accepting = threading.Thread(target=self._accept, daemon=True)
        self._accepting.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._accepting.join(WAIT_S)
        for stream in self._streams:
            # A script may be waiting for the next request on a connection that the gateway keeps.
            with contextlib.suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(WAIT_S)
        if kind is None:
            assert not self.failures, self.failures

    def _accept(self) -> None:
        while True:
            try:
                stream, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._streams.append(stream)
            thread = threading.Thread(target=self._run, args=(Connection(stream),), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _run(self, connection: Connection) -> None:
        try:
            self._script(connection)
        except BaseException as failure:
            self.failures.append(failure)
        finally:
            connection.close()
