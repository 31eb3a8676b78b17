"""Keep the change that ends a failure if an earlier change of the finding's observed value is kept.

A report can cite a change of the observed value from the time of the failure. If this change were kept but the end of
the failure deleted, the finding would seem to have failed ever since.
"""

from importlib import import_module
from typing import Final

from django.db import migrations

_BEFORE: Final = "min(k.rank) FILTER (WHERE k.is_verdict) OVER ("
_AFTER: Final = "min(k.rank) OVER ("


def _rows() -> str:
    """Return the statement that restores the function `retention_rows` of migration 0005."""
    earlier = import_module("portal.retention.migrations.0005_cancelled_reports")
    rows: str = earlier.ROWS.replace(earlier._BEFORE, earlier._AFTER)
    if rows.count(_BEFORE) != 1:
        raise ValueError("Migration 0002 was changed.")
    return rows


ROWS: Final = _rows()


class Migration(migrations.Migration):
    dependencies = [("retention", "0009_versions_as_changes")]

    operations = [migrations.RunSQL(ROWS.replace(_BEFORE, _AFTER), ROWS)]
