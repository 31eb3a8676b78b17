"""Copy columns of findings to treatments, and add an index of the findings on which owners must work.

A trigger copies the columns when a treatment is written, and a customer's snapshot copies them again. There is no
trigger on findings, because assessments and changes of treatments must not wait for each other.
"""

from django.conf import settings
from django.db import migrations, models


TRIGGERS = """
CREATE FUNCTION treatment_copy_finding() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    SELECT f.state, f.severity_rank, f.failing_since, f.observed_sha256
    INTO NEW.finding_state, NEW.finding_rank, NEW.finding_failing_since, NEW.finding_sha256
    FROM public.assessments_finding f WHERE f.id = NEW.finding_id AND f.tenant_id = NEW.tenant_id;
    -- The key of the finding is checked at the end of the transaction.
    NEW.finding_state := COALESCE(NEW.finding_state, '');
    NEW.finding_sha256 := COALESCE(NEW.finding_sha256, '');
    RETURN NEW;
END $$;
CREATE TRIGGER treatment_copy_finding BEFORE INSERT OR UPDATE ON treatment_treatment
    FOR EACH ROW EXECUTE FUNCTION treatment_copy_finding();
"""
NO_TRIGGERS = """
DROP TRIGGER treatment_copy_finding ON treatment_treatment;
DROP FUNCTION treatment_copy_finding();
"""
# Row-level security applies to the tables' owner too (FORCE), so the migration opens the scope of all tenants.
ALL_TENANTS = """
SELECT set_config('surety.tenants', (SELECT '{' || string_agg(tenant_id::text, ',') || '}' FROM tenants_tenantkey), true);
UPDATE treatment_treatment t SET finding_state = f.state, finding_rank = f.severity_rank,
    finding_failing_since = f.failing_since, finding_sha256 = f.observed_sha256
FROM assessments_finding f WHERE f.id = t.finding_id;
SELECT set_config('surety.tenants', '', true);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('assessments', '0023_times_stay'),
        ('tenants', '0034_organization_report_paper'),
        ('treatment', '0029_baseline_retention'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='treatment',
            name='finding_failing_since',
            field=models.DateTimeField(help_text="copy of the finding's failing_since", null=True),
        ),
        migrations.AddField(
            model_name='treatment',
            name='finding_rank',
            field=models.PositiveSmallIntegerField(help_text='copy of the severity rank', null=True),
        ),
        migrations.AddField(
            model_name='treatment',
            name='finding_sha256',
            field=models.CharField(blank=True, help_text="copy of the observed value's hash", max_length=64),
        ),
        migrations.AddField(
            model_name='treatment',
            name='finding_state',
            field=models.CharField(blank=True, help_text="copy of the finding's state", max_length=20),
        ),
        migrations.AddIndex(
            model_name='treatment',
            index=models.Index(condition=models.Q(('finding_state__in', ['open', 'manual']), ('owner__isnull', False)), fields=['owner', 'tenant'], include=('finding', 'finding_state', 'finding_rank', 'finding_failing_since', 'finding_sha256', 'owned_at', 'acknowledged_failing_since', 'excepted_sha256', 'excepted_from', 'excepted_until', 'attested_met', 'attested_until', 'attested_sha256'), name='treatment_treatment_work'),
        ),
        migrations.RunSQL(ALL_TENANTS, migrations.RunSQL.noop),
        migrations.RunSQL(TRIGGERS, NO_TRIGGERS),
    ]
