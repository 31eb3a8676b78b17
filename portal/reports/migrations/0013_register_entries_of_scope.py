"""Accept entries of the register only for finished reports within the scope. The database sets the time of an entry.

The register has no row-level security, because everybody may read it. Without this trigger, SQL of the application's
role could revoke the reports of every customer, and give the entries a false time. The trigger runs with the rights of
the role that inserts, so row-level security decides which reports it sees.
"""

from django.db import migrations, models
from django.db.models.functions import Now

TRIGGER = """
CREATE FUNCTION reports_register_in_scope() RETURNS trigger LANGUAGE plpgsql SECURITY INVOKER
SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    v_tenant uuid;
BEGIN
    SELECT r.tenant_id INTO v_tenant FROM public.reports_report r WHERE r.id = NEW.report AND r.state = 'ready';
    IF NOT FOUND THEN
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
CREATE TRIGGER reports_register_in_scope BEFORE INSERT ON reports_registerentry
    FOR EACH ROW EXECUTE FUNCTION reports_register_in_scope();
"""
NO_TRIGGER = """
DROP TRIGGER reports_register_in_scope ON reports_registerentry;
DROP FUNCTION reports_register_in_scope();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0012_register")]

    operations = [
        migrations.AlterField(
            model_name="registerentry",
            name="entered_at",
            field=models.DateTimeField(db_default=Now()),
        ),
        migrations.RunSQL(TRIGGER, NO_TRIGGER),
    ]
