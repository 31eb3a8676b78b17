"""Do not delete a portfolio report while a legal hold is being placed on one of its customers.

Before this migration, a hold that was placed between the check for holds and the deletion did not prevent the deletion.
Now both functions that delete reports lock the customers before they check for holds. Placing a hold takes a
conflicting lock (`portal.retention.actions.holds`), so one of the two waits for the other.
"""

from importlib import import_module

from django.db import migrations

_EARLIER = import_module("portal.portfolio_reports.migrations.0002_final_files")
_ERASE: str = import_module("portal.portfolio_reports.migrations.0003_reports_on_hold")._erase(hold=True)
_START = "CREATE FUNCTION portfolio_reports_erase"
_DELETE_OLD: str = _EARLIER.DELETE[: _EARLIER.DELETE.index(_START)].replace(
    "CREATE FUNCTION", "CREATE OR REPLACE FUNCTION"
)

# The lock is a statement of its own, so that the next statement sees everything that was committed before the locks
# were granted.
_LOCK = """PERFORM FROM public.tenants_tenant t
        WHERE {others} AND t.id IN (SELECT unnest(r.customers) FROM public.portfolio_reports_portfolioreport r
                                    WHERE r.organization_id = place AND {condition})
        ORDER BY t.id FOR SHARE;
    """


def _locked(function: str, before: str, *, others: str, condition: str) -> str:
    if function.count(before) != 1:
        raise ValueError("Migration 0002 or 0003 was changed.")
    return function.replace(before, _LOCK.format(others=others, condition=condition) + before)


class Migration(migrations.Migration):
    dependencies = [("portfolio_reports", "0004_report_language")]

    operations = [
        migrations.RunSQL(
            _locked(
                _ERASE,
                "IF EXISTS (SELECT FROM public.portfolio_reports_portfolioreport r",
                others="t.id <> registered.subject",
                condition="registered.subject = ANY(r.customers)",
            ),
            _ERASE,
        ),
        migrations.RunSQL(
            _locked(
                _DELETE_OLD,
                "RETURN QUERY DELETE FROM public.portfolio_reports_portfolioreport r",
                others="true",
                condition="r.created_at < clock_timestamp() - make_interval(days => days)",
            ),
            _DELETE_OLD,
        ),
    ]
