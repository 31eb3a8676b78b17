"""Give each trigger function, and each function with the rights of the owner, a fixed search path.

By default, PostgreSQL finds temporary tables before the tables in `public`. Somebody who can run SQL as the
application's role could create a temporary table with the name of one of Surety's tables. A trigger function without a
fixed search path would then read the temporary table, and accept what it must refuse. Functions that these functions
call need no search path of their own, because they use the search path of their caller.

The migration is in this app because it depends on all apps with such functions. CREATE OR REPLACE FUNCTION removes the
search path from a function. So later migrations must set it again; tests/tenants/test_search_path.py checks all
functions.
"""

from django.db import migrations

FIX = """
DO $$
DECLARE
    one regprocedure;
BEGIN
    FOR one IN SELECT p.oid FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.proowner = current_user::regrole
          AND (p.prorettype = 'trigger'::regtype OR p.prosecdef)
    LOOP
        EXECUTE format('ALTER FUNCTION %s SET search_path = pg_catalog, public, pg_temp', one);
    END LOOP;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("leaving", "0004_erasure_corrections"),
        ("assessments", "0022_assessment_details_deleted_at"),
        ("audit", "0002_anchors_stay"),
        ("reports", "0007_signedreport_kind"),
        ("retention", "0002_functions"),
        ("tenants", "0030_organization_erasure_wait_hours"),
        ("treatment", "0027_treatment_change_triggers"),
    ]

    operations = [migrations.RunSQL(FIX, migrations.RunSQL.noop)]
