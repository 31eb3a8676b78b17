"""Store two kinds of numbers with each snapshot: unassigned and overdue findings by control, and findings by owner.

The triggers now also record changes of owners, because such a change makes both kinds of numbers out of date. The
record of a change of owners has `only_owner`, because the numbers by shown state remain correct.
"""

from django.db import migrations, models

# A transaction that changes shown states and owners inserts a record of each kind.
TRIGGERS = """
CREATE FUNCTION treatment_record_change(changed uuid[], of_owner boolean) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.treatment_treatmentchange (id, tenant_id, transaction, only_owner)
    SELECT gen_random_uuid(), one.tenant_id, pg_current_xact_id()::text::bigint, of_owner
    FROM unnest(changed) AS one (tenant_id)
    WHERE NOT EXISTS (
        SELECT FROM public.treatment_treatmentchange known
        WHERE known.tenant_id = one.tenant_id AND known.transaction = pg_current_xact_id()::text::bigint
          AND known.only_owner = of_owner)
$$;
CREATE OR REPLACE FUNCTION treatment_inserted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.treatment_record_change(array_agg(DISTINCT tenant_id), false) FROM written
    WHERE acknowledged_failing_since IS NOT NULL OR excepted_until IS NOT NULL OR attested_until IS NOT NULL;
    PERFORM public.treatment_record_change(array_agg(DISTINCT tenant_id), true) FROM written
    WHERE owner_id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION treatment_updated() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.treatment_record_change(array_agg(DISTINCT after.tenant_id), false)
    FROM written after JOIN replaced before USING (id)
    WHERE (after.acknowledged_failing_since, after.excepted_sha256, after.excepted_from, after.excepted_until,
           after.attested_met, after.attested_until, after.attested_sha256)
          IS DISTINCT FROM
          (before.acknowledged_failing_since, before.excepted_sha256, before.excepted_from, before.excepted_until,
           before.attested_met, before.attested_until, before.attested_sha256);
    PERFORM public.treatment_record_change(array_agg(DISTINCT after.tenant_id), true)
    FROM written after JOIN replaced before USING (id)
    WHERE after.owner_id IS DISTINCT FROM before.owner_id;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION treatment_due_days_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.treatment_record_change(ARRAY[NEW.id], false);
    RETURN NULL;
END $$;
DROP FUNCTION treatment_record_change(uuid[]);
"""
# The earlier functions, which do not record changes of owners.
EARLIER_TRIGGERS = """
CREATE FUNCTION treatment_record_change(changed uuid[]) RETURNS void LANGUAGE sql
SET search_path = pg_catalog, public, pg_temp AS $$
    INSERT INTO public.treatment_treatmentchange (id, tenant_id, transaction)
    SELECT gen_random_uuid(), one.tenant_id, pg_current_xact_id()::text::bigint
    FROM unnest(changed) AS one (tenant_id)
    WHERE NOT EXISTS (
        SELECT FROM public.treatment_treatmentchange known
        WHERE known.tenant_id = one.tenant_id AND known.transaction = pg_current_xact_id()::text::bigint)
$$;
CREATE OR REPLACE FUNCTION treatment_inserted() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.treatment_record_change(array_agg(DISTINCT tenant_id)) FROM written
    WHERE acknowledged_failing_since IS NOT NULL OR excepted_until IS NOT NULL OR attested_until IS NOT NULL;
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION treatment_updated() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.treatment_record_change(array_agg(DISTINCT after.tenant_id))
    FROM written after JOIN replaced before USING (id)
    WHERE (after.acknowledged_failing_since, after.excepted_sha256, after.excepted_from, after.excepted_until,
           after.attested_met, after.attested_until, after.attested_sha256)
          IS DISTINCT FROM
          (before.acknowledged_failing_since, before.excepted_sha256, before.excepted_from, before.excepted_until,
           before.attested_met, before.attested_until, before.attested_sha256);
    RETURN NULL;
END $$;
CREATE OR REPLACE FUNCTION treatment_due_days_changed() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM public.treatment_record_change(ARRAY[NEW.id]);
    RETURN NULL;
END $$;
DROP FUNCTION treatment_record_change(uuid[], boolean);
"""


class Migration(migrations.Migration):

    dependencies = [
        ('treatment', '0030_owned_work'),
    ]

    operations = [
        migrations.AddField(
            model_name='controlcount',
            name='overdue_acknowledged',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='overdue_open',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_acknowledged',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_attested',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_excepted',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_lapsed',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_manual',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_not_applicable',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_not_met',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_open',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_overdue_acknowledged',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_overdue_open',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_passing',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_resolved',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='controlcount',
            name='unassigned_unknown',
            field=models.PositiveIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='snapshot',
            name='work',
            field=models.JSONField(help_text='null: not stored', null=True),
        ),
        migrations.AddField(
            model_name='treatmentchange',
            name='only_owner',
            field=models.BooleanField(default=False),
        ),
        migrations.RunSQL(TRIGGERS, EARLIER_TRIGGERS),
    ]
