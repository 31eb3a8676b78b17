"""The application's database role cannot change stored events of the activity log. The role could still delete
events until migration 0006 of `portal.retention` revoked that right.
"""

from django.db import connections, migrations

TABLES = ("assessments_activityevent", "assessments_activityreading")


def change(statement):
    def run(apps, schema_editor):
        role = connections["default"].settings_dict["USER"]
        if not role or role == schema_editor.connection.settings_dict["USER"]:
            return
        for table in TABLES:
            schema_editor.execute(
                statement.format(schema_editor.quote_name(table), schema_editor.quote_name(role))
            )

    return run


class Migration(migrations.Migration):
    dependencies = [("assessments", "0027_activity_log")]

    operations = [
        migrations.RunPython(change("REVOKE UPDATE ON {} FROM {}"), change("GRANT UPDATE ON {} TO {}")),
    ]
