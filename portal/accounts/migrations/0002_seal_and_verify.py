"""Seal existing second factors, verify existing addresses, and drop the tables that held keys of sessions.

Everybody signs in again after this migration, because sessions were stored under their readable keys.
"""

from django.db import migrations

from portal.accounts import second_factors


def seal_second_factors(apps, schema_editor):
    rows = apps.get_model("mfa", "Authenticator").objects.using(schema_editor.connection.alias)
    for row in rows.all():
        person, changed = str(row.user_id), False
        for key in second_factors.SECRET_KEYS:
            if key in row.data and not second_factors.is_sealed(row.data[key]):
                row.data[key], changed = second_factors.seal(row.data[key], person), True
        if codes := row.data.get("migrated_codes"):
            # allauth does not seal codes that were migrated from another package. Surety never had such codes.
            raise RuntimeError(f"Second factor {row.pk} has {len(codes)} migrated codes. Delete it first.")
        if changed:
            row.save(update_fields=["data"])


def verify_addresses(apps, schema_editor):
    """Give every person a row for their address.

    People without a row never changed their address. So the new row is verified, unless the address is already verified
    for another person. An existing row becomes verified if the person accepted an invitation to its address. The state
    of other existing rows does not change: an address that a person entered stays unverified until its mailed link is
    opened.
    """
    alias = schema_editor.connection.alias
    people = apps.get_model("tenants", "Person").objects.using(alias)
    addresses = apps.get_model("account", "EmailAddress").objects.using(alias)
    invitations = apps.get_model("tenants", "Invitation")._base_manager.using(alias)
    accepted = set()
    # Row-level security shows invitations only inside a scope, even to the tables' owner.
    for tenant, organization in apps.get_model("tenants", "TenantKey").objects.using(alias).values_list(
        "tenant_id", "organization_id"
    ):
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(
                "SELECT set_config('surety.tenants', %s, true), set_config('surety.organizations', %s, true)",
                [f"{{{tenant}}}", f"{{{organization}}}"],
            )
        accepted |= set(invitations.filter(accepted_by__isnull=False).values_list("accepted_by_id", "email"))
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT set_config('surety.tenants', '', true), set_config('surety.organizations', '', true)")
    for person in people.all():
        own = addresses.filter(user_id=person.pk)
        if not own.exists():
            taken = addresses.filter(email=person.email, verified=True).exists()
            addresses.create(user_id=person.pk, email=person.email, primary=True, verified=not taken)
        elif (person.pk, person.email) in accepted:
            own.filter(email=person.email).update(verified=True)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("mfa", "0003_authenticator_type_uniq"),
        ("socialaccount", "0006_alter_socialaccount_extra_data"),
        ("tenants", "0013_sign_in_policy"),
    ]

    operations = [
        migrations.RunSQL(
            "DROP TABLE IF EXISTS usersessions_usersession; DROP TABLE IF EXISTS django_session;",
            migrations.RunSQL.noop,
        ),
        migrations.RunPython(seal_second_factors, migrations.RunPython.noop),
        migrations.RunPython(verify_addresses, migrations.RunPython.noop),
    ]
