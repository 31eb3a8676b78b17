"""Fixtures of the sweeps over all addresses, and an organization with delegated subscriptions."""

from __future__ import annotations

import pytest
from django.http import Http404, HttpRequest, HttpResponse

from portal import urls
from tests.isolation.lighthouse import msp

__all__ = ["bare_refusals", "msp"]


def bare_page(request: HttpRequest, exception: Exception) -> HttpResponse:
    return HttpResponse(status=404 if isinstance(exception, Http404) else 403)


@pytest.fixture
def bare_refusals(monkeypatch: pytest.MonkeyPatch) -> None:
    """Answer refused requests without rendering the error page.

    Use this in tests that check only the status. `test_own_tenant_answers_as_the_role_allows` renders the page for
    every role and address.
    """
    monkeypatch.setattr(urls, "handler404", bare_page, raising=False)
    monkeypatch.setattr(urls, "handler403", bare_page, raising=False)
