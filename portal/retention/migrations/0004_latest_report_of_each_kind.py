"""Keep the latest report of each kind and framework, not only the latest report of each framework.

Before this change, a newer executive summary counted as the latest report. The last full audit report could then be
deleted at the end of its retention period.
"""

from importlib import import_module
from typing import Final

from django.db import migrations

_BEFORE: Final = "n.framework = r.framework"
_AFTER: Final = "n.kind = r.kind AND n.framework = r.framework"


def _rows() -> str:
    """Return the statement that restores the function `retention_rows` of migration 0002."""
    functions: str = import_module("portal.retention.migrations.0002_functions").ROWS
    _, create, function = functions.partition("CREATE FUNCTION retention_rows(")
    if not create or function.count(_BEFORE) != 1:
        raise ValueError("Migration 0002 was changed.")
    return f"CREATE OR REPLACE FUNCTION retention_rows({function}"


ROWS: Final = _rows()


class Migration(migrations.Migration):
    dependencies = [("retention", "0003_pending_default"), ("reports", "0009_report_kind")]

    operations = [migrations.RunSQL(ROWS.replace(_BEFORE, _AFTER), ROWS)]
