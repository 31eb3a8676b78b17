"""Lists of customers to import, and the states and messages of their lines."""

from __future__ import annotations

from uuid import uuid4

from portal.imports.actions import counts, start_import, upload
from portal.imports.models import CustomerImport
from portal.imports.run import run_import
from tenants.models import Organization, Person
from tenants.scope import organization_scope, person_scope

SECRET = "Q~the-secret-of-contoso"
HEADER = (
    "name,directory_id,short_name,time_zone,labels,schedule,client_id,client_secret,secret_expires,cloud\n"
)


def ids(number: int) -> list[str]:
    return [str(uuid4()) for _ in range(number)]


def add(organization: Organization, by: Person, text: str) -> CustomerImport:
    with person_scope(by):
        return upload(organization=organization, by=by, file_name="customers.csv", content=text.encode())


def run(row: CustomerImport, by: Person) -> dict[str, int]:
    with person_scope(by):
        start_import(customer_import=row, by=by)
    run_import(organization_id=row.organization_id, import_id=row.pk)
    with organization_scope(row.organization_id):
        return counts(row)


def messages(row: CustomerImport) -> list[tuple[int, str, str]]:
    with organization_scope(row.organization_id):
        return list(row.lines.order_by("number").values_list("number", "state", "message"))
