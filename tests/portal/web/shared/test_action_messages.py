"""Pages show why an action was refused; an object that the person may not see is always 404."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory

import portal.web
from portal.web.shared.action_messages import reported
from tenants.errors import Conflict, InvalidInput, NoScope, NotFound, PermissionDenied, Refusal, ScopeConflict

WEB = Path(portal.web.__file__).parent
# Pages that people open with a link that contains a token. They answer an invalid token with their own 404 page.
TOKEN_PAGES = {
    "account/views/first_start.py",
    "notifications/views/unsubscribe.py",
    "organization/views/invitation.py",
    "reports/views/links.py",
}


def a_request() -> HttpRequest:
    request = RequestFactory().post("/")
    request.session = {}  # type: ignore[assignment]
    request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
    return request


def act(request: HttpRequest, error: Exception) -> None:
    with reported(request, "Done."):
        raise error


@pytest.mark.parametrize("kind", [NotFound, NoScope, ScopeConflict])
def test_an_object_of_somebody_else_is_not_a_message(kind: type[Exception]) -> None:
    request = a_request()
    with pytest.raises(kind):
        act(request, kind("This finding does not exist."))
    assert list(get_messages(request)) == []


@pytest.mark.parametrize("kind", [Conflict, InvalidInput, PermissionDenied])
def test_a_refusal_is_a_message(kind: type[Refusal]) -> None:
    request = a_request()
    act(request, kind("Somebody else decided."))
    assert [str(one) for one in get_messages(request)] == ["Somebody else decided."]


def caught(path: Path) -> set[str]:
    """Return the names of the exceptions that a module catches or passes as the argument `refusal`."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            found |= {name.id for name in ast.walk(node.type) if isinstance(name, ast.Name)}
        if isinstance(node, ast.keyword) and node.arg == "refusal" and isinstance(node.value, ast.Name):
            found.add(node.value.id)
    return found


@pytest.mark.slow(seconds=1)
def test_no_page_catches_not_found() -> None:
    """NotFound is raised for ids that do not exist and for ids of other people's objects, and becomes a 404. A page
    that catches NotFound would answer with 200 or a redirect instead.
    """
    wrong = {
        str(path.relative_to(WEB)): sorted(names)
        for path in WEB.rglob("*.py")
        if (names := caught(path) & {"SuretyError", "NotFound", "Http404", "Exception"})
    }
    assert set(wrong) <= TOKEN_PAGES, wrong
    assert all(names == ["NotFound"] for names in wrong.values())
