"""Call every address with every method for every role, with foreign ids in every parameter and field.

The tests also check that, in the person's own tenant, a role cannot change anything for which it lacks the right.

The addresses and samples are those of addresses.py. Forms and parameters come from the pages themselves, so new
fields are attacked without a change here. After the attacks, all rows of the other tenant must be the same as before.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pytest
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from django.urls import Resolver404, resolve, reverse

from assessments.actions.credentials.attempt_records import end_attempt, new_attempt
from portal.treatment.models import Baseline
from tenants.azure.credentials import CredentialResult
from tenants.models import JournalEntry, Tenant
from tenants.roles import Role
from tenants.scope import organization_scope
from tests import factories
from tests.isolation.addresses import ADDRESSES, WITHOUT_TENANT, call, client_of, expected
from tests.isolation.fingerprints import fingerprints, references_to
from tests.isolation.foreign_kinds import complete, kinds_without_sample
from tests.isolation.forms import Form, PageForms, read
from tests.portal.web.world import World

# This file takes more than a minute. Because of the marker, it begins before other files.
pytestmark = pytest.mark.slow(seconds=150)

METHODS = ("get", "post", "put", "patch", "delete")
# Tables that reading may change: the journals, which record downloads.
JOURNAL = ("tenants_journalentry", "tenants_organizationjournalentry")
# Addresses that `visit` does not open, so that no test sends their forms. The form of `unsubscribe` ends a mail
# subscription.
NOT_VISITED = ("unsubscribe",)
# Addresses with the parameter `attempt`. Only redirects contain this parameter, so it is not found in links of pages.
WITH_ATTEMPT = (
    "registration-credential",
    "service-principal-add",
    "service-principal",
    "managing-principal-add",
    "managing-principal",
)
# The role whose scope contains the scopes of all other roles.
WIDEST = Role.ORGANIZATION_ADMINISTRATOR
OF_TENANT = [name for name, address in ADDRESSES.items() if address.has_tenant and name not in WITHOUT_TENANT]

ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Undo(Exception):
    """Raised to undo the changes of a block."""


def request(client: Client, method: str, url: str, data: Mapping[str, Any] | None = None) -> HttpResponseBase:
    response: HttpResponseBase = getattr(client, method)(url, data or {})
    return response


def body_of(response: HttpResponseBase) -> str:
    """Return the text of a page or file. Bytes that are not UTF-8 are replaced."""
    if getattr(response, "streaming", False):
        return b"".join(response).decode("utf-8", "replace")
    return response.content.decode("utf-8", "replace")  # type: ignore[attr-defined]


def needles(world: World) -> list[str]:
    """Return names and email addresses of the other tenant, which only people of the other tenant may read."""
    theirs = world.of(world.foreign)
    return [
        world.foreign.name,
        world.foreign.slug,
        world.foreign.organization.name,
        theirs["finding"].subject_name,
        theirs["invitation"].email,
        theirs["waiting"].person.email,
    ]


def shown_of(world: World, response: HttpResponseBase, sent: Mapping[str, Any]) -> list[str]:
    """Return the texts of the other tenant that the answer contains. Texts that were sent in the request do not count,
    because pages repeat what a person has typed.
    """
    shown = body_of(response) + response.headers.get("Location", "")
    return [one for one in needles(world) if one in shown and one not in sent.values()]


def arguments(world: World, tenant: Tenant, name: str) -> list[Any]:
    return ADDRESSES[name].arguments(world, tenant)


_unsupported: dict[str, list[str]] = {}


def unsupported(world: World) -> dict[str, list[str]]:
    """Return {address: methods that it does not support}, found once per process.

    If the widest role gets 405 even for another tenant's object, the address refuses the method before it reads an
    object or a role. So every role gets 405.
    """
    if not _unsupported:
        client = client_of(world.people[WIDEST.value])
        for name in OF_TENANT:
            url = reverse(name, args=arguments(world, world.foreign, name))
            sample = ADDRESSES[name].data(world, world.foreign)
            found = {method: request(client, method, url, sample).status_code for method in METHODS}
            assert set(found.values()) <= {404, 405}, (name, found)
            assert found["post" if ADDRESSES[name].post else "get"] == 404, (name, found)
            _unsupported[name] = [method for method, status in found.items() if status == 405]
    return _unsupported


@pytest.mark.usefixtures("bare_refusals")
def test_no_method_reaches_another_tenant(world: World) -> None:
    """Addresses of the other tenant's objects answer 404, or 405 to a method that they do not support.

    The widest role tries every method. Every other role tries the methods that an address supports, and one that it
    does not support. The unsupported method changes from role to role.
    """
    before = fingerprints(world.foreign)
    refused = unsupported(world)
    for turn, role in enumerate(role for role in Role if role is not WIDEST):
        client = client_of(world.people[role.value])
        for name in OF_TENANT:
            url = reverse(name, args=arguments(world, world.foreign, name))
            sample = ADDRESSES[name].data(world, world.foreign)
            in_turn = refused[name][turn % len(refused[name])]
            wanted = {method: 404 for method in METHODS if method not in refused[name]} | {in_turn: 405}
            found = {method: request(client, method, url, sample).status_code for method in wanted}
            assert found == wanted, (role, name)
    assert fingerprints(world.foreign) == before


@pytest.mark.usefixtures("bare_refusals")
@pytest.mark.parametrize("role", list(Role))
def test_what_a_role_may_not_do_changes_nothing(world: World, role: Role) -> None:
    """In the person's own tenant, try every address that the role may not use, with GET and POST, as far as the address
    supports them.
    """
    client = client_of(world.people[role.value])
    before = fingerprints(world.home)
    refused = [name for name in OF_TENANT if expected(ADDRESSES[name], role) in (403, 404)]
    for name in refused:
        url = reverse(name, args=arguments(world, world.home, name))
        sample = ADDRESSES[name].data(world, world.home)
        methods = [method for method in ("get", "post") if method not in unsupported(world)[name]]
        found = {method: request(client, method, url, sample).status_code for method in methods}
        assert found, name
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
    """The answers to GET requests to all addresses of the own tenant, the digests of the tenant's tables before and
    after the requests, and the actions of the journal entries that the requests added.
    """

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
    """Open every address as a role. Do so once per process, because the data of `World` are the same in every test."""
    if role not in _visits:
        client = client_of(world.people[role.value])
        before, entries = fingerprints(world.home), journal_actions(world.home)
        answers = []
        for name, address in ADDRESSES.items():
            if name in NOT_VISITED:
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
    assert {answer.name for answer in visited.answers} == set(ADDRESSES) - set(NOT_VISITED)
    for answer in visited.answers:
        assert answer.status < 500, answer.name
        # Neither browsers nor proxies may keep a copy of a page or file.
        assert "no-store" in answer.cache_control, answer.name
        assert "private" in answer.cache_control, answer.name
    # Reading adds only journal entries about downloads.
    assert visited.recorded <= {"file.downloaded"}
    assert unrecorded(visited.after) == unrecorded(visited.before)


def unrecorded(found: dict[str, str]) -> dict[str, str]:
    return {table: digest for table, digest in found.items() if table not in JOURNAL}


def forms_of(world: World, role: Role) -> tuple[list[Form], list[Form]]:
    """Return the forms on the pages of a role: (forms that are sent with POST, forms that are sent with GET).

    POST forms with the same address and the same fields are returned once. If the role may send POST requests to an
    address, but no page has a form for it, the sample request of `addresses` is used as a form. There is one GET form
    for each address. It has the fields of all forms and the parameters of all links to the address.
    """
    changing: dict[tuple[str, tuple[str, ...]], Form] = {}
    showing: dict[str, Form] = {}
    for answer in visit(world, role).answers:
        if answer.forms is None:
            continue
        for form in answer.forms.forms:
            if form.method == "post" and not form.path.startswith("/accounts/"):
                changing.setdefault(key_of(form), form)
        links = [
            Form(path, "get", dict.fromkeys(names, "")) for path, names in answer.forms.parameters.items()
        ]
        for form in [form for form in answer.forms.forms if form.method == "get"] + links:
            known = showing.setdefault(name_of(form.path), Form(form.path, "get"))
            known.fields |= form.fields
        if answer.name in WITH_ATTEMPT:
            showing.setdefault(answer.name, Form(answer.url, "get")).fields["attempt"] = ""
    on_pages = {name for name, _ in changing}
    samples = [
        Form(
            reverse(name, args=address.arguments(world, world.home)),
            "post",
            {key: str(value) for key, value in address.data(world, world.home).items()},
        )
        for name, address in ADDRESSES.items()
        if address.post and name not in on_pages and expected(address, role) < 400
    ]
    return [*changing.values(), *samples], list(showing.values())


def key_of(form: Form) -> tuple[str, tuple[str, ...]]:
    return name_of(form.path), tuple(sorted(form.fields))


def name_of(path: str) -> str:
    try:
        return str(resolve(path).url_name)
    except Resolver404:
        return path


def attacks(form: Form, world: World, *, by_itself: bool) -> Iterator[tuple[dict[str, Any], bool]]:
    """Yield (data of an attack, whether stored JSON must not contain the foreign id afterwards).

    `by_itself` is false if another role attacks each field of the same form by itself. The attacks are:

    - All fields have the id.
    - Only if `by_itself`: all fields have the foreign customer's short name.
    - One field has the id. A field with a value on the page is sent twice, first with this value and then with the id,
      because a view that reads one value reads the last one. This attack is made on each field whose value contains an
      id, on the only field of a form, and, if `by_itself`, on every field except `Form.ticks`.
    - A field whose name contains an id is sent under another name, which has the foreign id instead.

    Stored JSON may contain the id if it was sent in a field for text, because people may type any text there.
    """
    foreign = str(world.foreign_id)
    if len(form.fields) > 1:
        yield dict.fromkeys(form.fields, foreign), False
    if form.fields and by_itself:
        yield dict.fromkeys(form.fields, world.foreign.slug), False
    for name, value in form.fields.items():
        if ID.search(value) or len(form.fields) == 1 or (by_itself and name not in form.ticks):
            yield {**form.fields, name: [value, foreign] if value else foreign}, name not in form.typed
        if ID.search(name):
            yield {**form.fields, ID.sub(foreign, name): value or "on"}, True


def store_sign_in(world: World, owner: Tenant) -> None:
    """Store a sign-in attempt for the customer `owner`, and one for its organization. Both have the id
    `world.foreign_id`, and an error that names the foreign customer.
    """
    who = world.of(world.foreign)["waiting"].person
    error = CredentialResult("refused", f"{world.foreign.name} refused the sign-in.")
    for principal, owner_id in (("principal", owner.pk), ("managing_principal", owner.organization_id)):
        attempt = new_attempt(who, "client", principal_id=world.of(world.home)[principal].pk)
        end_attempt(owner_id, replace(attempt, id=world.foreign_id), error)


def test_every_kind_of_object_has_a_sample_with_the_foreign_id(world: World) -> None:
    complete(world)
    assert kinds_without_sample(world) == [], "give these tables a row in tests/isolation/foreign_kinds.py"


@pytest.mark.parametrize("role", list(Role))
def test_foreign_ids_in_every_field_of_every_form_are_refused(world: World, role: Role) -> None:
    """Each role sends each of its forms with foreign ids.

    One id stands for all kinds of objects: in each table with a tenant or an organization, a row of the foreign
    provider has the id `world.foreign_id`. So whichever table a view reads, it would find a foreign object, and one
    request for each field is enough.

    The administrator of the organization has a scope that contains the scopes of all other roles, and tries each field
    of each form by itself. What another role tries depends on the form:

    - If the administrator does not have the form: each field by itself.
    - If both have the form: all fields at once, then by itself each field that has an id on the page. For the other
      fields, the administrator's attack is enough, because the same view reads them in a scope that is not wider.

    If a role does not have a form, the form's address refuses even valid data from this role, as
    test_what_a_role_may_not_do_changes_nothing shows.
    """
    complete(world)
    client = client_of(world.people[role.value])
    posts, _ = forms_of(world, role)
    assert len(posts) >= 4
    tried = set() if role is WIDEST else {key_of(form) for form in forms_of(world, WIDEST)[0]}
    before = fingerprints(world.foreign)
    for form in posts:
        for data, is_chosen in attacks(form, world, by_itself=key_of(form) not in tried):
            try:
                with transaction.atomic():
                    response = client.post(form.path, data)
                    assert response.status_code < 500, (form.path, data)
                    assert shown_of(world, response, data) == [], (form.path, data)
                    if response.status_code < 400:
                        found = references_to(world.home, [world.foreign_id], in_json=is_chosen)
                        assert found == [], (form.path, data)
                    raise Undo
            except Undo:
                continue
    assert fingerprints(world.foreign) == before


@pytest.mark.parametrize("role", list(Role))
def test_foreign_ids_in_every_parameter_show_nothing(world: World, role: Role) -> None:
    """For each address to which its pages link, each role sends foreign ids in all parameters at once.

    The administrator (with the widest scope) and the owner (to whom many lists show fewer rows) also try each parameter
    by itself.
    """
    complete(world)
    store_sign_in(world, world.foreign)
    client = client_of(world.people[role.value])
    _, gets = forms_of(world, role)
    assert len(gets) > 5
    for form in gets:
        for data, _ in attacks(form, world, by_itself=role in (WIDEST, Role.OWNER)):
            response = client.get(form.path, data)
            assert response.status_code < 500, (form.path, data)
            assert shown_of(world, response, data) == [], (form.path, data)


def test_a_sign_in_of_the_own_customer_is_shown(world: World) -> None:
    """The pages show the error of the own customer's attempt, and this error names the foreign customer. So the
    previous test would notice if the pages also showed an attempt of another customer.
    """
    store_sign_in(world, world.home)
    client = client_of(world.people[WIDEST.value])
    for name in WITH_ATTEMPT:
        form = next(form for form in forms_of(world, WIDEST)[1] if name_of(form.path) == name)
        shown = shown_of(world, client.get(form.path, {"attempt": str(world.foreign_id)}), {})
        assert shown == [world.foreign.name], name


def test_the_attacks_reach_their_target(world: World) -> None:
    """Permitted requests change the digests of the person's own tenant. So unchanged digests of another tenant show
    that the attacks changed nothing.
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
    owned += "organizationretentionrule delegation managingprincipal baseline campaign ticketsystem ticketrule".split()
    tables = {table.rpartition("_")[2] for table in after}
    assert not set(owned) - tables
