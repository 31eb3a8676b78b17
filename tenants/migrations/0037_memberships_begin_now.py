"""In a person's scope, refuse a new membership whose `created_at` is more than ten minutes in the past.

`created_at` decides whether an administrator is established, and whether a person had access after a request to
pseudonymise the person. Until now, SQL that the application's role runs could set `created_at` up to a day back. Ten
minutes are allowed, because the clocks of the application and of the database may differ. In a scope without a person,
the operator creates memberships. They are established at once, so their `created_at` is not checked.
"""

from importlib import import_module

from django.db import migrations

_BEFORE = "IF me IS NOT NULL AND NEW.created_at < clock_timestamp() - interval '1 day' THEN"
_AFTER = "IF me IS NOT NULL AND NEW.created_at < clock_timestamp() - interval '10 minutes' THEN"
_PATH = "LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$"


def _function(condition: str) -> str:
    guard: str = import_module("tenants.migrations.0018_established_administrators").GUARD
    if guard.count(_BEFORE) != 1:
        raise ValueError("Migration 0018 was changed.")
    guard = guard[: guard.index("CREATE TRIGGER")].replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    return guard.replace("LANGUAGE plpgsql AS $$", _PATH).replace(_BEFORE, condition)


class Migration(migrations.Migration):
    dependencies = [("tenants", "0036_organization_timezone")]

    operations = [migrations.RunSQL(_function(_AFTER), _function(_BEFORE))]
