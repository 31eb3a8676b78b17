"""Database servers of the retired kind “single server”, and the expected verdict of
assessments/controls/database/single_server_retired.py.
"""

from __future__ import annotations

from sandbox.generate.subscription import Subscription

CONTROLS = ("database-single-server-retired",)


def write(sub: Subscription) -> None:
    """As a random fault, write a single server, a kind of server that Azure has retired."""
    rng = sub.rng
    if not rng.faulty():
        return
    group, region, tags = sub.group("data")
    kind = rng.pick(("Microsoft.DBforPostgreSQL/servers", "Microsoft.DBforMySQL/servers"))
    name = f"db-{sub.environment}-{sub.next_number('single server'):02d}"
    server = sub.write(group, kind, name, {"userVisibleState": "Ready"}, location=region, tags=tags)
    sub.expect("database-single-server-retired", server, "fail")
