"""Container registries, and the expected verdicts of assessments/controls/container_registry."""

from __future__ import annotations

from sandbox.generate.endpoints import connections
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

KIND = "Microsoft.ContainerRegistry/registries"
CONTROLS = ("registry-pna", "registry-pe", "registry-admin", "registry-anonymous-pull", "registry-cmk")


def write(sub: Subscription) -> None:
    """Write a container registry into most subscriptions."""
    rng = sub.rng
    if not rng.chance(0.8):
        return
    group, region, tags = sub.group()
    name = f"acr{rng.letters(8)}"
    resource = sub.id_of(group, KIND, name)
    is_small, is_public, is_anonymous = rng.often_faulty(), rng.often_faulty(), rng.faulty()
    has_admin, without_endpoint = rng.faulty(), rng.often_faulty()
    sku = rng.pick(("Basic", "Standard")) if is_small else "Premium"
    is_public = is_public or is_small
    properties: Json = {
        "provisioningState": "Succeeded",
        "loginServer": f"{name}.azurecr.io",
        "adminUserEnabled": has_admin,
        "anonymousPullEnabled": is_anonymous and sku != "Basic",
        "publicNetworkAccess": "Enabled" if is_public else "Disabled",
        "networkRuleSet": {"defaultAction": "Allow", "ipRules": []},
        "encryption": {"status": "disabled"},
        "privateEndpointConnections": []
        if is_small
        else connections(rng, resource, KIND, is_missing=without_endpoint),
    }
    sub.expect_failure_if("registry-pna", resource, is_public)
    sub.expect_failure_if("registry-pe", resource, is_small or without_endpoint)
    sub.expect_failure_if("registry-admin", resource, has_admin)
    if sku == "Basic":
        sub.expect("registry-anonymous-pull", resource, "not_applicable")
    else:
        sub.expect_failure_if("registry-anonymous-pull", resource, is_anonymous)
    sub.expect("registry-cmk", resource, "not_applicable")
    sub.write(group, KIND, name, properties, location=region, tags=tags, sku={"name": sku, "tier": sku})
