"""Imports of customers from files: preview, importing again, cancelling, rights, and the deletion of secrets."""

from __future__ import annotations

import re
import threading
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from assessments.actions.credentials.preflight import PREFLIGHT
from assessments.models import Schedule
from portal.imports.actions import cancel_import, counts, start_import, upload
from portal.imports.models import CustomerImport, CustomerImportLine
from portal.imports.run import run_import
from portal.imports.task_names import DELETE_PREVIEWS, IMPORT_CUSTOMERS
from portal.imports.tasks import delete_all_previews, delete_previews
from tenants import secrets
from tenants.actions import revoke_membership, start_registration
from tenants.errors import Conflict
from tenants.models import (
    Directory,
    JournalEntry,
    Membership,
    Organization,
    OrganizationJournalEntry,
    Person,
    ServicePrincipal,
    Tenant,
)
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.assessments.sandboxed_customer import sent
from tests.concurrency import run_concurrently
from tests.portal.imports.lists import HEADER, SECRET, add, ids, messages, run

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def provider() -> tuple[Organization, Person]:
    organization = factories.organization()
    found = organization, factories.member(Role.ORGANIZATION_ENGINEER, organization)
    sent()  # Empty the queue, because earlier tests of this process may have left messages.
    return found


def test_file_registers_customers_once(provider: tuple[Organization, Person]) -> None:
    organization, by = provider
    first, second, app = ids(3)
    text = HEADER + (
        f"Contoso,{first},contoso-x,europe/berlin,gold|north,Mon-Fri 02:00,{app},{SECRET},2099-01-31,AzureCloud\n"
        f"Fabrikam,{second.upper()},,,,,,,,\n"
    )
    row = add(organization, by, text)
    with organization_scope(organization):
        assert not Tenant.objects.exists()  # A preview registers nothing.
        assert counts(row) == {"new": 2}
        line = row.lines.first()
        assert SECRET not in str(line.values)
        assert secrets.unseal(line, "secret").reveal() == SECRET
    assert run(row, by) == {"created": 2}
    start, check = sent()
    assert start == (IMPORT_CUSTOMERS, [str(organization.pk), str(row.pk)])
    with organization_scope(organization):
        principal = ServicePrincipal.objects.get()
        assert check == (PREFLIGHT, [str(principal.tenant_id), str(principal.pk)])
        contoso = Tenant.objects.get(slug="contoso-x")
        assert (contoso.name, contoso.timezone, contoso.labels) == (
            "Contoso",
            "Europe/Berlin",
            ["gold", "north"],
        )
        assert Directory.objects.get(tenant=contoso).directory_id == first
        principal = ServicePrincipal.objects.get()
        assert secrets.unseal(principal, "credential").reveal() == SECRET
        assert (principal.client_id, principal.expires_at.year) == (app, 2099)
        assert Schedule.objects.get().rule == "Mon-Fri 02:00 within 120"
        assert not CustomerImportLine.objects.filter(secret__isnull=False).exists()
        assert CustomerImport.objects.get().state == "finished"
        actors = set(JournalEntry.objects.values_list("actor", flat=True))
        assert actors == {f"{by.email} (person:{by.pk})"}
        entries = list(OrganizationJournalEntry.objects.order_by("sequence").values_list("action", "details"))
        assert SECRET not in str(entries)
        assert [action for action, _ in entries][-4:] == [
            "customers.import_started",
            "tenant.registered",
            "tenant.registered",
            "customers.import_ended",
        ]
    # Importing the same file again changes nothing, and registers no customer twice.
    again = add(organization, by, text)
    assert [state for _, state, _ in messages(again)] == ["same", "same"]
    assert "An import does not replace the secret" in messages(again)[0][2]
    # A line with the directory of an existing customer changes this customer.
    changed = add(organization, by, HEADER + f"Contoso AG,{first},,UTC,gold,off,,,,\n")
    ((_, state, message),) = messages(changed)
    assert state == "change"
    assert message == (
        "Name: Contoso → Contoso AG; time zone: Europe/Berlin → UTC; labels: gold, north → gold;"
        " schedule: Mon-Fri 02:00 within 120 → off."
    )
    assert run(changed, by) == {"changed": 1}
    with organization_scope(organization):
        assert Tenant.objects.count() == 2
        assert (Tenant.objects.get(slug="contoso-x").name, Schedule.objects.get().enabled) == (
            "Contoso AG",
            False,
        )


def test_errors_by_line_stop_no_other_line(provider: tuple[Organization, Person]) -> None:
    organization, by = provider
    other = factories.tenant(organization, "Known Ltd")
    good, taken, third, fourth, fifth, sixth = ids(6)
    lines = [
        (f"Good,{good},,,,,,,,", "Registers the customer."),
        ("No id,12345,,,,,,,,", "“12345” in “directory_id” is not an ID"),
        (f",{taken},,,,,,,,", "The cell “name” is empty"),
        (f"Doubled,{good},,,,,,,,", "Line 2 has the same directory"),
        (f"good,{third},,,,,,,,", "Line 2 has the same name"),
        (f"Zone,{fourth},,Middle/Earth,,,,,,", "There is no time zone “Middle/Earth”"),
        (f"When,{fourth},,,,hourly,,,,", "neither a weekday nor a time"),
        (f"Half,{fourth},,,,,{fifth},,,", "“client_id” needs “client_secret”"),
        (f"Half,{fourth},,,,,,{SECRET},,", "“client_secret” needs “client_id”"),
        (f"Its id,{fourth},,,,,{fifth},{sixth},,", "This is the ID of the secret"),
        (f"Late,{fourth},,,,,{fifth},{SECRET},2020-01-01,", "This secret has expired"),
        (f"Date,{fourth},,,,,{fifth},{SECRET},31.1.2099,", "Enter a date in the form 2027-03-31"),
        (f"Cloud,{fourth},,,,,,,,AWS", "“AWS” is not a cloud"),
        (f"Known Ltd,{fifth},,,,,,,,", f"fill in “short_name” with {other.slug}"),
        (f"{'x' * 201},{sixth},,,,,,,,", "more than 200 characters"),
    ]
    row = add(organization, by, HEADER + "".join(f"{line}\n" for line, _ in lines))
    for (_, state, message), (line, words) in zip(messages(row), lines, strict=True):
        assert words in message, line
        assert state == ("new" if words.startswith("Registers") else "error"), line
    with organization_scope(organization):
        assert not CustomerImportLine.objects.filter(secret__isnull=False).exists()
    assert run(row, by) == {"created": 1, "error": len(lines) - 1}


def test_short_name_adds_a_directory_to_a_registered_customer(provider: tuple[Organization, Person]) -> None:
    organization, by = provider
    known = factories.tenant(organization, "Known Ltd")
    first, second = ids(2)
    row = add(
        organization, by, HEADER + f"Known Ltd,{first},{known.slug},,,,,,,\nBad,{second},Not A Slug!,,,,,,,\n"
    )
    assert run(row, by) == {"changed": 1, "failed": 1}
    assert "lowercase letters" in messages(row)[1][2]
    with organization_scope(organization):
        assert Directory.objects.get().tenant_id == known.pk
        assert Tenant.objects.count() == 1
    wrong = add(organization, by, HEADER + f"Known Ltd,{first},another,,,,,,,\n")
    assert "belongs to the customer Known Ltd" in messages(wrong)[0][2]


def test_customers_of_other_organizations_are_not_found(provider: tuple[Organization, Person]) -> None:
    organization, by = provider
    stranger = factories.directory(factories.tenant(name="Stranger"))
    row = add(organization, by, HEADER + f"Stranger,{stranger.directory_id},,,,,,,,\n")
    assert messages(row) == [(2, "new", "Registers the customer.")]
    assert run(row, by) == {"created": 1}
    assert messages(row) == [(2, "created", "Registered the customer.")]
    with organization_scope(organization):
        assert Directory.objects.count() == 1


def test_customer_registered_after_the_preview_is_not_registered_twice(
    provider: tuple[Organization, Person],
) -> None:
    organization, by = provider
    (first,) = ids(1)
    text = HEADER + f"Contoso,{first},,,,,,,,\n"
    one, two = add(organization, by, text), add(organization, by, text)
    assert run(one, by) == {"created": 1}
    assert run(two, by) == {"same": 1}
    assert messages(two) == [(2, "same", "Nothing was changed.")]
    with organization_scope(organization):
        assert Tenant.objects.count() == 1


def test_one_import_at_a_time_and_cancel_keeps_what_is_imported(
    provider: tuple[Organization, Person], monkeypatch: pytest.MonkeyPatch
) -> None:
    organization, by = provider
    text = HEADER + "".join(f"Customer {n},{one},,,,,{one},{SECRET},,\n" for n, one in enumerate(ids(3)))
    row, other = add(organization, by, text), add(organization, by, text)
    with person_scope(by):
        start_import(customer_import=row, by=by)
        with pytest.raises(Conflict, match="Another import is running"):
            start_import(customer_import=other, by=by)
        with pytest.raises(Conflict, match="already started"):
            start_import(customer_import=row, by=by)
    # A worker imports one line; then the import is cancelled.
    from portal.imports import run as running

    assert running._next_line(organization.pk, row.pk)
    with person_scope(by):
        cancel_import(customer_import=row, by=by)
        with pytest.raises(Conflict, match="already ended"):
            cancel_import(customer_import=row, by=by)
    run_import(organization_id=organization.pk, import_id=row.pk)
    with organization_scope(organization):
        assert counts(row) == {"created": 1, "new": 2}
        assert not row.lines.filter(secret__isnull=False).exists()
        assert Tenant.objects.count() == 1
    assert run(other, by) == {"same": 1, "created": 2}


def test_person_who_lost_the_right_imports_nothing_more(provider: tuple[Organization, Person]) -> None:
    organization, by = provider
    row = add(organization, by, HEADER + f"Contoso,{ids(1)[0]},,,,,,,,\n")
    with person_scope(by):
        start_import(customer_import=row, by=by)
    with organization_scope(organization):
        revoke_membership(by=factories.BY, membership=Membership.objects.get(person=by))
    run_import(organization_id=organization.pk, import_id=row.pk)
    with organization_scope(organization):
        assert not Tenant.objects.exists()
        ended = CustomerImport.objects.get(pk=row.pk)
        assert (ended.state, "may no longer register" in ended.notes[-1]) == ("cancelled", True)


def test_preview_of_many_lines_needs_few_queries(provider: tuple[Organization, Person]) -> None:
    organization, by = provider
    text = HEADER + "".join(f"Customer {n},{one},,,,,,,,\n" for n, one in enumerate(ids(200)))
    with person_scope(by):
        connection.force_debug_cursor = True
        before = len(connection.queries)
        try:
            upload(organization=organization, by=by, file_name="customers.csv", content=text.encode())
            assert len(connection.queries) - before < 25
        finally:
            connection.force_debug_cursor = False


def command(*arguments: str) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_customers", *arguments, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_command_imports_the_same_file(provider: tuple[Organization, Person], tmp_path: Path) -> None:
    organization, _ = provider
    path = tmp_path / "customers.csv"
    first, second = ids(2)
    lines = f"Contoso,{first},,,,daily 02:00,,,,\nBad,x,,,,,,,,\nFabrikam,{second},,,,,,,,\n"
    path.write_text(HEADER + lines)

    def tenants() -> int:
        with organization_scope(organization):
            return Tenant.objects.count()

    out, _ = command(str(path), "--dry-run", "--skip-errors")
    assert "Dry run: nothing was changed." in out
    with pytest.raises(CommandError, match="Nothing was imported"):
        command(str(path))
    assert tenants() == 0
    with organization_scope(organization):
        assert not CustomerImport.objects.exists()
    out, err = command(str(path), "--skip-errors")
    assert "Import finished: 1 line with an error, 2 registered." in out
    assert "line 3: Bad: “x”" in err
    assert re.findall("^[0-9]+ of .*$", out, re.MULTILINE) == [
        "1 of 2: line 2: Contoso: registered",
        "2 of 2: line 4: Fabrikam: registered",
    ]
    assert tenants() == 2
    with pytest.raises(CommandError, match="cannot be read"):
        command(str(tmp_path / "none.csv"))
    path.write_bytes(b"PK\x03\x04")
    with pytest.raises(CommandError, match="Excel workbook"):
        command(str(path))
    factories.organization("Second")
    with pytest.raises(CommandError, match="Choose an organization with --organization"):
        command(str(path))


def test_page_and_import_of_one_directory_register_one_customer(
    provider: tuple[Organization, Person],
) -> None:
    organization, by = provider
    (directory,) = ids(1)
    row = add(organization, by, HEADER + f"Contoso,{directory},,,,,,,,\n")
    with person_scope(by):
        start_import(customer_import=row, by=by)
    is_registered, is_waiting = threading.Event(), threading.Event()

    def on_a_page() -> None:
        with person_scope(by):
            start_registration(by=by, organization=organization, name="Contoso Ltd", directory_id=directory)
            is_registered.set()
            # The page's transaction ends only when the import waits for a lock or has ended.
            assert is_waiting.wait(10)

    def from_a_file() -> None:
        assert is_registered.wait(10)
        threading.Thread(target=watch, daemon=True).start()
        run_import(organization_id=organization.pk, import_id=row.pk)
        is_waiting.set()

    def watch() -> None:
        try:
            with connection.cursor() as cursor:
                for _ in range(500):
                    cursor.execute(
                        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
                    )
                    if cursor.fetchone()[0] or is_waiting.wait(0.01):
                        break
        finally:
            is_waiting.set()
            connection.close()

    run_concurrently(on_a_page, from_a_file)
    with organization_scope(organization):
        assert Directory.objects.filter(directory_id=directory).count() == 1
        assert Tenant.objects.count() == 1
        assert counts(row) == {"changed": 1}


def test_a_file_that_nobody_imports_is_deleted_with_its_secrets_after_a_day(
    provider: tuple[Organization, Person],
) -> None:
    organization, by = provider
    (first, app) = ids(2)
    text = HEADER + f"Contoso,{first},,,,,{app},{SECRET},2099-01-31,AzureCloud\n"
    old, fresh = add(organization, by, text), add(organization, by, text)
    with organization_scope(organization):
        CustomerImport.objects.filter(pk=old.pk).update(created_at=timezone.now() - timedelta(hours=25))
    delete_all_previews()
    assert (DELETE_PREVIEWS, [str(organization.pk)]) in sent()
    delete_previews(str(organization.pk))
    with organization_scope(organization):
        assert list(CustomerImport.objects.all()) == [fresh]
        assert list(CustomerImportLine.objects.values_list("customer_import", flat=True)) == [fresh.pk]
