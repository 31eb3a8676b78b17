"""Refuse changes of anchors. The application's role may neither delete anchors nor change their heads, and a trigger
refuses to replace a stamp or the time of a delivery. When a head is anchored, it must be an entry of its chain.
"""

from django.db import migrations

from tenants.append_only import revoke_changes

GUARD = """
CREATE FUNCTION audit_guard_anchor() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (OLD.id, OLD.organization_id, OLD.tenant_id, OLD.sequence, OLD.hash, OLD.made_at)
        IS DISTINCT FROM (NEW.id, NEW.organization_id, NEW.tenant_id, NEW.sequence, NEW.hash, NEW.made_at) THEN
        RAISE EXCEPTION 'the head of an anchor cannot change' USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF OLD.token IS NOT NULL AND (OLD.token, OLD.stamped_at, OLD.authority)
        IS DISTINCT FROM (NEW.token, NEW.stamped_at, NEW.authority) THEN
        RAISE EXCEPTION 'the time stamp of an anchor cannot change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    IF (OLD.mailed_at IS NOT NULL AND OLD.mailed_at IS DISTINCT FROM NEW.mailed_at)
        OR (OLD.posted_at IS NOT NULL AND OLD.posted_at IS DISTINCT FROM NEW.posted_at) THEN
        RAISE EXCEPTION 'the time at which an anchor was sent cannot change'
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_guard_anchor BEFORE UPDATE ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_guard_anchor();

CREATE FUNCTION audit_anchor_is_entry() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.tenant_id IS NULL THEN
        PERFORM 1 FROM tenants_organizationjournalentry
            WHERE organization_id = NEW.organization_id AND sequence = NEW.sequence AND hash = NEW.hash;
    ELSE
        PERFORM 1 FROM tenants_journalentry
            WHERE tenant_id = NEW.tenant_id AND sequence = NEW.sequence AND hash = NEW.hash;
    END IF;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the journal has no entry % with the hash of this anchor', NEW.sequence
            USING ERRCODE = 'integrity_constraint_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_anchor_is_entry BEFORE INSERT ON audit_anchor
    FOR EACH ROW EXECUTE FUNCTION audit_anchor_is_entry();
"""
NO_GUARD = """
DROP TRIGGER audit_anchor_is_entry ON audit_anchor;
DROP FUNCTION audit_anchor_is_entry();
DROP TRIGGER audit_guard_anchor ON audit_anchor;
DROP FUNCTION audit_guard_anchor();
"""
RESULTS = ("token", "stamped_at", "authority", "mailed_at", "posted_at", "error")


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial"), ("tenants", "0025_journal_follows")]

    operations = [
        migrations.RunSQL(GUARD, NO_GUARD),
        revoke_changes("audit_anchor", except_columns=RESULTS),
    ]
