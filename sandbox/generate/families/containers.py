"""Container apps and container groups, and the expected verdicts of assessments/controls/containerapp and aci."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_APPS, _GROUPS = "Microsoft.App/containerApps", "Microsoft.ContainerInstance/containerGroups"
CONTROLS = ("containerapp-https", "containerapp-identity", "aci-public-ip")


def write(sub: Subscription) -> None:
    """Write an app and a container group into half of the subscriptions each."""
    if sub.rng.chance(0.5):
        _app(sub)
    if sub.rng.chance(0.5):
        _group(sub)


def _app(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"ca-{rng.letters(6)}"
    resource = sub.id_of(group, _APPS, name)
    insecure, without_identity, has_ingress = rng.faulty(), rng.often_faulty(), rng.chance(0.8)
    ingress: Json | None = {
        "external": True,
        "targetPort": 8080,
        "transport": "Auto",
        "allowInsecure": insecure,
    }
    properties: Json = {
        "provisioningState": "Succeeded",
        "configuration": {"ingress": ingress if has_ingress else None},
    }
    if has_ingress:
        sub.expect_failure_if("containerapp-https", resource, insecure)
    else:
        sub.expect("containerapp-https", resource, "not_applicable")
    sub.expect_failure_if("containerapp-identity", resource, without_identity)
    identity = {"type": "None"} if without_identity else {"type": "SystemAssigned", "principalId": rng.guid()}
    sub.write(group, _APPS, name, properties, location=region, tags=tags, identity=identity)


def _group(sub: Subscription) -> None:
    rng = sub.rng
    group, region, tags = sub.group()
    name = f"ci-{rng.letters(6)}"
    is_public = rng.often_faulty()
    properties: Json = {
        "provisioningState": "Succeeded",
        "osType": "Linux",
        "containers": [{"name": name, "properties": {"image": "nginx"}}],
        "ipAddress": {
            "type": "Public" if is_public else "Private",
            "ports": [{"port": 443, "protocol": "TCP"}],
        },
    }
    sub.expect_failure_if("aci-public-ip", sub.id_of(group, _GROUPS, name), is_public)
    sub.write(group, _GROUPS, name, properties, location=region, tags=tags)
