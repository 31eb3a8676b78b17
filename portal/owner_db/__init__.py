"""The guard on the connection `owner`: a database backend that connects only while it is allowed to.

Row-level security does not bind the tables' owner the way it binds the application's role. Code that
reaches for ``using("owner")`` in a request or a task must fail, whatever it wants.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_allowed: ContextVar[bool] = ContextVar("owner connection allowed", default=False)


def owner_allowed() -> bool:
    return _allowed.get()


@contextmanager
def allow_owner() -> Iterator[None]:
    """Let the connection `owner` be opened within: migrations, set-up and the tests' own preparation."""
    token = _allowed.set(True)
    try:
        yield
    finally:
        _allowed.reset(token)
