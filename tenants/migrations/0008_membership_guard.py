"""Keep people from granting themselves a role, inviting themselves, and confirming a role that they granted.

Triggers check this, so the rule holds for raw SQL too. `surety.person` is the person of the request. It is empty if
Surety itself or its operator acts.
"""

from django.db import migrations, models

GUARD = """
CREATE FUNCTION tenants_guard_membership() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
    offered boolean;
BEGIN
    IF TG_OP = 'INSERT' THEN
        offered := me IS NOT NULL AND NEW.person_id = me AND EXISTS (
            SELECT 1 FROM tenants_invitation i JOIN tenants_person p ON p.id = me AND p.email = i.email
            WHERE i.organization_id = NEW.organization_id AND i.tenant_id IS NOT DISTINCT FROM NEW.tenant_id
              AND i.role = NEW.role AND i.accepted_at IS NULL AND i.expires_at > now()
              AND i.invited_by_id IS NOT DISTINCT FROM NEW.granted_by_id AND i.invited_by_id IS DISTINCT FROM me
              AND NEW.valid_until IS NOT DISTINCT FROM i.access_until);
        IF NEW.person_id = me AND NOT offered THEN
            RAISE EXCEPTION 'nobody grants themselves a role' USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NOT offered AND NEW.granted_by_id IS DISTINCT FROM me THEN
            RAISE EXCEPTION 'a membership is granted by the person of the scope'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF NEW.role = 'approver' AND NEW.granted_by_id IS NOT NULL AND NEW.confirmation <> 'waiting'
           OR NEW.confirmation IN ('confirmed', 'earlier') THEN
            RAISE EXCEPTION 'a new approver waits for a second administrator'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.person_id, NEW.organization_id, NEW.tenant_id, NEW.role, NEW.granted_by_id, NEW.created_at)
       IS DISTINCT FROM
       (OLD.id, OLD.person_id, OLD.organization_id, OLD.tenant_id, OLD.role, OLD.granted_by_id, OLD.created_at)
    THEN
        RAISE EXCEPTION 'person, place and role of a membership cannot change'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF OLD.valid_until IS NOT NULL AND (NEW.valid_until IS NULL OR NEW.valid_until > OLD.valid_until)
       OR NEW.valid_from < OLD.valid_from AND (NEW.valid_until IS NULL OR NEW.valid_until > now()) THEN
        RAISE EXCEPTION 'a membership cannot be prolonged: grant a new one'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    IF NEW.confirmation IS DISTINCT FROM OLD.confirmation THEN
        IF OLD.confirmation <> 'waiting' OR NEW.confirmation NOT IN ('confirmed', 'refused', 'operator')
           OR NEW.confirmed_by_id IS DISTINCT FROM me
           OR NEW.confirmation = 'confirmed' AND (me IS NULL OR me = OLD.person_id OR me = OLD.granted_by_id)
           OR NEW.confirmation = 'operator' AND me IS NOT NULL THEN
            RAISE EXCEPTION 'a second administrator confirms this role'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
    ELSIF (NEW.confirmed_by_id, NEW.confirmed_at) IS DISTINCT FROM (OLD.confirmed_by_id, OLD.confirmed_at) THEN
        RAISE EXCEPTION 'the confirmation of a membership cannot change'
            USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_guard_membership BEFORE INSERT OR UPDATE ON tenants_membership
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_membership();

CREATE FUNCTION tenants_guard_invitation() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    me uuid := NULLIF(current_setting('surety.person', true), '')::uuid;
BEGIN
    IF TG_OP = 'INSERT' THEN
        IF NEW.invited_by_id IS DISTINCT FROM me THEN
            RAISE EXCEPTION 'an invitation is made by the person of the scope'
                USING ERRCODE = 'insufficient_privilege';
        END IF;
        IF EXISTS (SELECT 1 FROM tenants_person p WHERE p.id = me AND p.email = NEW.email) THEN
            RAISE EXCEPTION 'nobody invites themselves' USING ERRCODE = 'insufficient_privilege';
        END IF;
        RETURN NEW;
    END IF;
    IF (NEW.id, NEW.organization_id, NEW.tenant_id, NEW.email, NEW.role, NEW.access_until)
       IS DISTINCT FROM
       (OLD.id, OLD.organization_id, OLD.tenant_id, OLD.email, OLD.role, OLD.access_until)
       OR NEW.invited_by_id IS DISTINCT FROM OLD.invited_by_id
       OR OLD.accepted_at IS NOT NULL AND NEW.accepted_at IS DISTINCT FROM OLD.accepted_at THEN
        RAISE EXCEPTION 'an invitation cannot change: make a new one' USING ERRCODE = 'insufficient_privilege';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER tenants_guard_invitation BEFORE INSERT OR UPDATE ON tenants_invitation
    FOR EACH ROW EXECUTE FUNCTION tenants_guard_invitation();
"""
NO_GUARD = """
DROP TRIGGER tenants_guard_invitation ON tenants_invitation;
DROP FUNCTION tenants_guard_invitation();
DROP TRIGGER tenants_guard_membership ON tenants_membership;
DROP FUNCTION tenants_guard_membership();
"""


class Migration(migrations.Migration):
    dependencies = [("tenants", "0007_membership_confirmation")]

    operations = [
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(("granted_by", models.F("person")), _negated=True),
                name="tenants_membership_not_by_self",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("role__in", ["approver"]), _negated=True),
                    models.Q(("confirmation", "not_needed"), _negated=True),
                    _connector="OR",
                ),
                name="tenants_membership_second_administrator",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("confirmation", "confirmed"), _negated=True),
                    models.Q(("confirmed_at__isnull", False), ("confirmed_by__isnull", False)),
                    _connector="OR",
                ),
                name="tenants_membership_confirmed",
            ),
        ),
        migrations.AddConstraint(
            model_name="membership",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(("confirmed_by", models.F("granted_by")), _negated=True),
                        models.Q(("confirmed_by", models.F("person")), _negated=True),
                    ),
                    ("confirmation", "refused"),
                    _connector="OR",
                ),
                name="tenants_membership_confirmed_by_other",
            ),
        ),
        migrations.RunSQL(GUARD, NO_GUARD),
    ]
