"""Show messages about the result of an action, or about the reason why it was refused."""

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
    """Show `done` as a message if the action in the `with` block succeeds. If the action refuses, show the reason.

    Use: `with reported(request, "Saved."):`.
    """
    try:
        yield
    except refusal as error:
        messages.error(request, error.message)
    else:
        if done:
            messages.success(request, done)
