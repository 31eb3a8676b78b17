"""Each request of a signed-in person runs in that person's scope; anonymous ones have none.

The scope is a transaction. It is rolled back when the view raises (whatever it raises: a 404 as well) and
when the response is a 5xx; a view's error page is rendered after that rollback, still in scope, so that it
may read. Session and messages are written outside of it, by middleware further out.

A streaming response is iterated after the middleware has returned: its iterator is wrapped so that the scope
is opened again for the whole iteration, and closed with the response. A stream that lasts (live progress)
would hold that transaction open for as long; let it set `response.opens_own_scope = True` and open a scope
for each step. Asynchronous iterators are refused, since a database transaction cannot be kept across them.

Place it after AuthenticationMiddleware. Needs synchronous workers (WSGI), as Django's transactions do.
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack
from contextvars import Context, copy_context
from types import TracebackType

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse

from tenants.models import Person
from tenants.scope import person_scope

_GUARD = "_surety_guard"


class ScopeMiddleware:
    """Opens `person_scope` for a request; see the module."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, Person):  # the lazy object answers as what it stands for
            return self.get_response(request)
        with person_scope(person):
            guard = _Guard()
            setattr(request, _GUARD, guard)
            try:
                response = self.get_response(request)
            except BaseException as error:
                guard.fail(error)
                raise
            guard.finish(failed=response.status_code >= 500)
        if isinstance(response, StreamingHttpResponse) and not getattr(response, "opens_own_scope", False):
            chunks = response.streaming_content
            if isinstance(chunks, AsyncIterator):
                raise TypeError("A scoped response streams from a synchronous iterator.")
            response.streaming_content = ScopedStream(person, iter(chunks))
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        guard: _Guard | None = getattr(request, _GUARD, None)
        if guard is not None:
            guard.fail(exception)


class _Guard:
    """A savepoint around the view, which process_exception can end before the error page is rendered."""

    def __init__(self) -> None:
        self._atomic: transaction.Atomic | None = transaction.atomic()
        self._atomic.__enter__()

    def fail(self, error: BaseException) -> None:
        self._end(type(error), error, error.__traceback__)

    def finish(self, *, failed: bool) -> None:
        if failed and self._atomic is not None:
            transaction.set_rollback(True)
        self._end(None, None, None)

    def _end(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        atomic, self._atomic = self._atomic, None
        if atomic is not None:
            atomic.__exit__(kind, error, traceback)


class ScopedStream(Iterator[bytes]):
    """Iterates in the person's scope, which is opened at the first chunk and ends with the last or `close()`.

    The steps run in a context of their own, so that the scope does not leak into what the server does between
    two chunks.
    """

    def __init__(self, person: Person, chunks: Iterator[bytes]) -> None:
        self._person = person
        self._chunks = chunks
        self._context: Context | None = None
        self._stack = ExitStack()

    def __iter__(self) -> "ScopedStream":
        return self

    def __next__(self) -> bytes:
        if self._context is None:
            self._context = copy_context()
            self._context.run(self._stack.enter_context, person_scope(self._person))
        try:
            return self._context.run(next, self._chunks)
        except StopIteration:
            self.close()
            raise
        except BaseException as error:
            self._context.run(self._stack.__exit__, type(error), error, error.__traceback__)
            raise

    def close(self) -> None:
        """End the scope; called by the response's own close() as well."""
        closer = getattr(self._chunks, "close", None)
        context = self._context or copy_context()
        if closer is not None:
            context.run(closer)
        context.run(self._stack.close)
