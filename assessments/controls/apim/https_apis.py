"""The control apim-https-apis: APIs of API Management accept only encrypted connections.

Properties: azure-mgmt-apimanagement 5.0.0 (ApiContract)
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

from assessments.controls.apim._variables import API, APIM, LEARN, NONE, PORTAL
from assessments.controls.context import Context
from assessments.controls.declare import judge, judgements
from assessments.controls.references import References
from assessments.controls.verdict import Judgement, Severity, Verdict, failed, not_applicable, passed
from assessments.estate.collections.apim import APIM_APIS, APIM_SERVICES
from assessments.estate.view import View
from assessments.fixes.declare import Fix, command

_PROTOCOLS: Final = frozenset({"http", "https", "ws", "wss"})
_CLEAR: Final = frozenset({"http", "ws"})


def _api(api: View, ctx: Context) -> Verdict:
    protocols = api.object("properties").choices("protocols", _PROTOCOLS, default=["https"])
    if not protocols:
        raise api.unreadable("properties.protocols", "empty")
    if _CLEAR & set(protocols):
        return failed("The API accepts connections without encryption", protocols=sorted(protocols))
    return passed("The API accepts only encrypted connections", protocols=sorted(protocols))


def _is_current(api: View) -> bool:
    """Return whether the document is the current revision of an API. Older revisions cannot be changed."""
    return api.raw("properties.isCurrent") is not False


def _bound(api: View, ctx: Context) -> Verdict:
    bound = api.bound(ctx.trace)
    if not bound.id:
        raise bound.unreadable("id", "absent")
    return _api(bound, ctx)


def _without_apis(service: View, ctx: Context) -> Verdict:
    """Return the verdict “not applicable” for a service without APIs. Raise CollectionUnavailable if some of its APIs
    could not be read.
    """
    # Read the service and its empty list of APIs, so that both are evidence.
    service.bound(ctx.trace).raw("id")
    ctx.documents_at(APIM_APIS, service.id)
    return not_applicable("The service has no APIs")


@judgements(
    needs=(APIM_SERVICES, APIM_APIS),
    subject_type="Microsoft.ApiManagement/service/apis",
    empty_reason=NONE,
    severity=Severity.MEDIUM,
    references=References(mcsb="DP-3", nist="SC-8*"),
    fix=Fix(
        command(
            # `az apim api update` of azure-cli 2.91.0 sends back all that it reads. It sends both `oAuth2` and
            # `oAuth2AuthenticationSettings`, which Azure refuses: https://github.com/Azure/azure-cli/issues/26895
            "az rest --method patch --url {id} --url-parameters api-version=2024-05-01 --headers 'If-Match=*'"
            " --body {body}",
            "For a WebSocket API, write wss in place of https.",
            bodies={"body": {"properties": {"protocols": ["https"]}}},
        ),
        portal=f"{PORTAL} APIs › {{api}} › Settings › URL scheme: HTTPS",
        portal_source=f"{LEARN}/import-and-publish",
        effects="Clients that still use HTTP can no longer connect.",
        variables=[APIM, API],
    ),
)
def https_apis(ctx: Context) -> Iterator[Judgement]:
    """APIs of API Management accept only encrypted connections.

    Problem: API of API Management accepts HTTP
    Expected: The API accepts only HTTPS or WSS
    Judged: `protocols` of the current revision of each API. `http` and `ws` fail. If the property is absent, the API
    accepts only HTTPS. A service without APIs is not applicable. APIs of workspaces are not read.
    Why: Without encryption, anyone on the network path can read subscription keys and change the data.
    """
    services, _ = ctx.partial(APIM_SERVICES)
    for service in services:
        documents, gap = ctx.partial_at(APIM_APIS, service.id)
        current = [api for api in documents if _is_current(api)]
        for api in current:
            yield judge(ctx, api.id or service.id, partial(_bound, api, ctx))
        if gap is not None or not current:
            yield judge(ctx, service.id, partial(_without_apis, service, ctx))
    ctx.require_complete(APIM_SERVICES)
