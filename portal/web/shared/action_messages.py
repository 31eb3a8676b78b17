"""Show a message with the result of an action, or with the reason why the action was refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib import messages
from django.http import HttpRequest

from tenants.errors import Refusal


@contextmanager
def reported(
    request: HttpRequest, done: str = "", *, refusal: type[Refusal] | tuple[type[Refusal], ...] = Refusal
) -> Iterator[None]:
    """Show `done` as a message if the action in the `with` block succeeds. If the action raises `refusal`, show the
    reason as an error message.

    Use: `with reported(request, "Saved."):`.
    """
    try:
        yield
    except refusal as error:
        messages.error(request, error.message)
    else:
        if done:
            messages.success(request, done)
