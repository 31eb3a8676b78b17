"""Retention keeps the latest report of each kind, not only of each framework.

Otherwise a newer executive summary would be taken for the successor of the last full audit report, which would be deleted.
"""

from importlib import import_module
from typing import Final

from django.db import migrations

_BEFORE: Final = "n.framework = r.framework"
_AFTER: Final = "n.kind = r.kind AND n.framework = r.framework"


def _rows() -> str:
    """Return the statement that replaces `retention_rows` by the function of migration 0002."""
    functions: str = import_module("portal.retention.migrations.0002_functions").ROWS
    _, create, function = functions.partition("CREATE FUNCTION retention_rows(")
    if not create or function.count(_BEFORE) != 1:
        raise ValueError("Migration 0002 was changed.")
    return f"CREATE OR REPLACE FUNCTION retention_rows({function}"


ROWS: Final = _rows()


class Migration(migrations.Migration):
    dependencies = [("retention", "0003_pending_default"), ("reports", "0009_report_kind")]

    operations = [migrations.RunSQL(ROWS.replace(_BEFORE, _AFTER), ROWS)]
