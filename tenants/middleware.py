"""Run each request of a signed-in person in that person's scope. Anonymous requests have no scope.

The scope is a transaction. If the view raises an exception (even for a 404) or returns a status of 500 or above, all
writes of the view are rolled back. An error page is rendered after the rollback, still in the scope. Session and
messages are not rolled back, because outer middleware writes them.

The server iterates a streaming response later, so its iterator opens the scope again for the whole iteration. A long
stream, such as live progress, should set `response.opens_own_scope = True`, and open a scope for each step.
Asynchronous iterators are refused, because a transaction cannot span them.

Place this middleware after AuthenticationMiddleware. Like Django's transactions, it needs synchronous workers (WSGI).
"""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from contextvars import Context, copy_context
from datetime import timedelta
from types import TracebackType
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.utils import timezone

from tenants.auditors.review_addresses import offers_reviews
from tenants.isolation.local_settings import stay_idle
from tenants.models import Person
from tenants.scope import ScopeLimit, leave_out_reviews, person_scope
from tenants.values.time_display import showing

_GUARD = "_surety_guard"
# The name of an attribute of requests. The attribute is False if the request's scope leaves out customers with a review
# period.
_REVIEWS = "_surety_reviews"
# The name of an attribute of requests. If a program acts as the person, the attribute contains the ScopeLimit.
SCOPE_LIMIT = "surety_scope_limit"
SEEN_AGAIN_AFTER = timedelta(minutes=5)


class ScopeMiddleware:
    """Open `person_scope` for each request of a signed-in person, as the docstring of this module describes."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        person = request.user
        if not isinstance(person, Person):
            return self.get_response(request)
        limit = getattr(request, SCOPE_LIMIT, None)
        with person_scope(person, limit), showing(person):
            guard = _Guard()
            setattr(request, _GUARD, guard)
            try:
                response = self.get_response(request)
            except BaseException as error:
                guard.fail(error)
                raise
            guard.finish(failed=response.status_code >= 500)
        _note_seen(person)
        if isinstance(response, StreamingHttpResponse) and not getattr(response, "opens_own_scope", False):
            chunks = response.streaming_content
            if isinstance(chunks, AsyncIterator):
                raise TypeError(
                    "This response is streamed and needs a scope. Stream it from a synchronous iterator, or set"
                    " opens_own_scope on the response."
                )
            reviews = getattr(request, _REVIEWS, True)
            response.streaming_content = ScopedStream(_reopened(person, limit, reviews=reviews), iter(chunks))
        return response

    def process_view(self, request: HttpRequest, *_view: Any) -> None:
        """Leave out the customers in which the person has a review period, unless the request shows the records of the
        period.

        Only the request's URL pattern and method decide whether these customers are left out. Sign-in policies
        still count the person's roles in these customers, because `Scope.roles_held` keeps these roles.
        """
        match = request.resolver_match
        address = match.url_name if match else None
        if isinstance(request.user, Person) and not offers_reviews(address, request.method):
            setattr(request, _REVIEWS, False)
            leave_out_reviews()

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        guard: _Guard | None = getattr(request, _GUARD, None)
        if guard is not None:
            guard.fail(exception)


@contextmanager
def _reopened(person: Person, limit: ScopeLimit | None, *, reviews: bool) -> Iterator[None]:
    with person_scope(person, limit):
        if not reviews:
            leave_out_reviews()
        stay_idle()
        yield


def _note_seen(person: Person) -> None:
    """Store when the person was last seen, at most every few minutes and outside of the request's transaction."""
    now = timezone.now()
    if person.last_seen_at is None or person.last_seen_at < now - SEEN_AGAIN_AFTER:
        Person.objects.filter(pk=person.pk).update(last_seen_at=now)


class _Guard:
    """A savepoint around the view. `process_exception` undoes the view's writes before the error page is rendered."""

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
    """Iterate in the person's scope, which is open from the first chunk until the last chunk or `close()`.

    All steps run in one separate context, so that the scope does not leak into the server's code between two chunks.
    """

    def __init__(self, opened: AbstractContextManager[None], chunks: Iterator[bytes]) -> None:
        self._opened = opened
        self._chunks = chunks
        self._context: Context | None = None
        self._stack = ExitStack()

    def __iter__(self) -> "ScopedStream":
        return self

    def __next__(self) -> bytes:
        if self._context is None:
            self._context = copy_context()
            self._context.run(self._stack.enter_context, self._opened)
        try:
            return self._context.run(next, self._chunks)
        except StopIteration:
            self.close()
            raise
        except BaseException as error:
            self._context.run(self._stack.__exit__, type(error), error, error.__traceback__)
            raise

    def close(self) -> None:
        """End the scope. A response calls this method when the response is closed, even if not all chunks were read."""
        closer = getattr(self._chunks, "close", None)
        context = self._context or copy_context()
        if closer is not None:
            context.run(closer)
        context.run(self._stack.close)
