"""Requests of people have a scope and a transaction, which errors roll back. Responses can be streamed."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, connection, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from tenants.errors import NoScope
from tenants.middleware import ScopeMiddleware
from tenants.models import Directory, Person
from tenants.roles import Role
from tenants.scope import current, current_or_none, tenant_scope
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)

type View = Callable[[HttpRequest], HttpResponseBase]


def answer(view: View, person: Person | None) -> HttpResponseBase:
    """Call the view through the middleware, and handle exceptions as Django does."""
    request = RequestFactory().get("/")
    request.user = person or AnonymousUser()

    def inner(request: HttpRequest) -> HttpResponseBase:
        try:
            return view(request)
        except (Http404, ValueError, IntegrityError) as error:
            middleware.process_exception(request, error)
            # The error page queries the database, so the transaction must be usable again.
            names = (
                [] if current_or_none() is None else list(Directory.objects.values_list("name", flat=True))
            )
            return HttpResponse(",".join(names), status=404 if isinstance(error, Http404) else 500)

    middleware = ScopeMiddleware(inner)
    return middleware(request)


@pytest.fixture
def directory() -> Directory:
    return factories.directory()


@pytest.fixture
def person(directory: Directory) -> Person:
    return factories.member(Role.TENANT_ADMINISTRATOR, directory.tenant)


def in_transaction() -> bool:
    return bool(connection.in_atomic_block)


def name_of(directory: Directory) -> str:
    with tenant_scope(directory.tenant_id):
        return Directory.objects.get(pk=directory.pk).name


def rename(_: HttpRequest) -> HttpResponse:
    Directory.objects.update(name="changed")
    return HttpResponse(current().person)


def test_request_runs_in_the_scope_of_the_person_and_is_committed(
    directory: Directory, person: Person
) -> None:
    response = answer(rename, person)
    assert isinstance(response, HttpResponse)
    assert response.content.decode() == str(person)
    assert name_of(directory) == "changed"
    assert current_or_none() is None
    assert not in_transaction()


def test_anonymous_request_has_no_scope() -> None:
    with pytest.raises(NoScope):
        answer(rename, None)


@pytest.mark.parametrize(("error", "status"), [(Http404, 404), (ValueError, 500)])
def test_failed_view_is_rolled_back(
    error: type[Exception], status: int, directory: Directory, person: Person
) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        rename(request)
        raise error

    response = answer(view, person)
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.content) == (status, b"Directory")
    assert name_of(directory) == "Directory"


@pytest.mark.parametrize("inner", [True, False])
def test_error_page_can_read_after_a_database_error(
    inner: bool, directory: Directory, person: Person
) -> None:
    def view(_: HttpRequest) -> HttpResponse:
        if inner:
            with transaction.atomic(savepoint=False):
                Directory.objects.create(tenant=directory.tenant, directory_id=directory.directory_id)
        Directory.objects.create(tenant=directory.tenant, directory_id=directory.directory_id)
        return HttpResponse()

    response = answer(view, person)
    assert isinstance(response, HttpResponse)
    assert (response.status_code, response.content) == (500, b"Directory")


def test_5xx_response_is_rolled_back(directory: Directory, person: Person) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        rename(request)
        return HttpResponse(status=503)

    assert answer(view, person).status_code == 503
    assert name_of(directory) == "Directory"


def test_4xx_response_is_committed(directory: Directory, person: Person) -> None:
    def view(request: HttpRequest) -> HttpResponse:
        rename(request)
        return HttpResponse(status=409)

    answer(view, person)
    assert name_of(directory) == "changed"


def test_on_commit_callbacks_follow_the_transaction(person: Person) -> None:
    called: list[str] = []

    def view(outcome: str, status: int) -> View:
        def inner(_: HttpRequest) -> HttpResponse:
            transaction.on_commit(lambda: called.append(outcome))
            assert called == []
            if status == 404:
                raise Http404
            return HttpResponse(status=status)

        return inner

    answer(view("failed", 500), person)
    answer(view("missing", 404), person)
    assert called == []
    answer(view("done", 200), person)
    assert called == ["done"]


def stream(chunks: Iterator[Any]) -> View:
    return lambda _: StreamingHttpResponse(chunks)


def names() -> Iterator[bytes]:
    for directory in Directory.objects.all():
        yield directory.name.encode()
        assert current().person is not None
    yield b"end"


def test_stream_has_a_scope_only_while_producing_chunks(person: Person) -> None:
    response = answer(stream(names()), person)
    assert isinstance(response, StreamingHttpResponse)
    chunks = iter(response)
    assert next(chunks) == b"Directory"
    assert current_or_none() is None
    assert in_transaction()
    assert list(chunks) == [b"end"]
    assert not in_transaction()
    response.close()


def test_interrupted_stream_ends_its_scope(person: Person) -> None:
    response = answer(stream(names()), person)
    assert isinstance(response, StreamingHttpResponse)
    next(iter(response))
    response.close()
    assert current_or_none() is None
    assert not in_transaction()


def test_unread_stream_is_closed(person: Person) -> None:
    response = answer(stream(names()), person)
    response.close()
    assert not in_transaction()


def test_failing_stream_is_rolled_back(directory: Directory, person: Person) -> None:
    def failing() -> Iterator[bytes]:
        Directory.objects.update(name="changed")
        yield b"x"
        raise ZeroDivisionError

    response = answer(stream(failing()), person)
    assert isinstance(response, StreamingHttpResponse)
    chunks = iter(response)
    next(chunks)
    with pytest.raises(ZeroDivisionError):
        next(chunks)
    response.close()
    assert not in_transaction()
    assert name_of(directory) == "Directory"


def test_stream_can_open_its_own_scope(person: Person) -> None:
    def view(_: HttpRequest) -> StreamingHttpResponse:
        response = StreamingHttpResponse(iter([b"x"]))
        response.opens_own_scope = True  # type: ignore[attr-defined]
        return response

    response = answer(view, person)
    assert isinstance(response, StreamingHttpResponse)
    assert list(response) == [b"x"]


def test_asynchronous_stream_is_refused(person: Person) -> None:
    async def chunks() -> Any:
        yield b"x"

    with pytest.raises(TypeError, match="synchronous"):
        answer(lambda _: StreamingHttpResponse(chunks()), person)
