"""When a customer is erased, do not delete portfolio reports that also cover another customer on legal hold.

Before this migration, the erasure of any other customer in such a report deleted the report, whatever its age. So two
administrators could delete reports in spite of the legal hold.
"""

from importlib import import_module

from django.db import migrations

_EARLIER = import_module("portal.portfolio_reports.migrations.0002_final_files")
_START = "CREATE FUNCTION portfolio_reports_erase"
_BEGIN = "BEGIN\n    UPDATE public.reports_registerentry"
_HOLD = """BEGIN
    IF EXISTS (SELECT FROM public.portfolio_reports_portfolioreport r
               JOIN public.retention_legalhold h ON h.tenant_id = ANY(r.customers)
               WHERE r.organization_id = place AND registered.subject = ANY(r.customers)
                 AND (h.lifted_at IS NULL OR h.lifted_at > clock_timestamp() - interval '168 hours')) THEN
        RAISE EXCEPTION 'a portfolio report about a customer on legal hold stays' USING ERRCODE = 'insufficient_privilege';
    END IF;
    UPDATE public.reports_registerentry"""


def _erase(*, hold: bool) -> str:
    function: str = _EARLIER.DELETE[_EARLIER.DELETE.index(_START) :]
    if function.count(_BEGIN) != 1:
        raise ValueError("Migration 0002 was changed.")
    function = function.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION")
    return function.replace(_BEGIN, _HOLD) if hold else function


class Migration(migrations.Migration):
    dependencies = [("portfolio_reports", "0002_final_files"), ("retention", "0005_cancelled_reports")]

    operations = [migrations.RunSQL(_erase(hold=True), _erase(hold=False))]
