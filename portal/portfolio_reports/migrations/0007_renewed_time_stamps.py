"""Permit the renewal of archive time stamps of portfolio reports.

The file of a report changes only together with the record of the renewed file: a trigger refuses other changes. As for
reports of customers, the record is inserted first. It contains the hashes of the new file and of the present file. A
deferred trigger refuses a record whose file is not stored in the same transaction. The triggers run with the rights of
the role that changes the rows, so row-level security decides which reports they see.
"""

from importlib import import_module

from django.db import migrations, models

_CONDITION = """(OLD.state = 'ready' AND
        ({old})
        IS DISTINCT FROM
        ({new}))"""
_COLUMNS = ("id", "organization_id", "number", "state", "customers", "level", "as_of", "created_at")
# The columns that only a renewal changes, all at once.
_RENEWED = ("file", "sha256", "size", "archive_until", "archive_algorithm")
# The columns that the condition of migration 0002 compares.
_EARLIER_COLUMNS = ("id", "organization_id", "number", "state", "customers", "sha256", "size", "file", "level", "as_of", "created_at")  # fmt: skip


def _when(columns):
    return _CONDITION.format(
        old=", ".join(f"OLD.{column}" for column in columns),
        new=", ".join(f"NEW.{column}" for column in columns),
    )


def _final(columns):
    return f"""
CREATE OR REPLACE TRIGGER portfolio_reports_final BEFORE UPDATE ON portfolio_reports_portfolioreport FOR EACH ROW
    WHEN {_when(columns)} EXECUTE FUNCTION portfolio_reports_guard();
"""


FILE = f"""
CREATE FUNCTION portfolio_reports_guard_file() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NEW.size <= OLD.size OR NOT EXISTS (
        SELECT 1 FROM public.reports_renewedfile f
        WHERE f.report = OLD.id AND f.previous_sha256 = OLD.sha256 AND f.sha256 = NEW.sha256
    ) THEN
        RAISE EXCEPTION 'the file of a final portfolio report changes only with the record of a renewed time stamp'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER portfolio_reports_file_final BEFORE UPDATE ON portfolio_reports_portfolioreport FOR EACH ROW
    WHEN {_when(_RENEWED)} EXECUTE FUNCTION portfolio_reports_guard_file();
"""
NO_FILE = """
DROP TRIGGER portfolio_reports_file_final ON portfolio_reports_portfolioreport;
DROP FUNCTION portfolio_reports_guard_file();
"""

_REPORTS = import_module("portal.reports.migrations.0021_reports_are_final")
_EARLIER_STORED = _REPORTS.STORED.partition("CREATE CONSTRAINT TRIGGER")[0].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)


def _with_portfolio(function, condition, hash_of):
    """Return the trigger function with a wider check. The original function accepts a row only if a customer's report
    meets `condition`. The returned function also accepts a row if a portfolio report has the hash `hash_of`.
    """
    if function.count(condition) != 1:
        raise ValueError("Migration 0018 or 0021 of the reports was changed.")
    return function.replace(
        condition,
        f"""{condition}
    ) AND NOT EXISTS (
        SELECT 1 FROM public.portfolio_reports_portfolioreport p
        WHERE p.id = NEW.report AND p.state = 'ready' AND p.sha256 = {hash_of}""",
    )


RECORDS = _with_portfolio(
    _REPORTS.RECORDS,
    "WHERE r.id = NEW.report AND r.state = 'ready' AND r.sha256 = NEW.previous_sha256",
    "NEW.previous_sha256",
)
STORED = _with_portfolio(
    _EARLIER_STORED,
    "SELECT 1 FROM public.reports_report r WHERE r.id = NEW.report AND r.sha256 = NEW.sha256",
    "NEW.sha256",
)


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio_reports", "0006_branding"),
        ("reports", "0023_report_period"),
    ]

    operations = [
        migrations.AddField(
            model_name="portfolioreport",
            name="renewal_failed_at",
            field=models.DateTimeField(
                blank=True,
                help_text="when the last archive time stamp could last not be renewed; empty afterwards",
                null=True,
            ),
        ),
        migrations.AddField(
            model_name="portfolioreport",
            name="renewal_error",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.RunSQL(_final(_COLUMNS), _final(_EARLIER_COLUMNS)),
        migrations.RunSQL(FILE, NO_FILE),
        migrations.RunSQL(RECORDS, _REPORTS.RECORDS),
        migrations.RunSQL(STORED, _EARLIER_STORED),
    ]
