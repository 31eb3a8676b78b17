"""Let people revoke reports that were deleted under the retention policy. When a customer is erased, remove the reasons
for revoking its reports from the register.

Retention deletes the row and the file of an old report, but copies of the file may exist. A trigger stores the id and
the hash of each deleted report in a table that belongs to the customer. The application's role cannot write to this
table. So a deleted report can be revoked only within the scope of its customer.

If the database has neither the report nor a deleted report with its id, the customer was erased. Then only the owner of
the tables can enter a revocation (`manage.py revoke_report`).
"""

from importlib import import_module

import django.db.models.deletion
import django.db.models.functions.datetime
import tenants.ids
import tenants.rls
from django.db import connections, migrations, models
from django.db.utils import DEFAULT_DB_ALIAS

_ERASED = "The reason was deleted together with the customer."

# Row-level security applies to the owner of the tables too. So set the scope of this transaction to all tenants.
EARLIER = r"""
SELECT set_config('surety.tenants', coalesce('{' || string_agg(tenant_id::text, ',') || '}', ''), true)
    FROM tenants_tenantkey;
INSERT INTO reports_deletedreport (id, tenant_id, report, number, sha256)
    SELECT gen_random_uuid(), j.tenant_id, s.report, substring(j.target from '^report:([0-9]{1,9})$')::integer, s.sha256
    FROM tenants_journalentry j
    JOIN reports_signedreport s ON s.sha256 = j.details->>'sha256' AND s.report::text = j.details->>'report'
    WHERE j.action = 'report.built' AND j.target ~ '^report:[0-9]{1,9}$' AND s.kind = 'report'
      AND NOT EXISTS (SELECT FROM reports_report r WHERE r.id = s.report)
    ON CONFLICT DO NOTHING;
SELECT set_config('surety.tenants', '', true);
"""

DELETED = f"""
CREATE FUNCTION reports_remember_deleted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF current_setting('surety.retention', true) = 'on' THEN
        INSERT INTO public.reports_deletedreport (id, tenant_id, report, number, sha256)
            VALUES (gen_random_uuid(), OLD.tenant_id, OLD.id, OLD.number, OLD.sha256);
    ELSE
        UPDATE public.reports_registerentry e SET reason = '{_ERASED}' WHERE e.report = OLD.id AND e.state = 'revoked';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER reports_remember_deleted AFTER DELETE ON reports_report
    FOR EACH ROW WHEN (OLD.state = 'ready') EXECUTE FUNCTION reports_remember_deleted();

CREATE FUNCTION reports_forget_reason() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.reports_registerentry e SET reason = '{_ERASED}' WHERE e.report = OLD.report AND e.state = 'revoked';
    RETURN NULL;
END $$;
CREATE TRIGGER reports_forget_reason AFTER DELETE ON reports_deletedreport
    FOR EACH ROW EXECUTE FUNCTION reports_forget_reason();

CREATE OR REPLACE FUNCTION reports_register_is_final() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND OLD.state = 'revoked' AND NEW.reason = '{_ERASED}'
       AND (NEW.id, NEW.report, NEW.state, NEW.replacement, NEW.number, NEW.entered_at)
           IS NOT DISTINCT FROM (OLD.id, OLD.report, OLD.state, OLD.replacement, OLD.number, OLD.entered_at)
       AND current_user = (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = TG_RELID)
    THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'entries of the register of reports are final: % is refused', TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$;

CREATE OR REPLACE FUNCTION reports_register_in_scope() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tenant uuid;
BEGIN
    SELECT r.tenant_id INTO v_tenant FROM public.reports_report r WHERE r.id = NEW.report AND r.state = 'ready';
    IF v_tenant IS NULL AND NEW.state = 'revoked' THEN
        SELECT d.tenant_id INTO v_tenant FROM public.reports_deletedreport d WHERE d.report = NEW.report;
    END IF;
    -- If no row was found, the report can be of an erased customer, or be a certificate of an erasure. Then only the owner
    -- of the tables may revoke it.
    IF v_tenant IS NULL AND NOT (
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
    ) THEN
        RAISE EXCEPTION 'a report is superseded only by a finished report of the same customer, with its number'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    NEW.entered_at := pg_catalog.clock_timestamp();
    RETURN NEW;
END $$;
"""  # noqa: S608 - a constant


def _earlier_functions() -> str:
    modules = ("0012_register", "0013_register_entries_of_scope")
    text = "".join(import_module(f"portal.reports.migrations.{name}").TRIGGER for name in modules)
    return text.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION").replace(
        "CREATE TRIGGER", "CREATE OR REPLACE TRIGGER"
    )


NOT_DELETED = f"""
DROP TRIGGER reports_forget_reason ON reports_deletedreport;
DROP FUNCTION reports_forget_reason();
DROP TRIGGER reports_remember_deleted ON reports_report;
DROP FUNCTION reports_remember_deleted();
{_earlier_functions()}
"""


def revoke_writing(apps, schema_editor):
    """Let the application's role only read the table."""
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    if role and role != schema_editor.connection.settings_dict["USER"]:
        schema_editor.execute(
            f"REVOKE INSERT, UPDATE, DELETE ON reports_deletedreport FROM {schema_editor.quote_name(role)}"
        )


class Migration(migrations.Migration):

    dependencies = [
        ('reports', '0014_report_build_until'),
        ('tenants', '0034_organization_report_paper'),
    ]

    operations = [
        migrations.CreateModel(
            name='DeletedReport',
            fields=[
                ('id', models.UUIDField(default=tenants.ids.uuid7, editable=False, primary_key=True, serialize=False)),
                ('report', models.UUIDField(unique=True)),
                ('number', models.PositiveIntegerField()),
                ('sha256', models.CharField(max_length=64)),
                ('deleted_at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ('tenant', models.ForeignKey(editable=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='tenants.tenant')),
            ],
            options={
                'ordering': ['-number'],
                'abstract': False,
                'constraints': [tenants.rls.RowLevelSecurity(name='reports_deletedreport_rls', using="tenant_id = ANY((SELECT NULLIF(current_setting('surety.tenants', true), '')::uuid[])::uuid[])")],
            },
        ),
        migrations.RunSQL(EARLIER, migrations.RunSQL.noop),
        migrations.RunSQL(DELETED, NOT_DELETED),
        migrations.RunPython(revoke_writing, migrations.RunPython.noop),
    ]
