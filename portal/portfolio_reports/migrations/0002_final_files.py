"""Let only functions of the tables' owner delete portfolio reports, and refuse changes of finished portfolio reports.

`portfolio_reports_delete_old` deletes reports that are older than the organization's retention period for reports.
`portfolio_reports_erase` deletes the reports on a customer whose erasure two people have confirmed. The application's
role may not delete reports. The register of revoked and superseded reports now accepts entries about portfolio reports.
"""

from importlib import import_module

from django.db import connections, migrations
from django.db.utils import DEFAULT_DB_ALIAS

_ERASED = "The reason was deleted together with the customer."

GUARD = """
CREATE FUNCTION portfolio_reports_guard() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'a finished portfolio report is final' USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER portfolio_reports_final BEFORE UPDATE ON portfolio_reports_portfolioreport FOR EACH ROW
    WHEN (OLD.state = 'ready' AND
        (OLD.id, OLD.organization_id, OLD.number, OLD.state, OLD.customers, OLD.sha256, OLD.size, OLD.file, OLD.level,
         OLD.as_of, OLD.created_at)
        IS DISTINCT FROM
        (NEW.id, NEW.organization_id, NEW.number, NEW.state, NEW.customers, NEW.sha256, NEW.size, NEW.file, NEW.level,
         NEW.as_of, NEW.created_at))
    EXECUTE FUNCTION portfolio_reports_guard();
CREATE TRIGGER portfolio_reports_customers_stay BEFORE UPDATE OF customers, created_at
    ON portfolio_reports_portfolioreport FOR EACH ROW
    WHEN (OLD.customers IS DISTINCT FROM NEW.customers OR NEW.created_at < OLD.created_at)
    EXECUTE FUNCTION portfolio_reports_guard();
"""
NO_GUARD = """
DROP TRIGGER portfolio_reports_customers_stay ON portfolio_reports_portfolioreport;
DROP TRIGGER portfolio_reports_final ON portfolio_reports_portfolioreport;
DROP FUNCTION portfolio_reports_guard();
"""

# The first function has to see all legal holds of the organization's customers. Row-level security binds the owner too,
# so the function opens the scope of these customers. It refuses an organization that is not in the caller's scope.
DELETE = f"""
CREATE FUNCTION portfolio_reports_delete_old(place uuid) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenants_before text := current_setting('surety.tenants', true);
    days integer;
BEGIN
    IF NOT COALESCE(place = ANY(NULLIF(current_setting('surety.organizations', true), '')::uuid[]), false) THEN
        RAISE EXCEPTION 'the organization is not in scope' USING ERRCODE = 'insufficient_privilege';
    END IF;
    days := greatest(
        public.retention_organization_days(place, 'reports', clock_timestamp()), public.retention_minimum('reports'));
    IF public.retention_organization_days(place, 'reports', clock_timestamp()) IS NULL THEN
        RETURN;
    END IF;
    PERFORM set_config('surety.tenants', COALESCE((SELECT array_agg(k.tenant_id)::text FROM public.tenants_tenantkey k
                                                   WHERE k.organization_id = place), ''), true);
    RETURN QUERY DELETE FROM public.portfolio_reports_portfolioreport r
        WHERE r.organization_id = place AND r.state <> 'building'
          AND r.created_at < clock_timestamp() - make_interval(days => days)
          AND r.id IS DISTINCT FROM (SELECT n.id FROM public.portfolio_reports_portfolioreport n
                                     WHERE n.organization_id = place AND n.state = 'ready'
                                     ORDER BY n.number DESC LIMIT 1)
          AND NOT EXISTS (SELECT FROM public.retention_legalhold h
                          WHERE h.tenant_id = ANY(r.customers)
                            AND (h.lifted_at IS NULL OR h.lifted_at > clock_timestamp() - interval '168 hours'))
        RETURNING r.file::text;
    PERFORM set_config('surety.tenants', COALESCE(tenants_before, ''), true);
END $$;

CREATE FUNCTION portfolio_reports_erase(place uuid, erasure uuid) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    before text[] := public.leaving_scope();
    registered public.leaving_erasure := public.leaving_open(place, erasure, 'customer');
BEGIN
    UPDATE public.reports_registerentry e SET reason = '{_ERASED}'
        WHERE e.state = 'revoked' AND e.report IN (
            SELECT r.id FROM public.portfolio_reports_portfolioreport r
            WHERE r.organization_id = place AND registered.subject = ANY(r.customers));
    RETURN QUERY DELETE FROM public.portfolio_reports_portfolioreport r
        WHERE r.organization_id = place AND registered.subject = ANY(r.customers) RETURNING r.file::text;
    PERFORM public.leaving_set_scope(before);
END $$;
"""  # noqa: S608 - a constant
NO_DELETE = """
DROP FUNCTION portfolio_reports_erase(uuid, uuid);
DROP FUNCTION portfolio_reports_delete_old(uuid);
"""

REGISTER = """
CREATE OR REPLACE FUNCTION reports_register_in_scope() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tenant uuid;
    v_organization uuid;
BEGIN
    SELECT r.tenant_id INTO v_tenant FROM public.reports_report r WHERE r.id = NEW.report AND r.state = 'ready';
    IF v_tenant IS NULL THEN
        SELECT p.organization_id INTO v_organization FROM public.portfolio_reports_portfolioreport p
        WHERE p.id = NEW.report AND p.state = 'ready';
    END IF;
    IF v_tenant IS NULL AND v_organization IS NULL AND NEW.state = 'revoked' THEN
        SELECT d.tenant_id INTO v_tenant FROM public.reports_deletedreport d WHERE d.report = NEW.report;
    END IF;
    -- If no row was found, the report can be of an erased customer, or be a certificate of an erasure. Then only the owner
    -- of the tables may revoke it.
    IF v_tenant IS NULL AND v_organization IS NULL AND NOT (
        NEW.state = 'revoked' AND EXISTS (SELECT FROM public.reports_signedreport s WHERE s.report = NEW.report)
        AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID)
    ) THEN
        RAISE EXCEPTION 'the register of reports takes only finished reports within the scope'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF NEW.replacement IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM public.reports_report r
        WHERE r.id = NEW.replacement AND r.id <> NEW.report AND r.tenant_id = v_tenant AND r.state = 'ready'
          AND r.number = NEW.number
        UNION ALL
        SELECT 1 FROM public.portfolio_reports_portfolioreport p
        WHERE p.id = NEW.replacement AND p.id <> NEW.report AND p.organization_id = v_organization
          AND p.state = 'ready' AND p.number = NEW.number
    ) THEN
        RAISE EXCEPTION 'a report is superseded only by a finished report of the same customer, with its number'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.entered_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END $$;
"""


def _earlier_register() -> str:
    deleted: str = import_module("portal.reports.migrations.0015_deleted_reports").DELETED
    return (
        "CREATE OR REPLACE FUNCTION reports_register_in_scope()"
        + deleted.partition("CREATE OR REPLACE FUNCTION reports_register_in_scope()")[2]
    )


def _change_rights(statement):
    def change(apps, schema_editor):
        role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
        if role and role != schema_editor.connection.settings_dict["USER"]:
            schema_editor.execute(statement.format(schema_editor.quote_name(role)))

    return change


class Migration(migrations.Migration):
    dependencies = [
        ("portfolio_reports", "0001_initial"),
        ("reports", "0017_report_page_content"),
        ("retention", "0005_cancelled_reports"),
        ("leaving", "0011_announced_erasures"),
    ]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunSQL(DELETE, NO_DELETE),
        migrations.RunSQL(REGISTER, _earlier_register()),
        migrations.RunPython(
            _change_rights("REVOKE DELETE ON portfolio_reports_portfolioreport FROM {}"),
            _change_rights("GRANT DELETE ON portfolio_reports_portfolioreport TO {}"),
        ),
    ]
