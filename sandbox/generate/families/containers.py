"""Container apps and container groups, and the expected verdicts of assessments/controls/containerapp and aci."""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_APPS, _GROUPS = "Microsoft.App/containerApps", "Microsoft.ContainerInstance/containerGroups"
_ENVIRONMENTS = "Microsoft.App/managedEnvironments"
CONTROLS = ("containerapp-env-pna", "containerapp-https", "containerapp-identity", "aci-public-ip")
_OFFICE = [{"name": "office", "action": "Allow", "ipAddressRange": "203.0.113.0/24"}]


def write(sub: Subscription) -> None:
    """Write a container app into half of the subscriptions. Write a container group into half of the subscriptions,
    independently of the container apps.
    """
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
    ingress: Json = {
        "external": True,
        "targetPort": 8080,
        "transport": "Auto",
        "allowInsecure": insecure,
    }
    environment, rules = _environment(sub, name, has_ingress=has_ingress)
    if rules:
        ingress["ipSecurityRestrictions"] = rules
    properties: Json = {
        "provisioningState": "Succeeded",
        "environmentId": environment,
        "managedEnvironmentId": environment,
        "configuration": {"ingress": ingress if has_ingress else None},
    }
    if has_ingress:
        sub.expect_failure_if("containerapp-https", resource, insecure)
    else:
        sub.expect("containerapp-https", resource, "not_applicable")
    sub.expect_failure_if("containerapp-identity", resource, without_identity)
    identity = {"type": "None"} if without_identity else {"type": "SystemAssigned", "principalId": rng.guid()}
    sub.write(group, _APPS, name, properties, location=region, tags=tags, identity=identity)


def _environment(sub: Subscription, app: str, *, has_ingress: bool) -> tuple[str, list[Json]]:
    """Write the environment of a container app. Return the id of the environment, and the rules of the app for incoming
    traffic.
    """
    with sub.branch(f"environment/{app}"):
        rng = sub.rng
        group, region, tags = sub.group()
        name = f"cae-{rng.letters(6)}"
        is_public = rng.faulty()
        form = "public" if is_public else rng.pick(("off", "internal", "rules"))
        properties: Json = {
            "provisioningState": "Succeeded",
            "staticIp": f"20.50.{rng.randrange(256)}.{rng.randrange(256)}",
            "zoneRedundant": False,
            "publicNetworkAccess": "Disabled" if form == "off" else "Enabled",
        }
        if form == "internal":
            subnet = f"{sub.id}/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/vnet-apps"
            properties["vnetConfiguration"] = {
                "internal": True,
                "infrastructureSubnetId": f"{subnet}/subnets/apps",
            }
        environment = sub.id_of(group, _ENVIRONMENTS, name)
        # If the app has no ingress, nobody can reach the app, even in a public environment.
        sub.expect_failure_if("containerapp-env-pna", environment, is_public and has_ingress)
        sub.write(group, _ENVIRONMENTS, name, properties, location=region, tags=tags)
        return environment, _OFFICE if form == "rules" else []


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
