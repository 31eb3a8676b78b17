"""Comments, mentions, and the people they notify."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from assessments.models import Finding
from portal.notify.models import Notice, Post, PublishedEvent
from portal.retention.actions.holds import lift_hold, place_hold
from portal.treatment.actions.comments import (
    MAX_CHARACTERS,
    add_comment,
    delete_comment,
    edit_comment,
    mentioned_addresses,
)
from portal.treatment.actions.exceptions import (
    add_exception_comment,
    delete_exception_comment,
    request_exception,
)
from portal.treatment.actions.owners.assign import assign
from portal.treatment.errors import WrongState
from portal.treatment.models import Comment, ExceptionComment, FindingException
from tenants.errors import Conflict, InvalidInput, PermissionDenied
from tenants.models import JournalEntry, Person
from tests import factories
from tests.portal.notify.outbox import add_channel
from tests.portal.treatment.owner_cases import CustomerWithOwners, customer_with_owners


@pytest.fixture
def customer(db: None) -> CustomerWithOwners:
    return customer_with_owners()


@pytest.mark.parametrize(
    ("body", "found"),
    [
        ("@mira@example.com look", ["mira@example.com"]),
        ("look, @Mira@Example.com.", ["mira@example.com"]),
        ("(@a@b.example) @a@b.example", ["a@b.example"]),
        ("@first.last+x@sub.example.co.uk", ["first.last+x@sub.example.co.uk"]),
        ("mail mira@example.com", []),
        ("x@@mira@example.com", []),
        ("@mira alone", []),
        ("@mira@host", []),
    ],
)
def test_mentioned_addresses_are_found(body: str, found: list[str]) -> None:
    assert mentioned_addresses(body) == found


def own(customer: CustomerWithOwners, finding: Finding) -> None:
    rows = Finding.objects.filter(pk=finding.pk)
    assign(tenant=customer.tenant, findings=rows, owner=customer.owner, by=customer.engineer)
    Notice.objects.all().delete()


def told() -> list[tuple[str, Person]]:
    return [(row.kind, row.person) for row in Notice.objects.order_by("kind", "created_at")]


def test_the_owner_is_notified_of_a_comment(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        own(customer, row)
        comment = add_comment(finding=row, by=customer.engineer, body="  Any\r\nnews?\x00 ")
        assert comment.body == "Any\nnews?\ufffd"
        assert told() == [("commented", customer.owner)]
        notice = Notice.objects.get()
        assert notice.title.startswith(
            "Mira Okafor commented on “Storage account accepts unencrypted connections”"
        )
        assert notice.path.endswith(f"#comment-{comment.pk}")
        add_comment(finding=row, by=customer.owner, body="Tomorrow.")
        assert len(told()) == 1


def test_mentioned_people_are_notified_once(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        own(customer, row)
        body = f"@{customer.owner.email} and @{customer.auditor.email}, @{customer.owner.email}"
        comment = add_comment(finding=row, by=customer.engineer, body=body)
        assert set(comment.mentions) == {customer.owner.pk, customer.auditor.pk}
        assert sorted(kind for kind, _ in told()) == ["mentioned", "mentioned"]
        edit_comment(comment=comment, by=customer.engineer, body=f"{body} soon")
        assert len(told()) == 2


def test_an_edit_notifies_people_mentioned_newly(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        comment = add_comment(finding=row, by=customer.engineer, body="Hm.")
        edited = edit_comment(comment=comment, by=customer.engineer, body=f"Hm, @{customer.auditor.email}?")
        assert told() == [("mentioned", customer.auditor)]
        assert edited.edited_at is not None
        actions = JournalEntry.objects.filter(action__startswith="comment.").order_by("sequence")
        assert [entry.action for entry in actions] == ["comment.added", "comment.edited"]


@pytest.mark.parametrize("who", ["stranger", "other"])
def test_people_who_cannot_see_the_finding_cannot_be_mentioned(
    customer: CustomerWithOwners, who: str
) -> None:
    """`other` has access to the tenant, but sees only findings of their own. `stranger` has no access."""
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        with pytest.raises(InvalidInput) as caught:
            add_comment(finding=row, by=customer.engineer, body=f"@{getattr(customer, who).email}")
        assert list(caught.value.fields) == ["body"]
        assert not Comment.objects.exists()


@pytest.mark.parametrize("body", ["", " \n ", "x" * (MAX_CHARACTERS + 1)])
def test_invalid_texts_are_refused(customer: CustomerWithOwners, body: str) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        with pytest.raises(InvalidInput):
            add_comment(finding=row, by=customer.engineer, body=body)


def test_a_deleted_comment_keeps_its_row_without_text(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        comment = add_comment(finding=row, by=customer.engineer, body="Wrong finding, sorry.")
        delete_comment(comment=comment, by=customer.engineer)
        held = Comment.objects.get()
        assert (held.body, held.mentions) == ("", [])
        assert held.deleted_at is not None
        for entry in JournalEntry.objects.all():
            assert "sorry" not in str(entry.details)
        with pytest.raises(WrongState):
            edit_comment(comment=comment, by=customer.engineer, body="Again")
        with pytest.raises(WrongState):
            delete_comment(comment=comment, by=customer.engineer)


def test_comments_stay_while_the_customer_is_on_hold(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        finding = customer.failing()
        comment = add_comment(finding=finding, by=customer.engineer, body="We knew this.")
        exception = request_exception(
            tenant=customer.tenant,
            by=customer.engineer,
            scope=FindingException.Scope.FINDING,
            reason="Until the migration.",
            findings=Finding.objects.filter(pk=finding.pk),
            ends_at=timezone.now() + timedelta(days=60),
        )
        other = add_exception_comment(exception=exception, by=customer.engineer, body="And this.")
        place_hold(tenant=customer.tenant, by=customer.engineer, reason="Litigation 4711")
        # A lifted hold protects the data for seven more days.
        lift_hold(tenant=customer.tenant, by=customer.engineer, reason="Settled")
        for attempt in (
            lambda: edit_comment(comment=comment, by=customer.engineer, body="Nothing."),
            lambda: delete_comment(comment=comment, by=customer.engineer),
            lambda: delete_exception_comment(comment=other, by=customer.engineer),
        ):
            with pytest.raises(Conflict, match="is on legal hold") as refused:
                attempt()
            assert refused.value.code == "on_hold"
        assert Comment.objects.get().body == "We knew this."
        assert ExceptionComment.objects.get().body == "And this."


def test_comments_of_others_cannot_be_changed(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        comment = add_comment(finding=customer.failing(), by=customer.owner, body="Mine.")
        with pytest.raises(PermissionDenied):
            edit_comment(comment=comment, by=customer.engineer, body="No.")
        with pytest.raises(PermissionDenied):
            delete_comment(comment=comment, by=customer.engineer)
        assert Comment.objects.get().body == "Mine."


def test_notices_follow_edits_of_the_comment(customer: CustomerWithOwners) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        own(customer, row)
        comment = add_comment(
            finding=row, by=customer.engineer, body=f"The password is hunter2, @{customer.auditor.email}."
        )
        assert told() == [("commented", customer.owner), ("mentioned", customer.auditor)]
        edit_comment(comment=comment, by=customer.engineer, body="The password is elsewhere.")
        # The new text mentions nobody. The notice of the mention was not delivered yet, so it is deleted.
        assert told() == [("commented", customer.owner)]
        assert Notice.objects.get().body == "The password is elsewhere."


@pytest.mark.parametrize("heard", [False, True])
def test_notices_of_a_deleted_comment_lose_its_text(customer: CustomerWithOwners, heard: bool) -> None:
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        own(customer, row)
        others = add_comment(finding=row, by=customer.auditor, body="Another comment.")
        comment = add_comment(finding=row, by=customer.engineer, body="It is hunter2.")
        edit_comment(comment=comment, by=customer.engineer, body=f"It is hunter2, @{customer.auditor.email}.")
        if heard:
            Notice.objects.update(state=Notice.State.SENT)
        delete_comment(comment=comment, by=customer.engineer)
        bodies = sorted(Notice.objects.values_list("body", flat=True))
        assert bodies == ["Another comment.", *["The comment was deleted."] * 2 * heard]
        assert others.body == "Another comment."


def published_lines() -> list[list[str]]:
    """Return the lines of the latest event in the feed, and of its post to the channel."""
    latest = PublishedEvent.objects.latest("created_at")
    assert latest.payload is not None
    return [latest.payload["lines"], Post.objects.get(payload__key=latest.payload["key"]).payload["lines"]]


def test_the_feed_and_posts_follow_edits_and_deletions_of_the_comment(customer: CustomerWithOwners) -> None:
    add_channel(customer.tenant, "https://hooks.example.com/x", kinds=["commented"])
    with factories.in_tenant(customer.tenant):
        row = customer.failing()
        own(customer, row)
        comment = add_comment(finding=row, by=customer.engineer, body="The password is hunter2.")
        assert published_lines() == [["The password is hunter2."]] * 2
        edit_comment(comment=comment, by=customer.engineer, body="The password\nis elsewhere.")
        assert published_lines() == [["The password", "is elsewhere."]] * 2
        add_comment(finding=row, by=customer.engineer, body="Another comment.")
        delete_comment(comment=comment, by=customer.engineer)
        assert published_lines() == [["Another comment."]] * 2
        for model in (PublishedEvent, Post):
            events = [one.payload for one in model.objects.filter(kind="commented")]
            assert sorted(event["lines"] for event in events if event) == [
                ["Another comment."], ["The comment was deleted."]
            ]  # fmt: skip


def test_the_feed_and_posts_lose_the_text_of_a_deleted_comment_on_an_exception(
    customer: CustomerWithOwners,
) -> None:
    add_channel(customer.tenant, "https://hooks.example.com/x", kinds=["exception_commented"])
    with factories.in_tenant(customer.tenant):
        exception = request_exception(
            tenant=customer.tenant,
            by=customer.engineer,
            scope=FindingException.Scope.FINDING,
            reason="Until the migration.",
            findings=Finding.objects.filter(pk=customer.failing().pk),
            ends_at=timezone.now() + timedelta(days=60),
        )
        comment = add_exception_comment(exception=exception, by=customer.engineer, body="It is hunter2.")
        assert published_lines() == [["It is hunter2."]] * 2
        delete_exception_comment(comment=comment, by=customer.engineer)
        assert published_lines() == [["The comment was deleted."]] * 2
