"""Suppress log lines about refused requests, except in tests that read the log.

Django logs each answer 403 and 404. Several handlers, of Surety and of pytest, format each line and its traceback. In
tests that send thousands of requests without access, this takes a twelfth of the time.
"""

from __future__ import annotations

import logging

import pytest

# The fixtures with which tests read the log, or the standard streams to which the log is written.
READING = frozenset({"caplog", "capfd", "capsys", "capfdbinary", "capsysbinary", "lines"})
_LOGGER = logging.getLogger("django.request")


def choose(item: pytest.Item) -> None:
    """Log refused requests if the test reads the log. Errors are always logged."""
    reads = not READING.isdisjoint(getattr(item, "fixturenames", ()))
    _LOGGER.setLevel(logging.NOTSET if reads else logging.ERROR)
