"""PostgreSQL flexible servers, and the expected verdicts of assessments/controls/postgresql/."""

from __future__ import annotations

from sandbox.generate.flexible_servers import Place, write_server
from sandbox.generate.subscription import Subscription

KIND = "Microsoft.DBforPostgreSQL/flexibleServers"
# {control: (server parameter, a value that passes, values that fail)}
_PARAMETERS = {
    "postgresql-ssl": ("require_secure_transport", "on", ("off",)),
    "postgresql-tls": ("ssl_min_protocol_version", "TLSv1.2", ("TLSv1", "TLSv1.1")),
    "postgresql-log-checkpoints": ("log_checkpoints", "on", ("off",)),
    "postgresql-log-connections": ("log_connections", "on", ("off", "receipt")),
    "postgresql-log-disconnections": ("log_disconnections", "on", ("off",)),
    "postgresql-conn-throttle": ("connection_throttle.enable", "on", ("off",)),
    "postgresql-log-retention": ("logfiles.retention_days", "7", ("1", "3")),
}
CONTROLS = (
    *_PARAMETERS,
    "postgresql-no-azure-services",
    "postgresql-entra",
    "postgresql-pna",
    "postgresql-geo-backup",
    "postgresql-ha",
)


def write(sub: Subscription) -> None:
    """In most subscriptions, write a PostgreSQL server, unless the subscription already has one."""
    if KIND not in sub.types_seen and sub.rng.chance(0.8):
        name = f"psql-{sub.environment}-{sub.next_number('postgresql'):02d}"
        write_postgresql(sub, sub.group("data"), name)


def write_postgresql(sub: Subscription, place: Place, name: str) -> None:
    """Write a server and the expected verdicts."""
    rng = sub.rng
    values = {"application_name": "", "logfiles.download_enable": rng.pick(("on", "off"))}
    fails = {control: rng.often_faulty() for control in _PARAMETERS}
    for control, (parameter, good, bad) in _PARAMETERS.items():
        values[parameter] = rng.pick(bad) if fails[control] else good
    no_sign_in, no_admin, no_passwords = rng.faulty(), rng.faulty(), rng.chance(0.3)
    auth = {
        "activeDirectoryAuth": "Disabled" if no_sign_in else "Enabled",
        "passwordAuth": "Disabled" if no_passwords and not no_sign_in else "Enabled",
        "tenantId": sub.directory,
    }
    server = write_server(sub, place, KIND, name, "postgresql", values, {"version": "16", "authConfig": auth})
    for control, failing in fails.items():
        sub.expect_failure_if(control, server, failing)
    if not no_sign_in and not no_admin:
        sub.write(
            server.split("/")[4],
            f"{KIND}/administrators",
            f"{name}/{rng.guid()}",
            {
                "principalType": "Group",
                "principalName": "db-admins",
                "objectId": rng.guid(),
                "tenantId": sub.directory,
            },
        )
    sub.expect_failure_if("postgresql-entra", server, no_sign_in or no_admin)
