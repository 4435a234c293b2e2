"""Waiting for something that can be observed, with a deadline; no scenario sleeps for a guessed time."""

import time
from collections.abc import Callable
from typing import TypeVar

POLL_INTERVAL_S = 0.02

T = TypeVar("T")


def eventually(probe: Callable[[], T | None], what: str, within_s: float = 20.0) -> T:
    """The first truthy answer of `probe`; an assertion error that names `what` when none came in time."""
    end = time.monotonic() + within_s
    while not (answer := probe()):
        assert time.monotonic() < end, f"not within {within_s} s: {what}"
        time.sleep(POLL_INTERVAL_S)
    return answer
