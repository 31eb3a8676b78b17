"""MySQL flexible servers, and the expected verdicts of assessments/controls/mysql/server_settings.py."""

from __future__ import annotations

from sandbox.generate.flexible_servers import Place, write_server
from sandbox.generate.subscription import Subscription

KIND = "Microsoft.DBforMySQL/flexibleServers"
CONTROLS = (
    "mysql-ssl",
    "mysql-tls",
    "mysql-audit",
    "mysql-audit-conn",
    "mysql-no-azure-services",
    "mysql-pna",
    "mysql-geo-backup",
    "mysql-ha",
)


def write(sub: Subscription) -> None:
    """With a probability of one half, write a MySQL server, unless the subscription already has one."""
    if KIND not in sub.types_seen and sub.rng.chance(0.5):
        write_mysql(sub, sub.group("data"), f"mysql-{sub.environment}-{sub.next_number('mysql'):02d}")


def write_mysql(sub: Subscription, place: Place, name: str) -> None:
    """Write a server and the expected verdicts."""
    rng = sub.rng
    unencrypted, old_tls, no_audit, no_events = (
        rng.faulty(),
        rng.faulty(),
        rng.often_faulty(),
        rng.often_faulty(),
    )
    values = {
        "archive": "OFF",
        "require_secure_transport": "OFF" if unencrypted else "ON",
        "tls_version": rng.pick(("TLSv1.1,TLSv1.2", "TLSv1") if old_tls else ("TLSv1.2", "TLSv1.2,TLSv1.3")),
        "audit_log_enabled": "OFF" if no_audit else "ON",
        "audit_log_events": rng.pick(("DDL", "DDL,DML") if no_events else ("CONNECTION", "CONNECTION,DCL")),
    }
    server = write_server(sub, place, KIND, name, "mysql", values, {"version": "8.0.21"})
    sub.expect_failure_if("mysql-ssl", server, unencrypted)
    sub.expect_failure_if("mysql-tls", server, old_tls)
    sub.expect_failure_if("mysql-audit", server, no_audit)
    sub.expect_failure_if("mysql-audit-conn", server, no_audit or no_events)
