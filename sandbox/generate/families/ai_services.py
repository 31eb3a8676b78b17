"""Generate Azure AI Search services and Azure AI services accounts. The expected verdicts are those of
assessments/controls/aisearch and assessments/controls/ai.

Format: Microsoft.Search/searchServices 2025-05-01, Microsoft.CognitiveServices/accounts 2025-06-01.
"""

from __future__ import annotations

from sandbox.generate.endpoints import connections
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_SEARCH = ("aisearch-pna", "aisearch-pe", "aisearch-local-auth")
_AI = ("ai-services-pna", "ai-services-pe", "ai-services-local-auth", "ai-services-cmk")
CONTROLS = (*_SEARCH, *_AI)
_OFFICE = [{"value": "203.0.113.0/24"}]


def write(sub: Subscription) -> None:
    """In some subscriptions, write an Azure AI Search service, an Azure AI services account, or both."""
    with_search, with_account = sub.rng.chance(0.4), sub.rng.chance(0.5)
    if with_search:
        _write_search(sub)
    if with_account:
        _write_account(sub)


def _write_search(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group("search")
    kind, name = "Microsoft.Search/searchServices", f"srch-{rng.letters(6)}"
    service = sub.id_of(group, kind, name)
    is_open, without_endpoint, with_keys = rng.faulty(), rng.often_faulty(), rng.often_faulty()
    closed: tuple[Json, ...] = (
        {"publicNetworkAccess": "disabled", "networkRuleSet": {"ipRules": [], "bypass": "None"}},
        {"publicNetworkAccess": "enabled", "networkRuleSet": {"ipRules": _OFFICE, "bypass": "None"}},
    )
    properties: Json = {
        "provisioningState": "succeeded",
        "status": "running",
        "replicaCount": 1,
        "partitionCount": 1,
        "hostingMode": "default",
        "disableLocalAuth": not with_keys,
        "privateEndpointConnections": connections(
            rng.branch("endpoint"), service, kind, is_missing=without_endpoint
        ),
        **(
            {"publicNetworkAccess": "enabled", "networkRuleSet": {"ipRules": [], "bypass": "None"}}
            if is_open
            else rng.pick(closed)
        ),
    }
    sub.write(group, kind, name, properties, location=region, tags=tags, sku={"name": "standard"})
    for control, fails in zip(_SEARCH, (is_open, without_endpoint, with_keys), strict=True):
        sub.expect_failure_if(control, service, fails)


def _write_account(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group("assistant")
    kind, name = "Microsoft.CognitiveServices/accounts", f"ai-{rng.letters(6)}"
    account = sub.id_of(group, kind, name)
    if rng.chance(0.1):
        properties: Json = {"provisioningState": "Succeeded", "endpoint": "https://api.bing.microsoft.com/"}
        sub.write(group, kind, name, properties, kind="Bing.Search.v7", location="global", sku={"name": "S1"})
        for control in _AI:
            sub.expect(control, account, "not_applicable")
        return
    is_open, without_endpoint, with_keys = rng.faulty(), rng.often_faulty(), rng.often_faulty()
    closed: tuple[Json, ...] = (
        {"publicNetworkAccess": "Disabled"},
        {
            "publicNetworkAccess": "Enabled",
            "networkAcls": {"defaultAction": "Deny", "ipRules": _OFFICE, "virtualNetworkRules": []},
        },
    )
    properties = {
        "provisioningState": "Succeeded",
        "customSubDomainName": name,
        "endpoint": f"https://{name}.openai.azure.com/",
        "privateEndpointConnections": connections(
            rng.branch("endpoint"), account, kind, is_missing=without_endpoint
        ),
        **({"publicNetworkAccess": "Enabled"} if is_open else rng.pick(closed)),
    }
    if not with_keys or rng.chance(0.5):
        properties["disableLocalAuth"] = not with_keys
    sub.write(group, kind, name, properties, kind="OpenAI", location=region, tags=tags, sku={"name": "S0"})
    for control, fails in zip(_AI, (is_open, without_endpoint, with_keys), strict=False):
        sub.expect_failure_if(control, account, fails)
    # The control applies only if its parameter requires a customer-managed key. By default, the parameter requires
    # none.
    sub.expect("ai-services-cmk", account, "not_applicable")
