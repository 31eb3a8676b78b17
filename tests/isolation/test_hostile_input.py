"""Hostile input: characters that the database refuses, and numbers outside the range of its types."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.test import client as test_client
from django.urls import reverse

from tenants.roles import CAPABILITIES, Role
from tests.isolation.addresses import ADDRESSES, client_of
from tests.portal.web.world import World

pytestmark = pytest.mark.slow(seconds=50)

NAMES = (
    "action", "after", "age", "answer", "assessment", "before", "by", "col", "control", "count", "days", "due",
    "ends_at", "finding", "kind", "label", "layout", "maximum", "name", "next", "next_query", "note", "notice",
    "open", "owner", "page", "plan", "planned_for", "q", "query", "reason", "resource_group", "section", "severity",
    "sort", "starts_at", "state", "statement", "subscription", "tag", "tag_name", "tags", "tenant", "theme", "to",
    "unit", "unread", "valid_until", "verdict",
)  # fmt: skip
HARMLESS = "1"
# A NUL, bytes that Django decodes to a lone surrogate, a number above bigint, the last day of the calendar, and a day
# outside of it.
HOSTILE = ("a\x00b", "%ed%a0%80", "9" * 40, "9999-12-31", "0000-00-00")

# The names of the parameters that code has read since the last `_read.clear()`.
_read: set[str] = set()


class _Parameters(QueryDict):
    """The parameters of a request. This class records the names that code reads. Methods of QueryDict that are not
    overridden here call the methods below, so they record the names, too.
    """

    def __getitem__(self, name: str) -> Any:
        _read.add(name)
        return super().__getitem__(name)

    def _getlist(self, name: str, *arguments: Any, **named: Any) -> Any:
        _read.add(name)
        return super()._getlist(name, *arguments, **named)  # type: ignore[misc]

    def __contains__(self, name: object) -> bool:
        _read.add(str(name))
        return super().__contains__(name)

    def __iter__(self) -> Iterator[str]:
        _read.update(NAMES)
        return super().__iter__()

    def keys(self) -> Any:
        _read.update(NAMES)
        return super().keys()

    def lists(self) -> Any:
        _read.update(NAMES)
        return super().lists()

    def __eq__(self, other: object) -> bool:
        _read.update(NAMES)
        return super().__eq__(other)

    __hash__ = None  # type: ignore[assignment]


def _noting(parameters: QueryDict) -> _Parameters:
    noting = _Parameters("", mutable=True)
    for name, values in parameters.lists():
        noting.setlist(name, values)
    noting._mutable = False
    return noting


class _Request(WSGIRequest):
    """A request that records which of its parameters are read.

    Reading the whole query string is not recorded, because every page reads it for the links in its header. The links
    are tested on the pages that read parameters: these pages write every hostile value into their links.
    """

    @cached_property
    def GET(self) -> QueryDict:  # type: ignore[override]
        return _noting(QueryDict(self.META.get("QUERY_STRING", ""), encoding=self.encoding))

    def _load_post_and_files(self) -> None:
        super()._load_post_and_files()
        self._post: QueryDict = _noting(self._post)


def test_hostile_parameters_never_cause_a_server_error(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Call each address with each hostile value in all parameters, as a person with access. No answer is a 5xx.

    Each request is first sent with a harmless value. If no code reads any parameter of this request, no hostile values
    are sent, because they would get the same answer.
    """
    monkeypatch.setattr(test_client, "WSGIRequest", _Request)
    found, skipped, read = {}, set(), set()
    # Two people, because no single role has all capabilities.
    roles = (Role.ORGANIZATION_ADMINISTRATOR, Role.APPROVER)
    for role, others in ((roles[0], ()), (roles[1], CAPABILITIES[roles[0]])):
        client = client_of(world.people[role.value])
        client.raise_request_exception = False
        for name, address in ADDRESSES.items():
            if others and (address.needs is None or address.needs in others):
                continue
            url = reverse(name, args=address.arguments(world, world.home))
            sample = address.data(world, world.home) if address.post else {}
            for method in ("get", "post"):
                for value in (HARMLESS, *HOSTILE):
                    given = dict.fromkeys(NAMES, value) | (sample if method == "post" else {})
                    _read.clear()
                    answer = getattr(client, method)(url, given)
                    if answer.status_code >= 500:
                        found[role.value, name, method, value] = answer.status_code
                    if value == HARMLESS and not _read & set(NAMES):
                        skipped.add((name, method))
                        break
                    read |= _read & set(NAMES)
    assert found == {}
    # Every parameter is read by some address. This shows that the recording works.
    assert read == set(NAMES)
    assert not skipped & {("findings", "get"), ("journal", "get"), ("inbox", "get"), ("policy", "post")}
