"""The pipeline policies of every request. They permit only reading, from one host. They limit retries and count
requests.

azure-core 1.41 alone is not safe enough. Its RetryPolicy sleeps as long as Retry-After says (measured: three waits of
3,600 s). Without `ReadOnly`, the token would be sent to any host that a nextLink names. The policy
ARMAutoResourceProviderRegistrationPolicy of the mgmt clients answers a 409 with a POST that registers the provider, so
Surety does not use that policy.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import urlsplit

from azure.core.credentials import AccessToken
from azure.core.exceptions import DecodeError
from azure.core.pipeline import PipelineRequest, PipelineResponse, policies
from azure.mgmt.core.policies import ARMChallengeAuthenticationPolicy

from assessments.collect.errors import BadAnswer, ForeignHost, SlowAnswer, WriteBlocked
from assessments.collect.http.api_versions import version_of
from assessments.collect.http.bounded_answers import MAX_READING_SECONDS, MAX_TOTAL_BYTES, last_size
from assessments.collect.http.waiting import WaitBudget, reset_after
from assessments.collect.http.wire import MAX_REQUEST_ID, clean, refuse_deep_nesting
from assessments.collect.http.within_subscription import WithinSubscription

USER_AGENT = "surety/1.0"
RETRY_AFTER_CAP = 60.0


@dataclass(frozen=True, slots=True)
class Patience:
    """The limits of retries. Times are in seconds.

    A Retry-After longer than `cap` ends the retries, unless a `WaitBudget` allows the wait. The first
    `throttle_retries` retries after status 429 do not count as `retries`.
    """

    retries: int = 4
    throttle_retries: int = 10
    backoff: float = 0.8
    backoff_max: float = 20.0
    cap: float = RETRY_AFTER_CAP


@dataclass(slots=True)
class Tally:
    """Counts of one run: `requests` sent (retries count too), answers with status 429, and bytes of all answers.

    `waits` is the budget for waits that exceed `Patience.cap`. If `waits` is None, no such wait is permitted.
    """

    requests: int = 0
    throttled: int = 0
    waits: WaitBudget | None = None
    size: int = 0
    started: float = field(default_factory=time.monotonic, repr=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def note(self, status: int | None, size: int = 0) -> None:
        """Count one request. `status` is None if no answer came. `size` is the number of bytes of the answer."""
        with self._lock:
            self.requests += 1
            self.throttled += status == 429
            self.size += size

    def require_room(self) -> None:
        """Raise BadAnswer if the total size of all answers so far is too large, and SlowAnswer if the run has taken too
        long.
        """
        if time.monotonic() - self.started > MAX_READING_SECONDS:
            hours = MAX_READING_SECONDS // 3600
            raise SlowAnswer(f"The reading took more than {hours} hours, so no more answers were requested")
        if self.size > MAX_TOTAL_BYTES:
            raise BadAnswer(
                f"All answers together have more than {MAX_TOTAL_BYTES // 2**20} MiB, so no more were requested",
                None,
            )


_current = threading.local()


@contextmanager
def counted(tally: Tally) -> Iterator[None]:
    """Count the requests of this thread in `tally`. No other thread sends requests for the caller, because azure-core's
    synchronous pipeline sends requests in the thread of the caller.
    """
    before = getattr(_current, "tally", None)
    _current.tally = tally
    try:
        yield
    finally:
        _current.tally = before


def last_request_id() -> str:
    """Return Azure's request id of the last answer that this thread received, or an empty string."""
    return str(getattr(_current, "request_id", ""))


def last_api_version() -> str:
    """Return the api-version of this thread's last answered request, or an empty string for Graph."""
    return str(getattr(_current, "api_version", ""))


class Counter(policies.SansIOHTTPPolicy[Any, Any]):
    """Counts the requests that are sent. This is the innermost policy, so retries are counted too. The policy refuses
    further requests if all answers of the run together are too large, or if the run takes too long
    (`Tally.require_room`).
    """

    def on_request(self, request: PipelineRequest[Any]) -> None:
        tally = getattr(_current, "tally", None)
        if tally is not None:
            tally.require_room()

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        self._note(response.http_response.status_code, last_size())
        headers = response.http_response.headers
        request_id = str(headers.get("x-ms-request-id") or headers.get("request-id") or "")
        _current.request_id = str(clean(request_id))[:MAX_REQUEST_ID]
        _current.api_version = version_of(request.http_request.url)

    def on_exception(self, request: PipelineRequest[Any]) -> None:
        self._note(None)

    @staticmethod
    def _note(status: int | None, size: int = 0) -> None:
        tally = getattr(_current, "tally", None)
        if tally is not None:
            tally.note(status, size)


class ReadOnly(policies.SansIOHTTPPolicy[Any, Any]):
    """Permits only requests to the host of `address`: GET, HEAD, and POST to paths that end with one of `posts`.

    This policy runs after the retry policy, so it also checks repeated requests. It runs before the policy that
    attaches the token, so a refused request never gets the token.
    """

    def __init__(self, address: str, posts: tuple[str, ...] = ()) -> None:
        self._host = _host(address)
        self._posts = posts

    def on_request(self, request: PipelineRequest[Any]) -> None:
        url = request.http_request.url
        if _host(url) != self._host:
            raise ForeignHost(urlsplit(url).hostname or "")
        path = urlsplit(url).path
        method = request.http_request.method.upper()
        if method in ("GET", "HEAD") or (method == "POST" and path.endswith(self._posts) and self._posts):
            return
        raise WriteBlocked(method, path)


def _host(url: str) -> tuple[str, str, int | None]:
    parts = urlsplit(url)
    try:
        port = parts.port
    except ValueError:
        return ("", url, None)
    if "@" in parts.netloc:
        return ("", url, None)
    return (parts.scheme.casefold(), (parts.hostname or "").casefold(), port or 443)


def _waits() -> WaitBudget | None:
    tally = getattr(_current, "tally", None)
    return tally.waits if tally is not None else None


class CappedRetry(policies.RetryPolicy[Any, Any]):
    """azure-core's retry policy with three differences in handling Retry-After.

    - A wait above `Patience.cap` is subtracted from the run's `WaitBudget`. If the budget does not suffice, there is no
      retry, and the caller gets the answer. There is also no retry if the shorter waits of one request add up to more
      than twice the cap.
    - The first `Patience.throttle_retries` retries after status 429 do not count as retries of errors: this status only
      means that all threads together have sent more reads per second than the 25 that ARM permits.
    - A run that was cancelled does not wait.
    """

    def __init__(self, patience: Patience) -> None:
        super().__init__(
            retry_total=patience.retries,
            retry_connect=min(patience.retries, 2),
            retry_read=min(patience.retries, 3),
            retry_status=patience.retries,
            retry_backoff_factor=patience.backoff,
            retry_backoff_max=patience.backoff_max,
        )
        self._patience = patience

    def is_retry(self, settings: dict[str, Any], response: PipelineResponse[Any, Any]) -> bool:
        wait = self.get_retry_after(response)
        cap = self._patience.cap
        if not super().is_retry(settings, response):
            return False
        if wait is not None and wait > cap:
            budget = _waits()
            return budget is not None and budget.take(wait)
        return wait is None or settings.get("waited", 0) + wait <= 2 * cap

    def get_retry_after(self, response: PipelineResponse[Any, Any]) -> float | None:
        """Return the seconds to wait, or None if the answer states none."""
        wait = super().get_retry_after(response)
        return wait if wait is not None else reset_after(response.http_response)

    def _sleep_for_retry(self, response: PipelineResponse[Any, Any], transport: Any) -> bool:
        wait = self.get_retry_after(response)
        if not wait:
            return False
        budget = _waits()
        (budget.sleep if budget is not None else transport.sleep)(wait)
        return True

    def increment(self, settings: dict[str, Any], response: Any = None, error: Any = None) -> bool:
        if isinstance(response, PipelineResponse) and response.http_response.status_code == 429:
            wait = self.get_retry_after(response)
            if wait is not None and settings.get("throttled", 0) < self._patience.throttle_retries:
                settings["throttled"] = settings.get("throttled", 0) + 1
                if wait <= self._patience.cap:
                    settings["waited"] = settings.get("waited", 0) + wait
                settings["total"] += 1
                settings["status"] += 1
        return bool(super().increment(settings, response=response, error=error))


class ResourceGraphQuota(policies.SansIOHTTPPolicy[Any, Any]):
    """Waits before a query of Azure Resource Graph if the previous answer said that the quota is used up.

    Queries that Azure refuses also use up the quota. `path` is the path of the queries. Source:
    https://learn.microsoft.com/azure/governance/resource-graph/concepts/guidance-for-throttled-requests
    """

    def __init__(self, path: str, patience: Patience, sleep: Callable[[float], None] = time.sleep) -> None:
        self._path, self._cap, self._sleep = path.casefold(), patience.cap, sleep
        self._lock = threading.Lock()
        self._not_before = 0.0

    def on_request(self, request: PipelineRequest[Any]) -> None:
        if not self._is_query(request):
            return
        with self._lock:
            wait = min(self._not_before - time.monotonic(), self._cap)
        if wait > 0:
            budget = _waits()
            (budget.sleep if budget is not None else self._sleep)(wait)

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        if not self._is_query(request):
            return
        wait = reset_after(response.http_response)
        if wait is not None:
            with self._lock:
                self._not_before = max(self._not_before, time.monotonic() + wait)

    def _is_query(self, request: PipelineRequest[Any]) -> bool:
        path = str(urlsplit(request.http_request.url).path)
        return path.casefold() == self._path


class Decode(policies.ContentDecodePolicy):
    """Parses answers with status 200. This policy comes after the retry policy, so that a broken body is requested
    again. The bodies of other answers are parsed later, when gaps are made from them.
    """

    def on_response(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> None:
        if response.http_response.status_code != 200:
            return
        try:
            super().on_response(request, response)
            refuse_deep_nesting(response.context.get(self.CONTEXT_NAME))
        except (UnicodeDecodeError, RecursionError) as error:
            raise DecodeError(
                f"The body is malformed ({type(error).__name__})", response=response.http_response
            ) from error


class ForgetfulCredential(Protocol):
    """A token credential that can remove a rejected token from its cache."""

    def get_token(self, *scopes: str, **options: Any) -> AccessToken: ...
    def forget(self, token: str) -> None: ...


class Authenticate(ARMChallengeAuthenticationPolicy):
    """Attaches the token. A token that is rejected before it expires is renewed once per request."""

    def __init__(self, credential: ForgetfulCredential, scope: str) -> None:
        super().__init__(credential, scope)
        self._forgetful = credential

    def on_challenge(self, request: PipelineRequest[Any], response: PipelineResponse[Any, Any]) -> bool:
        if super().on_challenge(request, response):
            return True
        refused = request.http_request.headers.get("Authorization", "").removeprefix("Bearer ")
        self._forgetful.forget(refused)
        self.authorize_request(request, *self._scopes)
        return True


def reading_policies(
    address: str,
    authenticate: policies.HTTPPolicy[Any, Any],
    patience: Patience,
    posts: tuple[str, ...] = (),
    queries: str = "",
    subscription_id: str = "",
) -> list[Any]:
    """Return the policies of a pipeline that reads from `address`, outermost first.

    POST is permitted at paths that end with one of `posts`, because these requests only read. `queries` is the path to
    which queries of Azure Resource Graph are sent. If `subscription_id` is given, only this subscription may be read.
    """
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(USER_AGENT),
        policies.ProxyPolicy(),
        policies.RedirectPolicy(permit_redirects=False),
        CappedRetry(patience),
        ReadOnly(address, posts),
        *([WithinSubscription(subscription_id, queries)] if subscription_id else []),
        *([ResourceGraphQuota(queries, patience)] if queries else []),
        authenticate,
        policies.CustomHookPolicy(),
        Decode(),
        Counter(),
    ]


def login_policies(address: str, patience: Patience) -> list[Any]:
    """Return the policies of MSAL's sign-in pipeline, which may POST only to the token endpoint."""
    return [
        policies.RequestIdPolicy(),
        policies.HeadersPolicy(),
        policies.UserAgentPolicy(USER_AGENT),
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        policies.RedirectPolicy(permit_redirects=False),
        CappedRetry(patience),
        ReadOnly(address, posts=("/oauth2/v2.0/token", "/oauth2/token")),
        Counter(),
    ]
