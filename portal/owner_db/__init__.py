"""A database backend for the connection `owner` that refuses to connect outside of `allow_owner`.

Row-level security restricts the tables' owner less than the application's role, so ``using("owner")`` in a request
or a task must fail.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_allowed: ContextVar[bool] = ContextVar("owner connection allowed", default=False)


def owner_allowed() -> bool:
    """Return whether the current context may use the connection `owner`."""
    return _allowed.get()


@contextmanager
def allow_owner() -> Iterator[None]:
    """Permit the connection `owner` in the block. Only migrations, set-up and preparation of tests may use this."""
    token = _allowed.set(True)
    try:
        yield
    finally:
        _allowed.reset(token)
