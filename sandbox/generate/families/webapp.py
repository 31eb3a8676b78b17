"""Apps of App Service with a deployment slot, and function apps. Expected verdicts: assessments/controls/webapp.

Format: Microsoft.Web 2025-05-01.
"""

from __future__ import annotations

from sandbox.generate.access.roles import BLOB_READER, CONTRIBUTOR, OWNER, READER
from sandbox.generate.output import Json
from sandbox.generate.random_source import RandomSource
from sandbox.generate.runtimes import ENDED, FUNCTIONS, SUPPORTED
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "webapp-https-only",
    "webapp-identity",
    "webapp-client-cert",
    "webapp-tls",
    "webapp-ftps",
    "webapp-http2",
    "webapp-remote-debug",
    "webapp-cors",
    "webapp-pna",
    "webapp-basic-auth",
    "webapp-auth",
    "webapp-identity-not-admin",
    "webapp-vnet",
    "webapp-keyvault-references",
    "webapp-runtime",
    "function-runtime",
    "function-app-insights",
)
_SITES, _SLOTS, _PLANS = "Microsoft.Web/sites", "Microsoft.Web/sites/slots", "Microsoft.Web/serverFarms"


def write(sub: Subscription) -> None:
    """In most subscriptions, write an App Service plan with a web app or a function app.

    A web app may have a deployment slot.
    """
    rng = sub.rng
    if not rng.chance(0.8):
        return
    group, region, tags = sub.group()
    plan = sub.write(
        group,
        _PLANS,
        f"asp-{tags['application']}-{rng.letters(4)}",
        {"provisioningState": "Succeeded", "reserved": True},
        kind="linux",
        location=region,
        tags=tags,
        sku={"name": "P1v3", "tier": "PremiumV3", "size": "P1v3", "family": "Pv3", "capacity": 1},
    )
    is_function = rng.chance(0.4)
    name = f"{'func' if is_function else 'app'}-{tags['application']}-{rng.letters(5)}"
    with_slot = not is_function and rng.chance(0.4)
    for kind, path in ((_SITES, name), (_SLOTS, f"{name}/staging"))[: 2 if with_slot else 1]:
        with sub.branch(path):
            _write_app(sub, group, kind, path, region, tags, plan, is_function=is_function)


def _write_app(
    sub: Subscription,
    group: str,
    kind: str,
    name: str,
    region: str,
    tags: Json,
    plan: str,
    *,
    is_function: bool,
) -> None:
    rng = sub.rng
    app = sub.id_of(group, kind, name)
    http = rng.faulty()
    properties: Json = {
        "state": rng.pick(("Running", "Running", "Running", "Stopped")),
        "enabled": True,
        "availabilityState": "Normal",
        "defaultHostName": f"{name.replace('/', '-')}.azurewebsites.net",
        "serverFarmId": plan,
        "reserved": True,
        "httpsOnly": not http,
        "clientCertEnabled": False,
        "clientCertMode": "Required",
    }
    if http and rng.chance(0.3):
        del properties["httpsOnly"]
    sub.expect_failure_if("webapp-https-only", app, http)
    config: Json = {"netFrameworkVersion": "v4.0", "alwaysOn": True}
    is_flex = is_function and rng.chance(0.5)
    _settings(sub, rng, app, config, has_ftp=not is_flex)
    if is_function:
        sub.expect("webapp-client-cert", sub.id, "not_applicable")
        sub.expect("webapp-auth", sub.id, "not_applicable")
        tags = dict(tags)
        _function(sub, rng, app, properties, tags, is_flex=is_flex)
    else:
        _client_cert(sub, rng, app, properties, config)
        _authentication(sub, rng, group, app, kind, name)
    _access(sub, rng, app, properties, config)
    _references(sub, rng, app)
    _runtime(sub, app, properties, config, is_function=is_function)
    no_identity = rng.faulty()
    sub.expect_failure_if("webapp-identity", app, no_identity)
    more = {} if no_identity else {"identity": _identity(sub, rng, app)}
    if no_identity:
        sub.expect("webapp-identity-not-admin", app, "not_applicable")
    words = "functionapp,linux" if is_function else "app,linux"
    sub.write(group, kind, name, properties, kind=words, location=region, tags=tags, **more)
    sub.write(group, f"{kind}/config", f"{name}/web", config)
    allowed = rng.pick((("ftp",), ("scm",), ("ftp", "scm"))) if rng.often_faulty() else ()
    for way in ("ftp", "scm"):
        policy = {"allow": way in allowed}
        sub.write(group, f"{kind}/basicPublishingCredentialsPolicies", f"{name}/{way}", policy)
    sub.expect_failure_if("webapp-basic-auth", app, bool(allowed))


def _settings(sub: Subscription, rng: RandomSource, app: str, config: Json, *, has_ftp: bool) -> None:
    """Add settings to the app's configuration, and write the expected verdicts on these settings."""
    old_tls, ftp, no_http2, debug, cors = (rng.faulty() for _ in range(5))
    config["minTlsVersion"] = rng.pick(("1.0", "1.1") if old_tls else ("1.2", "1.2", "1.3"))
    config["scmMinTlsVersion"] = "1.2"
    sub.expect_failure_if("webapp-tls", app, old_tls)
    config["ftpsState"] = "AllAllowed" if ftp else rng.pick(("FtpsOnly", "Disabled"))
    sub.expect_failure_if("webapp-ftps", app, ftp and has_ftp)
    config["http20Enabled"] = not no_http2
    sub.expect_failure_if("webapp-http2", app, no_http2)
    config["remoteDebuggingEnabled"] = debug
    sub.expect_failure_if("webapp-remote-debug", app, debug)
    if cors or rng.chance(0.3):
        origins = ["https://www.contoso.com", *(["*"] if cors else [])]
        config["cors"] = {"allowedOrigins": origins, "supportCredentials": False}
    sub.expect_failure_if("webapp-cors", app, cors)


def _client_cert(sub: Subscription, rng: RandomSource, app: str, properties: Json, config: Json) -> None:
    if not rng.often_faulty():
        properties["clientCertEnabled"] = True
        sub.expect("webapp-client-cert", app, "pass")
        return
    if rng.chance(0.3):
        properties |= {"clientCertEnabled": True, "clientCertMode": "Optional"}
    sub.expect("webapp-client-cert", app, "not_applicable" if config["http20Enabled"] else "fail")


def _authentication(sub: Subscription, rng: RandomSource, group: str, app: str, kind: str, name: str) -> None:
    anonymous = rng.often_faulty()
    is_on = not anonymous or rng.chance(0.3)
    action = "AllowAnonymous" if anonymous else rng.pick(("RedirectToLoginPage", "Return401"))
    settings: Json = {
        "platform": {"enabled": is_on, "runtimeVersion": "~1"},
        "globalValidation": {"requireAuthentication": not anonymous, "unauthenticatedClientAction": action},
    }
    sub.write(group, f"{kind}/config", f"{name}/authsettingsV2", settings)
    sub.expect_failure_if("webapp-auth", app, anonymous)


def _function(
    sub: Subscription, rng: RandomSource, app: str, properties: Json, tags: Json, *, is_flex: bool
) -> None:
    """Add the settings of a function app, and write the expected verdicts on these settings."""
    alone = rng.often_faulty()
    if not alone:
        network = f"{sub.id}/resourceGroups/rg-network/providers/Microsoft.Network/virtualNetworks/vnet-hub"
        properties["virtualNetworkSubnetId"] = f"{network}/subnets/apps"
    sub.expect_failure_if("webapp-vnet", app, alone)
    if is_flex:
        properties["functionAppConfig"] = {"runtime": {"name": "python", "version": "3.13"}}
    sub.expect("function-runtime", app, "pass" if is_flex else "manual")
    group, name = app.split("/")[4], app.rsplit("/", maxsplit=1)[-1]
    missing = rng.faulty()
    if missing:
        component = sub.id_of(group, "microsoft.insights/components", f"{name}-old")
    else:
        component = sub.write(
            group, "microsoft.insights/components", name, {"Application_Type": "web"}, kind="web"
        )
    tags["hidden-link: /app-insights-resource-id"] = component
    sub.expect_failure_if("function-app-insights", app, missing)


def _runtime(sub: Subscription, app: str, properties: Json, config: Json, *, is_function: bool) -> None:
    """Choose the runtime of an app, and write the expected verdict.

    As a random fault, choose a version whose support has ended.
    """
    rng = sub.rng.branch(f"runtime/{app}")
    ended = rng.faulty()
    language = rng.pick(("python", "node") if is_function else ("python", "node", "tomcat", "php"))
    config["linuxFxVersion"] = (ENDED if ended else SUPPORTED)[language]
    if "functionAppConfig" in properties:
        language, version = FUNCTIONS["ended" if ended else "supported"]
        properties["functionAppConfig"] = {"runtime": {"name": language, "version": version}}
        config["linuxFxVersion"] = ""
    sub.expect_failure_if("webapp-runtime", app, ended)


def _references(sub: Subscription, rng: RandomSource, app: str) -> None:
    """Write an app setting that refers to a secret in a key vault, and the expected verdict. As a random fault, the
    secret does not exist.
    """
    broken = rng.faulty()
    sub.out.document(
        {
            "id": f"{app}/config/configreferences/appsettings/DB_PASSWORD",
            "name": "DB_PASSWORD",
            "type": f"{_SLOTS if '/slots/' in app else _SITES}/config/configreferences/appsettings",
            "properties": {"status": "SecretNotFound" if broken else "Resolved", "source": "KeyVault"},
        }
    )
    sub.expect("webapp-keyvault-references", app, "fail" if broken else "manual")


def _access(sub: Subscription, rng: RandomSource, app: str, properties: Json, config: Json) -> None:
    is_open = rng.often_faulty()
    everybody = {"ipAddress": "Any", "action": "Allow", "priority": 2147483647, "name": "Allow all"}
    config["ipSecurityRestrictions"] = [everybody]
    form = rng.pick(("setting", "rules", "endpoint"))
    if is_open and form != "endpoint":
        properties["publicNetworkAccess"] = "Enabled"
    elif form == "setting":
        properties["publicNetworkAccess"] = "Disabled"
    elif form == "rules":
        properties["publicNetworkAccess"] = "Enabled"
        config["ipSecurityRestrictions"] = [
            {
                "ipAddress": "203.0.113.0/24",
                "action": "Allow",
                "tag": "Default",
                "priority": 100,
                "name": "office",
            },
            {**everybody, "action": "Deny", "name": "Deny all"},
        ]
    if form == "endpoint":
        endpoint = f"{sub.id}/resourceGroups/rg-network/providers/Microsoft.Network/privateEndpoints/pe-app"
        sub.out.document(
            {
                "id": f"{app}/privateEndpointConnections/pe-app",
                "name": "pe-app",
                "type": f"{_SLOTS if '/slots/' in app else _SITES}/privateEndpointConnections",
                "properties": {
                    "provisioningState": "Succeeded",
                    "privateEndpoint": {"id": endpoint},
                    "privateLinkServiceConnectionState": {"status": "Rejected" if is_open else "Approved"},
                },
            }
        )
    sub.expect_failure_if("webapp-pna", app, is_open)


def _identity(sub: Subscription, rng: RandomSource, app: str) -> Json:
    """Write a role assignment of the app's managed identity, and the expected verdict. Return the identity."""
    principal = rng.guid()
    too_much = rng.faulty()
    group = "/".join(app.split("/")[:5])
    if too_much:
        role, scope = rng.pick(((OWNER, group), (OWNER, sub.id), (CONTRIBUTOR, sub.id)))
    else:
        role, scope = rng.pick(((READER, sub.id), (BLOB_READER, group), (CONTRIBUTOR, group)))
    name = rng.guid()
    sub.out.document(
        {
            "id": f"{scope}/providers/Microsoft.Authorization/roleAssignments/{name}",
            "name": name,
            "type": "Microsoft.Authorization/roleAssignments",
            "properties": {
                "principalId": principal,
                "principalType": "ServicePrincipal",
                "roleDefinitionId": f"{sub.id}/providers/Microsoft.Authorization/roleDefinitions/{role}",
                "scope": scope,
            },
        }
    )
    sub.expect_failure_if("webapp-identity-not-admin", app, too_much)
    return {"type": "SystemAssigned", "principalId": principal, "tenantId": sub.directory}
