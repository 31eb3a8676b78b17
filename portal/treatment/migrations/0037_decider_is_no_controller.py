"""Extend the trigger for decisions: the controllers of a service account must not decide about its requests."""

from django.db import migrations

_FUNCTION = """
CREATE OR REPLACE FUNCTION treatment_guard_decider() RETURNS trigger LANGUAGE plpgsql
{settings}AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
BEGIN
    IF me IS NOT NULL AND NEW.decided_by_id IS NOT NULL
       AND (NEW.decided_by_id IS DISTINCT FROM me OR NOT EXISTS (
            SELECT 1 FROM tenants_membership m
            WHERE m.person_id = me AND m.tenant_id = NEW.tenant_id AND m.role = 'approver'
              AND m.confirmation NOT IN ('waiting', 'refused')
              AND m.valid_from <= clock_timestamp()
              AND (m.valid_until IS NULL OR m.valid_until > clock_timestamp())))
    THEN
        RAISE EXCEPTION 'treatment_decider_guard: only an approver decides, in their own name'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_decider_guard';
    END IF;
{more}    RETURN NEW;
END $$;
"""
# This condition also works in a customer's scope: there, row-level security permits reading the controllers of the
# service accounts of the customer's organization.
_CONTROLLERS = """    IF NEW.decided_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM tenants_serviceaccountcontroller c
        WHERE c.account_id = NEW.requested_by_id AND c.person_id = NEW.decided_by_id)
    THEN
        RAISE EXCEPTION 'treatment_decider_guard: who controls a service account does not decide about its requests'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'treatment_decider_guard';
    END IF;
"""
GUARD = _FUNCTION.format(settings="SET search_path = pg_catalog, public, pg_temp ", more=_CONTROLLERS)
BEFORE = _FUNCTION.format(settings="", more="")


class Migration(migrations.Migration):
    dependencies = [
        ("treatment", "0036_campaign_notices"),
        ("tenants", "0048_service_account_guards"),
    ]

    operations = [migrations.RunSQL(GUARD, BEFORE)]
