"""Generate the settings that both PostgreSQL and MySQL flexible servers have, and the expected verdicts on these
settings.
"""

from __future__ import annotations

from sandbox.generate.output import Json
from sandbox.generate.subscription import Subscription

_ANY = "0.0.0.0"  # noqa: S104 - an address in a rule, nothing listens here
_OFFICE = ("office", "198.51.100.0", "198.51.100.255")
_WIDE = (("AllowAllAzureServices", _ANY, _ANY), ("everybody", _ANY, "255.255.255.255"))


type Place = tuple[str, str, Json]
"""The resource group, the region and the tags of a resource."""


def write_server(
    sub: Subscription,
    place: Place,
    kind: str,
    name: str,
    prefix: str,
    parameters: dict[str, str],
    properties: Json,
) -> str:
    """Write a running server with its firewall rules and server parameters. Return the id of the server.

    Also write the expected verdicts on its network, backups and standby server. `prefix` is the beginning of the slugs
    of the controls that give these verdicts. `properties` are further properties of the server.
    """
    rng = sub.rng
    group, region, tags = place
    is_public, to_azure = rng.often_faulty(), rng.faulty()
    no_geo_backup, no_standby = rng.often_faulty(), rng.often_faulty()
    is_replica = rng.chance(0.1)
    role = ("AsyncReplica" if prefix == "postgresql" else "Replica") if is_replica else "None"
    burstable = no_standby and rng.chance(0.4)
    identifier = sub.write(
        group,
        kind,
        name,
        {
            "state": "Ready",
            "replicationRole": role,
            "network": {"publicNetworkAccess": "Enabled" if is_public else "Disabled"},
            "backup": {
                "backupRetentionDays": 7,
                "geoRedundantBackup": "Disabled" if no_geo_backup else "Enabled",
            },
            "highAvailability": {
                "mode": "Disabled" if no_standby else rng.pick(("ZoneRedundant", "ZoneRedundant", "SameZone"))
            },
            **properties,
        },
        location=region,
        tags=tags,
        sku={
            "name": "Standard_B1ms" if burstable else "Standard_D2ds_v4",
            "tier": "Burstable" if burstable else "GeneralPurpose",
        },
    )
    sub.expect_failure_if(f"{prefix}-pna", identifier, is_public)
    for control, fails in ((f"{prefix}-geo-backup", no_geo_backup), (f"{prefix}-ha", no_standby)):
        sub.expect(control, identifier, "not_applicable" if is_replica else "fail" if fails else "pass")
    for rule, first, last in (_OFFICE, rng.pick(_WIDE)) if to_azure else (_OFFICE,):
        addresses = {"startIpAddress": first, "endIpAddress": last}
        sub.write(group, f"{kind}/firewallRules", f"{name}/{rule}", addresses)
    sub.expect_failure_if(f"{prefix}-no-azure-services", identifier, is_public and to_azure)
    is_text = prefix == "mysql"
    for parameter, value in parameters.items():
        sub.write(
            group,
            f"{kind}/configurations",
            f"{name}/{parameter}",
            {"value": value, "isConfigPendingRestart": "False" if is_text else False},
        )
    return identifier
