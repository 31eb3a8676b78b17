"""Exceptions as the people who ask for and decide them see them: lists, one exception, deciding, files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.models import Finding
from portal.treatment.actions.derive import derive
from portal.treatment.models import ExceptionItem, FindingException
from portal.treatment.selectors.exceptions import seen_digest
from tenants.models import Person
from tests import factories
from tests.web.treated import approved, ask, change, day, failing, give
from tests.web.world import World

type SignIn = Callable[[Person], Client]
READERS = [
    "organization_administrator",
    "organization_engineer",
    "tenant_administrator",
    "approver",
    "auditor",
]


@pytest.fixture
def approver(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["approver"])


@pytest.fixture
def engineer(world: World, sign_in: SignIn) -> Client:
    return sign_in(world.people["organization_engineer"])


def page(client: Client, world: World, query: str = "") -> str:
    answer = client.get(reverse("exceptions", args=[world.home.slug]) + query)
    assert answer.status_code == 200
    return answer.content.decode()


def detail(client: Client, world: World, exception: FindingException) -> str:
    answer = client.get(reverse("exception", args=[world.home.slug, exception.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


def act(client: Client, world: World, what: str, exception: FindingException, **data: Any) -> HttpResponse:
    if what == "approve" and "seen" not in data:
        with factories.in_tenant(world.home):
            data["seen"] = seen_digest(exception)
    url = reverse(f"exception-{what}", args=[world.home.slug, exception.pk])
    return client.post(url, data, follow=True)  # type: ignore[return-value]


def state(world: World, exception: FindingException) -> str:
    with factories.in_tenant(world.home):
        return FindingException.objects.get(pk=exception.pk).state


def numbers(html: str) -> list[int]:
    """The numbers in the register, as they stand there."""
    register = html.split("<h2>Register</h2>")[1]
    return [int(found) for found in re.findall(r'<td class="num">(\d+)</td>', register)]


# The lists


def test_an_approver_finds_what_waits_first(approver: Client, world: World) -> None:
    mine = ask(world, by="approver", reason="The approver wants one too.")
    html = page(approver, world)
    waiting = html.split("Waiting for a decision</h2>")[1].split("<h2>Register</h2>")[0]
    assert "The public site reads from it." in waiting
    assert "The approver wants one too." in waiting
    assert 'href="/t/alder-finch-clinics/exceptions/" aria-current="page"' in html
    assert re.search(r'class="count"><span[^>]*>\(</span>1<span', html), "one waits, besides one's own"
    assert "Decide</h2>" not in detail(approver, world, mine)


def test_who_decides_nothing_has_no_inbox(engineer: Client, world: World) -> None:
    html = page(engineer, world)
    assert "Waiting for a decision" not in html
    assert 'class="count"><span' not in html
    assert numbers(html) == [1]


def test_an_empty_inbox_and_an_empty_register_say_what_to_do(world: World, sign_in: SignIn) -> None:
    bare = factories.tenant(world.organization, "Bare Customer")
    for role in ("organization_engineer", "organization_administrator"):
        html = sign_in(world.people[role]).get(reverse("exceptions", args=[bare.slug])).content.decode()
        assert "open the finding and ask for an exception" in html
        assert "Export CSV" not in html
    act(sign_in(world.people["approver"]), world, "approve", world.of(world.home)["exception"])
    assert "Nothing waits for you" in page(sign_in(world.people["approver"]), world)


def test_what_ends_soon_is_shown_apart(engineer: Client, world: World) -> None:
    approved(world, days=20, reason="It ends in three weeks.")
    html = page(engineer, world)
    soon = html.split("Ending within 30 days</h2>")[1].split("<h2>Register</h2>")[0]
    assert "It ends in three weeks." in soon
    assert "The public site reads from it." not in soon


def test_the_register_is_filtered(engineer: Client, world: World) -> None:
    own = world.of(world.home)
    approved(world, days=20)
    ask(world, by="approver", rule={"section": "storage"}, maximum=50)
    who = world.people["approver"].pk
    control = own["finding"].control
    shown = {
        query: numbers(page(engineer, world, query))
        for query in (
            "", "?state=active", "?state=active&state=requested", f"?asked={who}", f"?control={control}",
            "?ending=30", "?ending=7", f"?state=requested&asked={who}&control={control}",
        )
    }  # fmt: skip
    assert shown == {
        "": [3, 2, 1],
        "?state=active": [2],
        "?state=active&state=requested": [3, 2, 1],
        f"?asked={who}": [3],
        f"?control={control}": [3, 1],
        "?ending=30": [2],
        "?ending=7": [],
        f"?state=requested&asked={who}&control={control}": [3],
    }
    assert "Nothing matches these filters" in page(engineer, world, "?ending=7")


@pytest.mark.parametrize(
    "query",
    ["?state=x", "?asked=x", "?asked=%00", "?control=%00", "?ending=x", "?ending=9", "?page=x", "?page=999"],
)
def test_addresses_that_mean_nothing_are_answered(engineer: Client, world: World, query: str) -> None:
    html = page(engineer, world, query)
    assert numbers(html) == ([1] if "page" in query else [])


def test_the_register_is_exported_as_it_is_filtered(engineer: Client, world: World) -> None:
    ask(world, reason="=HYPERLINK(1) is no formula here.")
    url = reverse("exceptions-export", args=[world.home.slug])
    answer = engineer.get(url)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"].startswith('attachment; filename="exceptions-alder')
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [(row["number"], row["state"], row["findings"]) for row in rows] == [
        ("2", "requested", "1"),
        ("1", "requested", "1"),
    ]
    assert rows[0]["reason"] == "'=HYPERLINK(1) is no formula here."
    assert rows[1]["requested by"] == "Mira Okafor <engineer@example.com>"
    assert "Foreign" not in answer.content.decode()
    filtered = engineer.get(url + "?state=active").content.decode("utf-8-sig")
    assert len(filtered.splitlines()) == 1


def test_the_palette_finds_both_pages(engineer: Client, world: World) -> None:
    html = engineer.get(reverse("palette") + f"?q=e&tenant={world.home.slug}").content.decode()
    assert reverse("exceptions", args=[world.home.slug]) in html
    assert reverse("attestations", args=[world.home.slug]) in html


# One exception


@pytest.mark.parametrize("role", READERS)
def test_everybody_who_sees_all_reads_it(world: World, sign_in: SignIn, role: str) -> None:
    html = detail(sign_in(world.people[role]), world, world.of(world.home)["exception"])
    assert "The public site reads from it." in html
    assert "Mira Okafor &lt;engineer@example.com&gt;" in html
    assert "request.csv" in html
    assert "As it was requested" in html
    assert ("Decide</h2>" in html) == (role == "approver")
    assert ("Withdraw the request" in html) == (role == "organization_engineer")


@pytest.mark.parametrize(
    ("role", "says"),
    [
        (
            "organization_engineer",
            "You asked for this exception yourself, so somebody else has to decide it.",
        ),
        ("auditor", "It is decided by somebody with the role of an approver."),
    ],
)
def test_who_cannot_decide_is_told_why(world: World, sign_in: SignIn, role: str, says: str) -> None:
    assert says in detail(sign_in(world.people[role]), world, world.of(world.home)["exception"])


def test_what_changed_stands_beside_what_was_approved(approver: Client, world: World) -> None:
    exception = approved(world, findings=2)
    changed = failing(world)[-1]
    change(world, changed, minimumTlsVersion="TLS1_0")
    with factories.in_tenant(world.home):
        derive(tenant=world.home)
    html = detail(approver, world, exception)
    assert 'data-exception="returned"' in html
    assert "Changed: not covered" in html
    assert "As it was approved" in html
    row = html.split('class="role-fail differs"')[1].split("</tr>")[0]
    assert [part in row for part in ("minimumTlsVersion", "absent", "TLS1_0")] == [True] * 3
    assert html.count('class="role-fail differs"') == 1
    assert "Exception returned (1 finding)" in html
    assert "Exception approved (2 findings)" in html
    act(approver, world, "approve", exception)
    assert state(world, exception) == "active"
    assert "Changed: not covered" not in detail(approver, world, exception)


def test_a_refused_one_shows_what_was_requested(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    act(approver, world, "refuse", exception, **{"refuse-note": "Fix it this week."})
    html = detail(approver, world, exception)
    assert "As it was requested" in html
    assert "Changed since" not in html
    assert "Fix it this week." in html
    assert "Decide</h2>" not in html


def test_a_rule_shows_what_it_matches_against_its_maximum(approver: Client, world: World) -> None:
    fails = len(failing(world)) + 1
    exception = ask(world, rule={"resource_group": "RG-*"}, maximum=fails + 4)
    html = detail(approver, world, exception)
    assert "resource group is like RG-*" in html
    assert f"{fails} of them fail" in html
    assert f"<dt>Maximum</dt><dd>{fails + 4}" in html


def test_what_an_approval_would_add_is_in_view(approver: Client, world: World) -> None:
    """A rule that has grown over its maximum shows the approver what is new, and takes a new maximum."""
    fails = len(failing(world)) + 1
    exception = approved(world, rule={"section": "storage"})
    with factories.in_tenant(world.home):
        new = Finding.objects.filter(section="storage", outcome="pass").first()
        assert new is not None
        Finding.objects.filter(pk=new.pk).update(outcome="fail", state="open", failing_since=timezone.now())
        derive(tenant=world.home)
    html = detail(approver, world, exception)
    assert "It matches more than was approved" in html
    part = html.split("An approval now would cover these too")[1].split("</details>")[0]
    assert reverse("finding", args=[world.home.slug, new.pk]) in part
    assert f"{fails + 1} of them fail" in html
    assert "1 too many" in html
    assert act(approver, world, "approve", exception, maximum=fails).status_code == 400
    act(approver, world, "approve", exception, maximum=fails + 1)
    html = detail(approver, world, exception)
    assert 'data-exception="active"' in html
    assert "An approval now would cover these too" not in html


def test_the_number_of_queries_does_not_grow(approver: Client, world: World) -> None:
    exception = ask(world, findings=2)
    addresses = [
        reverse("exceptions", args=[world.home.slug]),
        reverse("exception", args=[world.home.slug, exception.pk]),
    ]

    def count() -> list[int]:
        found = []
        for address in addresses:
            with CaptureQueriesContext(connection) as queries:
                assert approver.get(address).status_code == 200
            found.append(len(queries))
        return found

    approver.get(addresses[0])
    approved(world, days=10)
    few = count()
    for number in range(4):
        approved(world, days=10 + number, findings=2)
        ask(world, findings=3)
    with factories.in_tenant(world.home):
        items = [
            ExceptionItem(tenant=world.home, exception=exception, finding=row, requested_sha256="a" * 64)
            for row in Finding.objects.exclude(pk__in=exception.items.values("finding"))[:20]
        ]
        ExceptionItem.objects.bulk_create(items)
    assert count() == few


# Deciding


def test_approving_covers(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    html = act(approver, world, "approve", exception, note="As discussed.").content.decode()
    assert "Approved." in html
    assert "As discussed." in html
    assert state(world, exception) == "active"


def test_approving_for_a_shorter_time_and_fewer(approver: Client, world: World) -> None:
    fails = len(failing(world)) + 1
    exception = ask(world, rule={"section": "storage"}, maximum=fails + 9)
    act(approver, world, "approve", exception, maximum=fails + 1, ends_at=day(10))
    with factories.in_tenant(world.home):
        exception.refresh_from_db()
    assert (exception.state, exception.maximum, f"{exception.ends_at:%Y-%m-%d %H:%M:%S}") == (
        "active", fails + 1, f"{day(10)} 23:59:59",
    )  # fmt: skip


def test_nothing_is_approved_unseen(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    with factories.in_tenant(world.home):
        seen = seen_digest(exception)
    change(world, world.of(world.home)["finding"], kind="BlobStorage")
    html = act(approver, world, "approve", exception, seen=seen, note="As discussed.").content.decode()
    assert "has changed since you opened the page" in html
    assert "As discussed.</textarea>" in html
    assert state(world, exception) == "requested"
    with factories.in_tenant(world.home):
        now = seen_digest(exception)
    assert f'name="seen" value="{now}"' in html
    assert now != seen
    assert act(approver, world, "approve", exception, seen="").status_code == 400
    assert state(world, exception) == "requested"


@pytest.mark.parametrize(
    ("what", "data", "says"),
    [
        ("approve", {"ends_at": "tomorrow"}, "Enter a valid date."),
        ("approve", {"ends_at": day(90)}, "an approver can bring the end forward, not put it off"),
        ("approve", {"ends_at": day(-3)}, "The end must come after the start"),
        ("refuse", {"refuse-note": "  "}, "Say why: who asked has to be able to understand it."),
        ("refuse", {"refuse-note": "No."}, "Say why, in 3 words or more."),
    ],
    ids=["no date", "put off", "past", "no note", "one word"],
)
def test_what_is_wrong_is_said_at_the_field_and_nothing_typed_is_lost(
    approver: Client, world: World, what: str, data: dict[str, str], says: str
) -> None:
    exception = world.of(world.home)["exception"]
    kept = {"approve": {"note": "My careful note."}, "refuse": {}}[what]
    answer = act(approver, world, what, exception, **kept, **data)
    html = answer.content.decode()
    assert answer.status_code == 400
    assert says in html
    assert 'aria-invalid="true"' in html
    assert all(text in html for text in kept.values())
    assert state(world, exception) == "requested"


def test_a_rule_cannot_be_approved_for_fewer_than_it_matches(approver: Client, world: World) -> None:
    exception = ask(world, rule={"section": "storage"}, maximum=20)
    answer = act(approver, world, "approve", exception, maximum=1)
    assert answer.status_code == 400
    assert state(world, exception) == "requested"
    assert act(approver, world, "approve", exception, maximum="").status_code == 400


def test_nobody_decides_what_they_asked_for(approver: Client, world: World) -> None:
    mine = ask(world, by="approver")
    for what, data in (("approve", {}), ("refuse", {"refuse-note": "Not needed any more."})):
        html = act(approver, world, what, mine, **data).content.decode()
        assert "You asked for this exception yourself: somebody else has to decide it." in html
        assert state(world, mine) == "requested"


def test_what_was_decided_cannot_be_decided_again(approver: Client, world: World) -> None:
    exception = world.of(world.home)["exception"]
    act(approver, world, "approve", exception)
    html = act(approver, world, "refuse", exception, **{"refuse-note": "Changed my mind."}).content.decode()
    assert "cannot be refused" in html
    assert state(world, exception) == "active"


def test_revoking_takes_a_reason(approver: Client, world: World) -> None:
    exception = approved(world)
    answer = act(approver, world, "revoke", exception, **{"revoke-note": ""})
    assert answer.status_code == 400
    assert "<details open><summary>Revoke</summary>" in answer.content.decode()
    html = act(approver, world, "revoke", exception, **{"revoke-note": "It is fixed now."}).content.decode()
    assert 'data-exception="revoked"' in html
    assert "It is fixed now." in html
    assert state(world, exception) == "revoked"


def test_only_who_asked_withdraws(world: World, sign_in: SignIn) -> None:
    exception = world.of(world.home)["exception"]
    other = sign_in(world.people["tenant_administrator"])
    assert "Only who asked" in act(other, world, "withdraw", exception).content.decode()
    assert state(world, exception) == "requested"
    act(sign_in(world.people["organization_engineer"]), world, "withdraw", exception)
    assert state(world, exception) == "withdrawn"


# Owners


def test_an_owner_sees_theirs_and_of_the_rest_a_number(world: World, sign_in: SignIn) -> None:
    exception = ask(world, findings=3)
    owned = failing(world)[-1]
    owner = sign_in(world.people["owner"])
    url = reverse("exception", args=[world.home.slug, exception.pk])
    assert owner.get(url).status_code == 404
    assert "No exceptions" in page(owner, world)
    give(world, owned, world.people["owner"])
    html = owner.get(url).content.decode()
    assert reverse("finding", args=[world.home.slug, owned.pk]) in html
    assert "2 more that you do not own." in html
    assert html.count('class="item card"') == 1
    by_rule = ask(world, rule={"section": "storage"}, maximum=50)
    html = detail(owner, world, by_rule)
    assert "Every failing finding where section is storage." in html
    assert "Match now" not in html
    assert numbers(page(owner, world)) == [by_rule.number, exception.number]


# Files


def download(client: Client, world: World, pk: object) -> Any:
    return client.get(reverse("evidence-file", args=[world.home.slug, pk]))


def test_a_file_is_handed_out_as_a_download_and_nothing_else(approver: Client, world: World) -> None:
    answer = download(approver, world, world.of(world.home)["file"].pk)
    assert b"".join(answer.streaming_content) == b"asked,by\nalder-finch-clinics,x\n"
    wanted = {
        "Content-Disposition": 'attachment; filename="request.csv"',
        "Content-Type": "application/octet-stream",
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cache-Control": "private, no-store",
    }
    assert {name: answer.headers[name] for name in wanted} == wanted


def test_a_file_is_for_who_may_see_what_it_belongs_to(world: World, sign_in: SignIn) -> None:
    own = world.of(world.home)
    owner = sign_in(world.people["owner"])
    assert download(owner, world, own["file"].pk).status_code == 404
    give(world, own["finding"], world.people["owner"])
    assert download(owner, world, own["file"].pk).status_code == 200
    assert download(owner, world, world.of(world.foreign)["file"].pk).status_code == 404


def test_a_file_that_was_lost_is_said_to_be(approver: Client, world: World) -> None:
    file = world.of(world.home)["file"]
    file.file.storage.delete(file.file.name)
    assert download(approver, world, file.pk).status_code == 404
