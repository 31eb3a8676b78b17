"""Generate App Configuration stores, data factories, Automation accounts and API Management services. The expected
verdicts are those of assessments/controls/{appconfig,datafactory,automation,apim}.

Format: Microsoft.AppConfiguration 2024-06-01, Microsoft.DataFactory 2018-06-01, Microsoft.Automation 2024-10-23,
Microsoft.ApiManagement 2024-05-01.
"""

from __future__ import annotations

from sandbox.generate.endpoints import connections
from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

CONTROLS = (
    "appconfig-pna",
    "appconfig-pe",
    "appconfig-local-auth",
    "appconfig-purge-protection",
    "datafactory-pna",
    "datafactory-pe",
    "datafactory-secrets",
    "automation-pna",
    "automation-local-auth",
    "automation-identity",
    "automation-variables",
    "apim-pna",
    "apim-tls",
    "apim-direct-management",
    "apim-named-values",
    "apim-subscription-scope",
    "apim-https-apis",
)


def write(sub: Subscription) -> None:
    """Write an API Management service with a probability of 0.7, and each other kind of resource with one of 0.5."""
    for name, writes, share in (
        ("stores", _write_store, 0.5),
        ("factories", _write_factory, 0.5),
        ("accounts", _write_account, 0.5),
        ("services", _write_service, 0.7),
    ):
        with sub.branch(name):
            if sub.rng.chance(share):
                writes(sub)


def _below(sub: Subscription, resource: str, kind: str, name: str, properties: Json) -> str:
    """Write a child of a resource. Return the id of the child. `kind` is the type of the child."""
    identifier = f"{resource}/{kind.rpartition('/')[2]}/{name}"
    sub.out.document({"id": identifier, "name": name, "type": kind, "properties": properties})
    return identifier


def _write_store(sub: Subscription) -> None:
    rng = sub.rng
    kind = "Microsoft.AppConfiguration/configurationStores"
    group, region, tags = sub.group()
    name = f"appcs-{rng.letters(8)}"
    resource = sub.id_of(group, kind, name)
    is_open, with_keys, without_endpoint = rng.faulty(), rng.often_faulty(), rng.often_faulty()
    tier = rng.pick(("standard", "standard", "premium", "free"))
    ends = connections(rng, resource, kind, is_missing=without_endpoint)
    properties: Json = {
        "provisioningState": "Succeeded",
        "creationDate": "2024-01-01T00:00:00+00:00",
        "endpoint": f"https://{name}.azconfig.io",
        "disableLocalAuth": not with_keys,
        "privateEndpointConnections": ends,
    }
    if not without_endpoint and not is_open and rng.chance(0.5):
        # If this property is missing and a private endpoint exists, Azure refuses public access.
        properties["publicNetworkAccess"] = None
    elif not ends and is_open and rng.chance(0.5):
        properties["publicNetworkAccess"] = None
    else:
        properties["publicNetworkAccess"] = "Enabled" if is_open else "Disabled"
    with sub.branch("deletion"):
        is_lost = sub.rng.often_faulty()
        if not is_lost or sub.rng.chance(0.7):
            properties["enablePurgeProtection"] = not is_lost and tier != "free"
    if tier == "free":
        sub.expect("appconfig-purge-protection", resource, "not_applicable")
    else:
        sub.expect_failure_if("appconfig-purge-protection", resource, is_lost)
    sub.write(group, kind, name, properties, location=region, tags=tags, sku={"name": tier})
    sub.expect_failure_if("appconfig-pna", resource, is_open)
    sub.expect_failure_if("appconfig-local-auth", resource, with_keys)
    if tier == "free":
        sub.expect("appconfig-pe", resource, "not_applicable")
    else:
        sub.expect_failure_if("appconfig-pe", resource, without_endpoint)


def _write_factory(sub: Subscription) -> None:
    rng = sub.rng
    kind = "Microsoft.DataFactory/factories"
    group, region, tags = sub.group()
    name = f"adf-{rng.letters(8)}"
    resource = sub.id_of(group, kind, name)
    is_open, without_endpoint, with_secret = rng.often_faulty(), rng.often_faulty(), rng.faulty()
    properties: Json = {"provisioningState": "Succeeded", "version": "2018-06-01"}
    if not is_open or rng.chance(0.5):
        properties["publicNetworkAccess"] = "Enabled" if is_open else "Disabled"
    sub.write(group, kind, name, properties, location=region, tags=tags)
    sub.expect_failure_if("datafactory-pna", resource, is_open)
    for connection in connections(rng, resource, kind, is_missing=without_endpoint):
        sub.out.document(connection)
    sub.expect_failure_if("datafactory-pe", resource, without_endpoint)
    vault = {"referenceName": "vault", "type": "LinkedServiceReference"}
    reference = {"type": "AzureKeyVaultSecret", "store": vault, "secretName": "warehouse"}
    inline: Json = rng.pick(
        (
            {"connectionString": {"type": "SecureString", "value": "**********"}},
            {
                "connectionString": "Server=sql-shop;Initial Catalog=orders",
                "encryptedCredential": "ew0KICAiVmVyc2lvbiI6",
            },
        )
    )
    services: dict[str, Json] = {
        "vault": {"type": "AzureKeyVault", "typeProperties": {"baseUrl": "https://kv-shop.vault.azure.net/"}},
        "warehouse": {
            "type": "AzureSqlDW",
            "typeProperties": inline if with_secret else {"connectionString": reference},
        },
    }
    for service, body in services.items():
        _below(sub, resource, f"{kind}/linkedservices", service, body)
    sub.expect_failure_if("datafactory-secrets", resource, with_secret)


def _write_account(sub: Subscription) -> None:
    rng = sub.rng
    kind = "Microsoft.Automation/automationAccounts"
    group, region, tags = sub.group()
    name = f"aa-{rng.letters(8)}"
    resource = sub.id_of(group, kind, name)
    is_open, with_keys, is_bare = rng.often_faulty(), rng.often_faulty(), rng.often_faulty()
    properties: Json = {"sku": {"name": "Basic"}, "state": "Ok"}
    if not is_open or rng.chance(0.5):
        properties["publicNetworkAccess"] = is_open
    if not with_keys or rng.chance(0.5):
        properties["disableLocalAuth"] = not with_keys
    identity: Json = {"type": "SystemAssigned", "principalId": rng.guid(), "tenantId": sub.directory}
    more = {} if is_bare else {"identity": identity}
    sub.write(group, kind, name, properties, location=region, tags=tags, **more)
    sub.expect_failure_if("automation-pna", resource, is_open)
    sub.expect_failure_if("automation-local-auth", resource, with_keys)
    sub.expect_failure_if("automation-identity", resource, is_bare)
    is_clear = rng.faulty()
    if not is_clear and rng.chance(0.3):
        sub.expect("automation-variables", resource, "not_applicable")
        return
    for variable, is_encrypted in (("storage-key", not is_clear), ("environment", True)):
        value = {} if is_encrypted else {"value": '"clear-text-of-a-variable"'}
        _below(
            sub,
            resource,
            f"{kind}/variables",
            variable,
            {"isEncrypted": is_encrypted, "description": None, **value},
        )
    sub.expect_failure_if("automation-variables", resource, is_clear)


def _write_service(sub: Subscription) -> None:
    rng = sub.rng
    kind = "Microsoft.ApiManagement/service"
    group, region, tags = sub.group()
    name = f"apim-{rng.letters(8)}"
    resource = sub.id_of(group, kind, name)
    is_open = rng.faulty()
    tier = rng.pick(("Developer", "Premium", "StandardV2", "Consumption"))
    properties: Json = {
        "provisioningState": "Succeeded",
        "publisherEmail": f"apis@{sub.mail_domain}",
        "publisherName": tags["application"],
        "gatewayUrl": f"https://{name}.azure-api.net",
        **(
            {"publicNetworkAccess": "Enabled", "virtualNetworkType": "None"}
            if is_open
            else rng.pick(
                (
                    {"publicNetworkAccess": "Disabled", "virtualNetworkType": "None"},
                    {"publicNetworkAccess": "Enabled", "virtualNetworkType": "Internal"},
                )
            )
        ),
    }
    _write_protocols(sub, resource, properties)
    sku = {"name": tier, "capacity": 0 if tier == "Consumption" else 1}
    sub.write(group, kind, name, properties, location=region, tags=tags, sku=sku)
    if tier == "Consumption":
        sub.expect("apim-pna", resource, "not_applicable")
    else:
        sub.expect_failure_if("apim-pna", resource, is_open)
    is_direct = rng.faulty()
    if tier in ("Consumption", "StandardV2"):
        sub.expect("apim-direct-management", resource, "not_applicable")
    else:
        for access, is_on in (("access", is_direct), ("gitAccess", False)):
            _below(sub, resource, f"{kind}/tenant", access, {"enabled": is_on})
        sub.expect_failure_if("apim-direct-management", resource, is_direct)
    _write_values(sub, resource, kind)
    _write_apis(sub, resource, kind)


def _write_protocols(sub: Subscription, resource: str, properties: Json) -> None:
    """Set the TLS protocols that an API Management service accepts.

    Without a setting, a protocol is off, because this service was created after 1 April 2018.
    """
    gateway = "Microsoft.WindowsAzure.ApiManagement.Gateway"
    names = ("Protocols.Tls10", "Protocols.Tls11", "Backend.Protocols.Tls10", "Backend.Protocols.Tls11")
    with sub.branch("protocols"):
        rng = sub.rng
        is_old = rng.faulty()
        old = rng.pick(names) if is_old else ""
        properties["createdAtUtc"] = rng.arm_timestamp(100, 900)
        if is_old or rng.chance(0.7):
            properties["customProperties"] = {
                f"{gateway}.Protocols.Server.Http2": "False",
                **{f"{gateway}.Security.{name}": str(name == old) for name in names},
            }
    sub.expect_failure_if("apim-tls", resource, is_old)


def _write_values(sub: Subscription, resource: str, kind: str) -> None:
    """Write named values and subscriptions of an API Management service."""
    rng = sub.rng
    is_own, is_wide = rng.faulty(), rng.faulty()
    vault = {"secretIdentifier": "https://kv-shop.vault.azure.net/secrets/backend"}
    _below(
        sub,
        resource,
        f"{kind}/namedValues",
        "region",
        {"displayName": "region", "secret": False, "value": "eu"},
    )
    _below(
        sub,
        resource,
        f"{kind}/namedValues",
        "backend-key",
        {"displayName": "backend-key", "secret": True, **({} if is_own else {"keyVault": vault})},
    )
    sub.expect_failure_if("apim-named-values", resource, is_own)
    for subscription, scope in (
        ("master", f"{resource}/"),
        ("shop", f"{resource}/apis" if is_wide else f"{resource}/products/starter"),
    ):
        properties = {"displayName": subscription, "scope": scope, "state": "active"}
        _below(sub, resource, f"{kind}/subscriptions", subscription, properties)
    sub.expect_failure_if("apim-subscription-scope", resource, is_wide)


def _write_apis(sub: Subscription, resource: str, kind: str) -> None:
    rng = sub.rng
    if rng.chance(0.2):
        sub.expect("apim-https-apis", resource, "not_applicable")
        return
    is_clear = rng.faulty()
    protocols = ["http", "https"] if is_clear else ["https"]
    properties = {"displayName": "Orders", "path": "orders", "protocols": protocols, "isCurrent": True}
    api = _below(sub, resource, f"{kind}/apis", "orders", properties)
    sub.expect_failure_if("apim-https-apis", api, is_clear)
