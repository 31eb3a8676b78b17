"""Delete cancelled reports after the retention period of reports, in the same way as failed reports."""

from importlib import import_module
from typing import Final

from django.db import migrations

_BEFORE: Final = "r.state IN ('ready', 'failed')"
_AFTER: Final = "r.state IN ('ready', 'failed', 'cancelled')"


def _rows() -> str:
    """Return the statement that restores the function `retention_rows` of migration 0004."""
    earlier = import_module("portal.retention.migrations.0004_latest_report_of_each_kind")
    rows: str = earlier.ROWS.replace(earlier._BEFORE, earlier._AFTER)
    if rows.count(_BEFORE) != 1:
        raise ValueError("Migration 0002 was changed.")
    return rows


ROWS: Final = _rows()


class Migration(migrations.Migration):
    dependencies = [
        ("retention", "0004_latest_report_of_each_kind"),
        ("reports", "0011_report_build_lease"),
    ]

    operations = [migrations.RunSQL(ROWS.replace(_BEFORE, _AFTER), ROWS)]
