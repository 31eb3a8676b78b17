"""Call every address with every method for every role, with foreign ids in every parameter and field.

In the person's own tenant, the role decides what is permitted.

The addresses and samples are those of test_url_sweep. Forms and parameters come from the pages themselves, so new
fields are attacked without a change here. After each attack the other tenant's tables are compared row by row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import reverse

from portal.treatment.models import Baseline
from tenants.models import JournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.isolation.fingerprints import fingerprints, references_to
from tests.isolation.forms import Form, PageForms, read
from tests.isolation.test_url_sweep import ADDRESSES, WITHOUT_TENANT, call, client_of, expected
from tests.portal.web.world import World

# Takes a minute, so it begins first.
pytestmark = pytest.mark.slow

METHODS = ("get", "post", "put", "patch", "delete")
# Tables that the recording of downloads changes.
JOURNAL = ("tenants_journalentry", "tenants_organizationjournalentry")
# Addresses to call last, because they end the session or the mail subscription of the calling person.
LAST = ("unsubscribe",)
OF_TENANT = [name for name, address in ADDRESSES.items() if address.has_tenant and name not in WITHOUT_TENANT]
# Kinds of objects whose ids are tried in every field.
KINDS = ("finding", "exception", "channel", "rule", "membership", "assessment", "file")
# Parameters of lists contain only ids of these kinds, or no ids.
FEW = ("finding", "owner", "tenant")
# Ids of these kinds are tried in all fields at once. In a single field, only an id of the kind that its name suggests
# is tried.
AT_ONCE = ("finding", "owner")
# Fields whose name does not suggest the kind of their ids.
MEANT = {"place": "tenant", "by": "owner", "person": "owner", "at": "tenant"}


class Undo(Exception):
    """Raised to undo the changes of a block."""


def request(client: Client, method: str, url: str, data: Mapping[str, Any] | None = None) -> HttpResponseBase:
    response: HttpResponseBase = getattr(client, method)(url, data or {})
    return response


def body_of(response: HttpResponseBase) -> str:
    """Return the text of the answer. Streamed files are read; for binary files, the text is empty."""
    if getattr(response, "streaming", False):
        return b"".join(response).decode("utf-8", "replace")
    return response.content.decode("utf-8", "replace")  # type: ignore[attr-defined]


def foreign_ids(world: World) -> dict[str, UUID]:
    """Ids of the other tenant's objects by kind, including its people."""
    theirs = world.of(world.foreign)
    found = {kind: theirs[kind].pk for kind in KINDS}
    return {
        **found,
        "tenant": world.foreign.pk,
        "organization": world.foreign.organization_id,
        "owner": theirs["waiting"].person_id,
    }


def needles(world: World) -> list[str]:
    """Texts that only people of the other tenant may read."""
    theirs = world.of(world.foreign)
    return [
        world.foreign.name,
        world.foreign.slug,
        world.foreign.organization.name,
        theirs["finding"].subject_name,
        theirs["invitation"].email,
        theirs["waiting"].person.email,
    ]


def arguments(world: World, tenant: Tenant, name: str) -> list[Any]:
    return ADDRESSES[name].arguments(world, tenant)


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("role", list(Role))
def test_no_method_reaches_another_tenant(world: World, role: Role) -> None:
    """Addresses of the other tenant's objects answer 404, or 405 to a method that they do not support."""
    client = client_of(world.people[role.value])
    before = fingerprints(world.foreign)
    for name in OF_TENANT:
        url = reverse(name, args=arguments(world, world.foreign, name))
        sample = ADDRESSES[name].data(world, world.foreign)
        found = {method: request(client, method, url, sample).status_code for method in METHODS}
        assert set(found.values()) <= {404, 405}, (name, found)
        assert found["post" if ADDRESSES[name].post else "get"] == 404, (name, found)
    assert fingerprints(world.foreign) == before


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_not_do_changes_nothing(world: World, role: Role) -> None:
    """Try every method of every address that the role may not use, on the person's own tenant."""
    client = client_of(world.people[role.value])
    before = fingerprints(world.home)
    refused = [name for name in OF_TENANT if expected(ADDRESSES[name], role) in (403, 404)]
    for name in refused:
        url = reverse(name, args=arguments(world, world.home, name))
        sample = ADDRESSES[name].data(world, world.home)
        found = {method: request(client, method, url, sample).status_code for method in ("get", "post")}
        assert set(found.values()) <= {403, 404, 405}, (name, found)
    assert fingerprints(world.home) == before


@dataclass(frozen=True)
class Answer:
    """The answer to a GET; `forms` is None if the answer is not a page."""

    name: str
    url: str
    status: int
    cache_control: str
    forms: PageForms | None


@dataclass(frozen=True)
class Visit:
    """The answers to GET of all addresses of the own tenant, the tenant's tables before and afterwards, and the
    actions of the journal entries that were written."""

    answers: list[Answer]
    before: dict[str, str]
    after: dict[str, str]
    recorded: set[str]


_visits: dict[Role, Visit] = {}


def journal_actions(tenant: Tenant) -> list[str]:
    """Return the actions of the tenant's journal entries, the oldest first."""
    with factories.in_tenant(tenant):
        rows = JournalEntry.objects.filter(tenant=tenant).order_by("sequence")
        return list(rows.values_list("action", flat=True))


def visit(world: World, role: Role) -> Visit:
    """Open every address as a role, once per process: the data of `world` are the same in every test."""
    if role not in _visits:
        client = client_of(world.people[role.value])
        before, entries = fingerprints(world.home), journal_actions(world.home)
        answers = []
        for name, address in ADDRESSES.items():
            if name in LAST:
                continue
            url = reverse(name, args=address.arguments(world, world.home))
            response = request(client, "get", url)
            is_page = response.status_code == 200 and "text/html" in response.headers.get("Content-Type", "")
            forms = read(body_of(response), url.partition("?")[0]) if is_page else None
            answers.append(
                Answer(name, url, response.status_code, response.headers.get("Cache-Control", ""), forms)
            )
        recorded = set(journal_actions(world.home)[len(entries) :])
        _visits[role] = Visit(answers, before, fingerprints(world.home), recorded)
    return _visits[role]


@pytest.mark.parametrize("role", list(Role))
def test_own_tenant_answers_as_the_role_allows(world: World, role: Role) -> None:
    visited = {answer.name: answer.status for answer in visit(world, role).answers}
    client = client_of(world.people[role.value])
    found = {}
    for name, address in ADDRESSES.items():
        is_visited = name in visited and not address.post and not address.data(world, world.home)
        found[name] = visited[name] if is_visited else call(client, name, world, world.home)
    assert found == {name: expected(address, role) for name, address in ADDRESSES.items()}


@pytest.mark.parametrize("role", [Role.OWNER, Role.AUDITOR, Role.APPROVER, Role.ORGANIZATION_ADMINISTRATOR])
def test_reading_changes_nothing_and_leaves_no_copy(world: World, role: Role) -> None:
    visited = visit(world, role)
    assert {answer.name for answer in visited.answers} == set(ADDRESSES) - set(LAST)
    for answer in visited.answers:
        assert answer.status < 500, answer.name
        # Neither browsers nor proxies may keep a copy of a page or file.
        assert "no-store" in answer.cache_control, answer.name
        assert "private" in answer.cache_control, answer.name
    # The journal names who downloads files.
    assert visited.recorded <= {"file.downloaded"}
    assert unrecorded(visited.after) == unrecorded(visited.before)


def unrecorded(found: dict[str, str]) -> dict[str, str]:
    return {table: digest for table, digest in found.items() if table not in JOURNAL}


def forms_of(world: World, role: Role) -> tuple[list[Form], dict[str, set[str]]]:
    """Return each different form of all pages once, and all linked parameters by path."""
    forms: dict[tuple[str, str, tuple[str, ...]], Form] = {}
    parameters: dict[str, set[str]] = {}
    for answer in visit(world, role).answers:
        if answer.forms is None:
            continue
        for form in answer.forms.forms:
            forms.setdefault((form.path, form.method, tuple(sorted(form.fields))), form)
        for path, names in answer.forms.parameters.items():
            parameters.setdefault(path, set()).update(names)
    for form in forms.values():
        if form.method == "get":
            parameters.setdefault(form.path, set()).update(form.fields)
    posts = [
        form for form in forms.values() if form.method == "post" and not form.path.startswith("/accounts/")
    ]
    return posts, parameters


def attacks(fields: Mapping[str, str], ids: Mapping[str, UUID]) -> Iterator[dict[str, str]]:
    """Yield the fields with foreign ids: all fields at once for each kind, and each field by itself."""
    for kind in AT_ONCE:
        yield dict.fromkeys(fields, str(ids[kind]))
    for name in fields:
        kind = MEANT.get(name) or next((kind for kind in ids if kind in name), "finding")
        yield {**fields, name: str(ids[kind])}


# The two roles together see all forms; only approvers see those for decisions.
@pytest.mark.parametrize("role", [Role.ORGANIZATION_ADMINISTRATOR, Role.APPROVER])
def test_foreign_ids_in_every_field_of_every_form_are_refused(world: World, role: Role) -> None:
    client = client_of(world.people[role.value])
    ids, secret = foreign_ids(world), needles(world)
    posts, _ = forms_of(world, role)
    assert len(posts) >= 4
    before = fingerprints(world.foreign)
    for form in posts:
        for data in attacks(form.fields, ids):
            try:
                with transaction.atomic():
                    response = client.post(form.path, data)
                    assert response.status_code < 500, (form.path, data)
                    shown = body_of(response) + response.headers.get("Location", "")
                    assert [one for one in secret if one in shown] == [], (form.path, data)
                    if response.status_code < 400:
                        assert references_to(world.home, ids.values()) == [], (form.path, data)
                    raise Undo
            except Undo:
                continue
    assert fingerprints(world.foreign) == before


@pytest.mark.parametrize("role", [Role.ORGANIZATION_ADMINISTRATOR, Role.OWNER])
def test_foreign_ids_in_every_parameter_show_nothing(world: World, role: Role) -> None:
    client = client_of(world.people[role.value])
    ids, secret = foreign_ids(world), needles(world)
    _, parameters = forms_of(world, role)
    assert len(parameters) > 5
    for path, names in parameters.items():
        for data in attacks(dict.fromkeys(names, ""), {kind: ids[kind] for kind in FEW}):
            response = client.get(path, data)
            assert response.status_code < 500, (path, data)
            shown = body_of(response)
            assert [one for one in secret if one in shown] == [], (path, data)


def test_the_attacks_reach_their_target(world: World) -> None:
    """The same request changes tables of the person's own tenant, so the comparison would notice an effect on another
    tenant.
    """
    client = client_of(world.people["organization_administrator"])
    before = fingerprints(world.home)
    exception = world.of(world.home)["exception"]
    client.post(reverse("exception-withdraw", args=[world.home.slug, exception.pk]))
    client.post(
        reverse("finding-assign", args=[world.home.slug, world.of(world.home)["finding"].pk]), {"owner": ""}
    )
    assert fingerprints(world.home) != before
    with organization_scope(world.organization):
        mine = world.of(world.home)["owned"].pk
    assert references_to(world.home, [mine]) != []


def test_a_change_of_the_organizations_own_rows_is_noticed(world: World) -> None:
    before = fingerprints(world.foreign)
    with organization_scope(world.foreign.organization_id):
        changed = Baseline.objects.filter(organization=world.foreign.organization_id).update(
            name="Changed by others"
        )
    assert changed > 0
    after = fingerprints(world.foreign)
    assert {table for table in after if after[table] != before[table]} == {"treatment_baseline"}
    owned = "configurationfile organizationreportschedule customerimport erasure portfolioreport reportbranding".split()
    owned += "organizationretentionrule delegation managingprincipal baseline campaign".split()
    tables = {table.rpartition("_")[2] for table in after}
    assert not set(owned) - tables
