"""Configurations are approved, and later readings that differ from them are caught once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.models import Resource, ResourceVersion
from assessments.resource_versions import read_newest
from portal.changes.actions.approve import MAX_APPROVED, approve_configurations, withdraw_approval
from portal.changes.actions.record import record_changes
from portal.changes.actions.rules import set_shipped
from portal.changes.approved import approval_of, deviations_of, seen_digest
from portal.changes.errors import OwnChange
from portal.changes.models import ApprovedConfiguration, ResourceChange
from portal.notify.models import Notice, Post
from tenants.errors import Conflict, InvalidInput
from tenants.models import JournalEntry, Person, Subscription, Tenant
from tenants.roles import Role
from tenants.scope import person_scope
from tests import factories
from tests.portal.changes.programs import program_of
from tests.portal.web.world import account, assess

pytestmark = pytest.mark.django_db
RULE = "Approved configurations"


@dataclass
class CustomerWithTwoAccounts:
    """A customer with two storage accounts, `one` and `two`. At first, both are safe."""

    tenant: Tenant
    by: Person
    subscription: Subscription
    safe: dict[str, bool] = field(default_factory=lambda: {"one": True, "two": True})

    def read(self, **safe: bool) -> list[ResourceChange]:
        """Make accounts safe or unsafe, assess all accounts, and return the new changes, ordered by name."""
        self.safe |= safe
        guid = self.subscription.subscription_id
        rows = [account(guid, name, safe=value) for name, value in self.safe.items()]
        assessment = assess(self.tenant, self.subscription, rows, by=self.by, groups=[])
        record_changes(tenant_id=self.tenant.pk)
        with factories.in_tenant(self.tenant):
            found = ResourceChange.objects.filter(assessment=assessment.number).exclude(kind="operation")
            return list(found.order_by("name"))

    def resource(self, name: str = "one") -> Resource:
        return Resource.objects.get(tenant=self.tenant, name=name)

    def approve(self, *names: str, **given: Any) -> int:
        values: dict[str, Any] = {"by": self.by, "reason": "As designed", **given}
        return approve_configurations(
            tenant=self.tenant, resources=[self.resource(name) for name in names or ("one",)], **values
        )


@pytest.fixture
def case() -> CustomerWithTwoAccounts:
    tenant = factories.tenant()
    by = factories.member(Role.TENANT_ADMINISTRATOR, tenant)
    principal = factories.service_principal(factories.directory(tenant))
    found = CustomerWithTwoAccounts(tenant, by, factories.subscription(principal, "Production"))
    found.read()
    return found


@pytest.mark.slow(seconds=1)
def test_a_reading_that_differs_is_caught_and_published_once(case: CustomerWithTwoAccounts) -> None:
    with factories.in_tenant(case.tenant):
        assert case.approve() == 1
        approval = approval_of(case.resource())
    (changed,) = case.read(one=False)
    assert approval is not None
    assert (changed.approval_id, changed.state, changed.severity) == (approval.pk, "waiting", "high")
    assert changed.rules[:2] == ["Worsened verdicts", RULE]
    assert changed.approved_differences == [
        {"path": ["properties", "allowBlobPublicAccess"], "before": False, "now": True},
        {"path": ["properties", "supportsHttpsTrafficOnly"], "before": True, "now": False},
    ]
    assert changed.approved_difference_count == 2
    with factories.in_tenant(case.tenant):
        resource = case.resource().pk
        newest = read_newest(ResourceVersion.objects.all(), tenant_id=case.tenant.pk, resources=[resource])[
            resource
        ]
        approval.refresh_from_db()
        assert approval.differs_since == changed.at
        assert len(deviations_of(approval, newest)) == 2
        published = Notice.objects.count() + Post.objects.count()
    assert case.read() == []
    record_changes(tenant_id=case.tenant.pk)
    with factories.in_tenant(case.tenant):
        assert Notice.objects.count() + Post.objects.count() == published
    (back,) = case.read(one=True)
    assert (back.approval_id, RULE in back.rules) == (None, False), "the resource is as approved again"
    with factories.in_tenant(case.tenant):
        approval.refresh_from_db()
        assert approval.differs_since is None


def test_a_version_is_compared_that_was_read_before_and_stored_after_the_approval(
    case: CustomerWithTwoAccounts,
) -> None:
    with factories.in_tenant(case.tenant):
        case.approve()
        ApprovedConfiguration.objects.update(approved_at=timezone.now() + timedelta(hours=1))
    (changed,) = case.read(one=False)
    assert (changed.approval_id is not None, RULE in changed.rules) == (True, True)


@pytest.mark.slow(seconds=1)
def test_another_difference_is_compared_with_the_approved_one_and_not_with_the_last(
    case: CustomerWithTwoAccounts,
) -> None:
    case.read(one=False)
    with factories.in_tenant(case.tenant):
        case.approve()
        set_shipped(tenant=case.tenant, by=case.by, key="worsened", enabled=False, severity="low")
        set_shipped(tenant=case.tenant, by=case.by, key="exposure", enabled=False, severity="low")
    (better,) = case.read(one=True)
    assert (better.rules, better.state) == ([RULE], "waiting"), "also what becomes safer differs"
    with factories.in_tenant(case.tenant):
        set_shipped(tenant=case.tenant, by=case.by, key="approved", enabled=False, severity="low")
    (again,) = case.read(one=False)
    assert again.approval_id is None
    (quiet,) = case.read(one=True)
    assert (quiet.approval_id is not None, quiet.state) == (True, ""), "the rule is switched off"


@pytest.mark.slow(seconds=1)
def test_approving_again_replaces_and_withdrawing_ends(case: CustomerWithTwoAccounts) -> None:
    with factories.in_tenant(case.tenant):
        assert case.approve("one", "two") == 2
    case.read(one=False)
    with factories.in_tenant(case.tenant):
        first = ApprovedConfiguration.objects.get(resource=case.resource())
        case.approve()
        first.refresh_from_db()
        second = approval_of(case.resource())
        assert second is not None
        assert (first.ended_by_id, first.is_withdrawn, second.pk != first.pk) == (case.by.pk, False, True)
    (changed,) = case.read(one=True)
    assert changed.approval_id == second.pk
    with factories.in_tenant(case.tenant):
        withdraw_approval(approval=second, by=case.by)
        with pytest.raises(Conflict, match="already ended"):
            withdraw_approval(approval=second, by=case.by)
        assert approval_of(case.resource()) is None
    one, two = case.read(one=False, two=False)
    assert (one.approval_id, two.approval_id is not None) == (None, True)
    with factories.in_tenant(case.tenant):
        entries = JournalEntry.objects.filter(action__startswith="approved_configuration.")
        assert [
            (entry.action.partition(".")[2], entry.details.get("count"), entry.details.get("replaced"))
            for entry in entries.order_by("sequence")
        ] == [("created", 2, 0), ("created", 1, 1), ("withdrawn", None, None)]


@pytest.mark.slow(seconds=1)
def test_a_deleted_resource_differs(case: CustomerWithTwoAccounts) -> None:
    with factories.in_tenant(case.tenant):
        case.approve("two")
    del case.safe["two"]
    (gone,) = case.read()
    assert (gone.kind, gone.rules, gone.approved_differences) == ("deleted", [RULE], [])
    with factories.in_tenant(case.tenant):
        assert ApprovedConfiguration.objects.get().differs_since == gone.at
    with factories.in_tenant(case.tenant), pytest.raises(Conflict, match="two was deleted in Azure"):
        case.approve("two")
    case.safe["two"] = True
    assert case.read() == [], "the resource returned as it was"
    with factories.in_tenant(case.tenant):
        assert ApprovedConfiguration.objects.get().differs_since is None


def test_what_is_refused(case: CustomerWithTwoAccounts, monkeypatch: pytest.MonkeyPatch) -> None:
    (changed,) = case.read(one=False)
    with factories.in_tenant(case.tenant):
        with pytest.raises(InvalidInput, match="Enter a reason"):
            case.approve(reason=" \u200b")
        with pytest.raises(InvalidInput, match="at least one resource"):
            approve_configurations(tenant=case.tenant, resources=[], by=case.by, reason="x")
        older = ResourceVersion.objects.filter(resource=case.resource()).order_by("at")[0]
        with pytest.raises(Conflict, match="have changed since you opened this page"):
            case.approve(expected=seen_digest([(case.resource().pk, older.pk)]))
        ResourceChange.objects.filter(pk=changed.pk).update(actors=[case.by.email.casefold()])
        with pytest.raises(OwnChange, match="You changed one yourself"):
            case.approve("one", "two")
        monkeypatch.setattr("portal.changes.actions.approve.MAX_APPROVED", 1)
        with pytest.raises(InvalidInput, match="at most 1 resources"):
            case.approve("one", "two")
        assert not ApprovedConfiguration.objects.exists()
        assert MAX_APPROVED == 1000


@pytest.mark.slow(seconds=1)
def test_nobody_approves_their_own_change_behind_that_of_another(case: CustomerWithTwoAccounts) -> None:
    other = factories.member(Role.TENANT_ADMINISTRATOR, case.tenant)
    said: list[str] = []
    mine = [case.by.email.casefold()]
    guest = [f"{case.by.email.replace('@', '_')}#ext#@contoso.onmicrosoft.com".casefold()]

    def made(change: ResourceChange, actors: list[str], **given: Any) -> None:
        with factories.in_tenant(case.tenant):
            ResourceChange.objects.filter(pk=change.pk).update(actors=actors, **given)

    def refused(by: Person | None = None) -> bool:
        with factories.in_tenant(case.tenant):
            try:
                case.approve("two", "one", by=by or case.by)
            except OwnChange as error:
                said.append(error.message)
                return True
            return False

    (first,) = case.read(one=False)
    made(first, mine)
    made(case.read(one=True)[0], [other.email.casefold()])
    assert refused(), "no configuration is approved, and nobody has reviewed the change"
    made(first, mine, state="expected", severity="high", reviewed_by=case.by)
    assert refused(), "only the person has reviewed the change"
    made(first, mine, state="unexpected", reviewed_by=other, owner=other, due_at=timezone.now())
    assert refused(), "another has reviewed the change as unexpected"
    made(first, mine, state="expected", reviewed_by=other)
    assert not refused()
    made(first, mine, state="waiting", reviewed_by=None)
    assert not refused(), "the change is older than the approved version"
    (second,) = case.read(one=False)
    made(second, guest)
    made(case.read(one=True)[0], [])
    assert refused(), "a change since the approved version is the person's own"
    made(second, [*guest, other.email.casefold()])
    assert not refused(), "another may have made the change"
    (third,) = case.read(one=False)
    made(third, mine)
    case.read(one=True)
    assert (refused(), refused(by=other)) == (True, False)
    assert not refused(), "another has approved the configuration with the change"
    assert set(said) == {"You changed one yourself. Ask somebody else to approve it."}


@pytest.mark.slow(seconds=2)
def test_nobody_approves_their_own_change_with_a_service_account(case: CustomerWithTwoAccounts) -> None:
    program = program_of(case.tenant, case.by)
    (changed,) = case.read(one=False)
    with factories.in_tenant(case.tenant):
        rows = ResourceChange.objects.filter(pk=changed.pk)
        rows.update(actors=[case.by.email.casefold()])
    with (
        person_scope(program),
        pytest.raises(OwnChange, match="people who control this service account can have changed one"),
    ):
        case.approve(by=program)
    with factories.in_tenant(case.tenant):
        rows.update(state="expected", severity="high", reviewed_by=program)
        with pytest.raises(OwnChange, match="You changed one yourself"):
            case.approve()
        rows.update(actors=["anna@contoso.com"])
    with person_scope(program):
        assert case.approve(by=program) == 1
