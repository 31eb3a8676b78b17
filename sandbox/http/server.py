"""Run the HTTP server of the sandbox. It passes requests to the services Entra, ARM and Graph.

If the estate file has a scripted answer for a request, the server sends this answer. Otherwise, it first decides
whether to answer with a fault, and with which (`sandbox.http.faults`). Before ARM or Graph answers, the server also
checks the token. Before ARM answers, it checks the request limits too.
"""

import asyncio
import json
import math
import re
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web

from sandbox.arm import errors as arm_errors
from sandbox.arm import resource_graph
from sandbox.arm.service import Arm
from sandbox.entra import service as entra
from sandbox.estate import Answer, EstateError
from sandbox.graph.service import Graph, GraphError
from sandbox.http.faults import FaultError, Faults, check_fault
from sandbox.http.responses import (
    BODY_FAULTS,
    failure,
    reset,
    respond,
    respond_with_body_fault,
    scripted_reply,
)
from sandbox.http.throttle import Throttle
from sandbox.messages import AuthenticatedRequest, Reply, Request, as_json
from sandbox.paths import normalize, subscription_of
from sandbox.stores.registry import Registry

_LOGIN = re.compile(
    r"/(?P<tenant>[^/]+)/(?P<what>v2\.0/\.well-known/openid-configuration|oauth2/v2\.0/token|discovery/v2\.0/keys"
    r"|discovery/instance)",
    re.IGNORECASE,
)

_IMDS = "/metadata/identity/oauth2/token"


@dataclass(slots=True)
class Options:
    """Options of the server. If `page_size` is None, each service uses its own page size."""

    page_size: int | None = None
    latency_ms: float = 0
    seed: int = 0
    throttle: bool = True
    token_lifetime: int = 3599
    faults: dict[str, float] = field(default_factory=dict)


class Sandbox:
    """The request handler of `aiohttp.web.Server`."""

    def __init__(
        self, registry: Registry, options: Options, reload_registry: Callable[[], Registry] | None = None
    ) -> None:
        """Create the handler. `reload_registry` reads the estate files again, and raises `EstateError` if a file is
        invalid.
        """
        self._options, self._reload_registry = options, reload_registry
        self._tokens = entra.Tokens(registry, options.token_lifetime)
        self._set_registry(registry)
        self._throttle = Throttle(enabled=options.throttle)
        self._faults = Faults(options.seed, options.faults)
        self._request_counts: Counter[tuple[str, str, int]] = Counter()
        self._answer_counts: Counter[int] = Counter()

    def _set_registry(self, registry: Registry) -> None:
        self._registry = self._tokens.registry = registry
        self._arm = Arm(registry, self._options.page_size)
        self._graph = Graph(registry, self._options.page_size)

    async def __call__(self, http_request: web.BaseRequest) -> web.StreamResponse:
        path = normalize(http_request.path)
        if path.startswith("/_sandbox/"):
            return respond(await self._control(http_request, path))
        login = _LOGIN.fullmatch(path)
        request = Request(
            http_request.method,
            path,
            path.lower(),
            http_request.query,
            f"https://{http_request.host}",
            # The handler of sign-ins parses the body as a form itself.
            b"" if login else await http_request.read(),
        )
        if self._options.latency_ms:
            await asyncio.sleep(self._options.latency_ms / 1000)
        token = self._token(http_request)
        if (answer := self._scripted(request, token)) is not None:
            await asyncio.sleep(answer.delay_ms / 1000)
            reply = scripted_reply(answer)
            self._count(request, reply.status)
            return respond(reply)
        fault = self._faults.fault_for(
            f"{http_request.method} {http_request.path_qs}", login=login is not None
        )
        if fault == "reset":
            self._count(request, 0)
            return reset(http_request)
        if fault is not None and fault not in BODY_FAULTS:
            reply = failure(int(fault), request)
        elif login is not None:
            reply = await self._login(http_request, request, login)
        elif request.key == _IMDS:
            reply = self._imds(request, http_request.headers.get("Metadata", ""))
        else:
            reply = self._read(request, token)
        self._count(request, reply.status)
        if fault in BODY_FAULTS:
            return await respond_with_body_fault(http_request, reply, fault)
        return respond(reply)

    def _count(self, request: Request, status: int) -> None:
        self._request_counts[request.method, request.path, status] += 1

    def _token(self, http_request: web.BaseRequest) -> entra.Token | None:
        scheme, _, text = http_request.headers.get("Authorization", "").partition(" ")
        return self._tokens.check(text.strip()) if scheme.lower() == "bearer" else None

    def _scripted(self, request: Request, token: entra.Token | None) -> Answer | None:
        """Return the next answer that the estate file prescribes for the path. Return None if the estate file
        prescribes none.

        If `token` is given, use only answers of the token's directory. If it is None, use the answers of all
        directories.
        """
        own = self._registry.stores[token.registration.tenant_id] if token else None
        for store in [own] if own else self._registry.all_stores():
            paths = (request.key, request.key.removeprefix("/v1.0"))
            found = next((store.answers[path] for path in paths if path in store.answers), [])
            for answer in found:
                if answer.times is None:
                    return answer
                if self._answer_counts[id(answer)] < answer.times:
                    self._answer_counts[id(answer)] += 1
                    return answer
        return None

    async def _login(self, http_request: web.BaseRequest, request: Request, match: re.Match[str]) -> Reply:
        tenant, what = match["tenant"], match["what"].lower()
        try:
            if what == "discovery/instance":
                return as_json(200, entra.instance_discovery(request.origin, http_request.host))
            if what == "discovery/v2.0/keys":
                return as_json(200, {"keys": []})
            if what == "oauth2/v2.0/token":
                if http_request.method != "POST":
                    raise entra.EntraError(
                        400,
                        "invalid_request",
                        900561,
                        f"The endpoint only accepts POST requests. Received a {http_request.method} request.",
                    )
                form = {
                    name: value
                    for name, value in (await http_request.post()).items()
                    if isinstance(value, str)
                }
                return as_json(
                    200,
                    self._tokens.issue(tenant, form, f"{request.origin}{request.path}"),
                    {"Cache-Control": "no-store, no-cache"},
                )
            if tenant.lower() not in (*self._registry.registrations, "common", "organizations"):
                raise entra.EntraError(
                    400,
                    "invalid_tenant",
                    90002,
                    f"Tenant '{tenant}' not found. Check to make sure you "
                    "have the correct tenant ID and are signing into the correct cloud.",
                )
            return as_json(200, entra.openid_configuration(request.origin, tenant))
        except entra.EntraError as error:
            return as_json(error.status, error.body())

    def _imds(self, request: Request, metadata: str) -> Reply:
        """Return the answer of the instance metadata service, from which programs on an Azure machine get tokens."""
        if metadata.lower() != "true":
            return as_json(
                400,
                {"error": "invalid_request", "error_description": "Required metadata header not specified"},
            )
        try:
            issued = self._tokens.managed(
                request.query.get("resource", ""), request.query.get("client_id", "")
            )
        except entra.EntraError as error:
            return as_json(400, {"error": error.error, "error_description": str(error)})
        if issued is None:
            return as_json(400, {"error": "invalid_request", "error_description": "Identity not found"})
        return as_json(200, issued)

    def _read(self, request: Request, token: entra.Token | None) -> Reply:
        is_graph = request.key.startswith(("/v1.0/", "/beta/"))
        hosts = (entra.GRAPH_HOSTS if is_graph else entra.ARM_HOSTS) | entra.LOCAL_HOSTS
        if not is_graph and (refusal := _version_refusal(request)):
            return refusal
        if token is None or token.host not in hosts:
            return _unauthenticated(
                request,
                is_graph,
                "InvalidAuthenticationToken",
                "The access token is missing, was not issued here, or is for another audience.",
                "organizations",
            )
        token.uses += 1
        used_up = (uses := self._faults.token_uses) is not None and token.uses > uses
        if used_up or token.expires <= time.time():
            return _unauthenticated(
                request,
                is_graph,
                "ExpiredAuthenticationToken",
                "The access token has expired.",
                token.registration.tenant_id,
            )
        authenticated = AuthenticatedRequest(request, token)
        if is_graph:
            return self._graph.answer(authenticated)
        subscription = subscription_of(request.key)
        registration = token.registration
        wait, headers = self._throttle.take(
            registration.tenant_id, registration.client.client_id, subscription
        )
        if wait:
            return arm_errors.throttled(subscription, max(1, math.ceil(wait)), headers)
        if request.key == resource_graph.PATH:
            refused, quota = self._throttle.query(registration.tenant_id, registration.client.client_id)
            if refused:
                return arm_errors.queries_limited(quota)
            headers |= quota
        reply = self._arm.answer(authenticated)
        reply.headers.update(headers)
        return reply

    async def _control(self, http_request: web.BaseRequest, path: str) -> Reply:
        match http_request.method, path:
            case "GET", "/_sandbox/requests":
                return as_json(
                    200,
                    [
                        {"method": method, "path": asked, "status": status, "count": count}
                        for (method, asked, status), count in sorted(self._request_counts.items())
                    ],
                )
            case "POST", "/_sandbox/requests/reset":
                self._request_counts.clear()
                return Reply(204)
            case "GET", "/_sandbox/faults":
                return as_json(200, self._faults.faults)
            case "POST", "/_sandbox/faults":
                return await self._set_faults(http_request)
            case "POST", "/_sandbox/reload":
                return self._reload()
        return as_json(
            404,
            {
                "error": "Unknown address. Use GET /_sandbox/requests, POST /_sandbox/requests/reset, "
                "GET or POST /_sandbox/faults, or POST /_sandbox/reload."
            },
        )

    def _reload(self) -> Reply:
        """Read the estate files again and serve them. If a file is invalid, return 409 and keep the old content."""
        if self._reload_registry is None:
            return as_json(
                409,
                {"error": "The sandbox could not reload the estates, because they were not read from files."},
            )
        try:
            self._set_registry(self._reload_registry())
        except EstateError as error:
            return as_json(409, {"error": str(error)})
        return Reply(204)

    async def _set_faults(self, http_request: web.BaseRequest) -> Reply:
        try:
            body = json.loads(await http_request.text())
            if not isinstance(body, dict):
                raise FaultError("expected an object with kinds of faults and their rates")
            self._faults.set({kind: check_fault(kind, rate) for kind, rate in body.items()})
        except ValueError as error:
            return as_json(400, {"error": str(error)})
        return as_json(200, self._faults.faults)


def _version_refusal(request: Request) -> Reply | None:
    version = next((value for name, value in request.query.items() if name.lower() == "api-version"), "")
    if not version:
        return arm_errors.missing_version()
    return None if arm_errors.VERSION.fullmatch(version) else arm_errors.bad_version(version)


def _unauthenticated(request: Request, is_graph: bool, code: str, message: str, tenant: str) -> Reply:
    if is_graph:
        return GraphError(401, "InvalidAuthenticationToken", message).reply()
    return arm_errors.unauthenticated(request.origin, tenant, code, message)
