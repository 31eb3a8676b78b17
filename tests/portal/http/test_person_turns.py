"""One person who sends many requests at once does not occupy all threads of the web server."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from threading import Event, Thread
from uuid import UUID, uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from portal.http import person_turns
from portal.http.person_turns import MAX_RUNNING, MAX_WAITING, Turns
from portal.middleware import PersonTurnMiddleware
from tenants.models import Person

ADA, BEN = uuid4(), uuid4()


@pytest.fixture
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(person_turns, "WAIT_SECONDS", 0.05)


@pytest.fixture
def turns() -> Iterator[tuple[Turns, ExitStack]]:
    """The turns of a web server. Until the stack is closed, Ada has as many requests running as one person may have."""
    made = Turns()
    with ExitStack() as held:
        for _ in range(MAX_RUNNING):
            assert held.enter_context(made.turn(ADA))
        yield made, held


def test_other_people_get_a_turn_while_one_person_has_all_of_hers(
    short_wait: None, turns: tuple[Turns, ExitStack]
) -> None:
    made, held = turns
    with made.turn(ADA) as taken:
        assert not taken
    with made.turn(BEN) as taken:
        assert taken
    held.close()
    with made.turn(ADA) as taken:
        assert taken
    assert not made._running
    assert not made._waiting


def test_a_failed_request_gives_its_turn_back() -> None:
    made = Turns()
    for _ in range(MAX_RUNNING + 1):
        with pytest.raises(ZeroDivisionError), made.turn(ADA) as taken:
            _ = 1 / (not taken)


def test_few_requests_wait_and_continue_when_another_ends(turns: tuple[Turns, ExitStack]) -> None:
    made, held = turns
    got: list[bool] = []

    def request() -> None:
        with made.turn(ADA) as taken:
            got.append(taken)

    waiting = [Thread(target=request) for _ in range(MAX_WAITING)]
    for thread in waiting:
        thread.start()
    while made._waiting[ADA] < MAX_WAITING:
        Event().wait(0.01)
    request()  # This request is refused without waiting, because `MAX_WAITING` requests already wait.
    assert got == [False]
    held.close()
    for thread in waiting:
        thread.join(10)
    assert got == [False, *[True] * MAX_WAITING]


def test_forms_without_a_session_take_turns_by_network(rf: RequestFactory, short_wait: None) -> None:
    """Anybody can send wrong passwords. Without a limit, twenty of them at once would occupy the web server for seven
    seconds.
    """
    middleware = PersonTurnMiddleware(lambda _request: HttpResponse("computed"))

    def status(method: str, path: str, address: str) -> int:
        request: HttpRequest = rf.generic(method, path, REMOTE_ADDR=address)
        request.user = AnonymousUser()
        return middleware(request).status_code

    with ExitStack() as held:
        for _ in range(MAX_RUNNING):
            held.enter_context(middleware.turns.turn("2001:db8::"))
        assert status("POST", "/accounts/login/", "2001:db8::7") == 429
        assert status("POST", "/accounts/login/", "2001:db8:1::7") == 200
        assert status("POST", "/accounts/login/", "") == 200, "a Unix socket names no address"
        assert status("GET", "/accounts/login/", "2001:db8::7") == 200
        assert status("POST", "/oauth/token", "2001:db8::7") == 200, "programs have limits of their own"
    assert status("POST", "/accounts/login/", "2001:db8::7") == 200


@pytest.mark.parametrize("path", ["/findings/", "/api/v1/me"])
def test_too_many_requests_of_a_person_are_refused(path: str, rf: RequestFactory, short_wait: None) -> None:
    middleware = PersonTurnMiddleware(lambda _request: HttpResponse("computed"))

    def answer(person: UUID) -> HttpResponse:
        request: HttpRequest = rf.get(path)
        request.user = Person(pk=person)
        found = middleware(request)
        assert isinstance(found, HttpResponse)
        return found

    with ExitStack() as held:
        for _ in range(MAX_RUNNING):
            held.enter_context(middleware.turns.turn(ADA))
        refused = answer(ADA)
        assert (refused.status_code, refused.headers["Retry-After"]) == (429, "1")
        assert b"Nothing was changed" in b" ".join(refused.content.split())
        assert answer(BEN).content == b"computed"
    assert answer(ADA).content == b"computed"
