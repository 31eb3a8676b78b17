"""Let only the application's role call the functions that delete portfolio reports.

PostgreSQL lets every role of the database call a new function, also one that runs with the rights of the tables' owner.
"""

from django.db import connections, migrations
from django.db.utils import DEFAULT_DB_ALIAS

FUNCTIONS = ("portfolio_reports_delete_old(uuid)", "portfolio_reports_erase(uuid, uuid)")


def restrict(apps, schema_editor):
    role = connections[DEFAULT_DB_ALIAS].settings_dict["USER"]
    if not role or role == schema_editor.connection.settings_dict["USER"]:
        return
    for function in FUNCTIONS:
        schema_editor.execute(f"REVOKE EXECUTE ON FUNCTION {function} FROM PUBLIC")
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {schema_editor.quote_name(role)}")


def permit(apps, schema_editor):
    for function in FUNCTIONS:
        schema_editor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO PUBLIC")


class Migration(migrations.Migration):
    dependencies = [("portfolio_reports", "0008_branding_of_the_organization")]

    operations = [migrations.RunPython(restrict, permit)]
