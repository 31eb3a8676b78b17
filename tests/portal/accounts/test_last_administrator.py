"""An organization keeps an active administrator, even if administrators end each other's access at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from portal.accounts.actions.disable import set_account_active
from tenants.actions import revoke_membership
from tenants.errors import Conflict, PermissionDenied
from tenants.models import Membership, Organization, Person
from tenants.roles import Role
from tenants.scope import organization_scope, person_scope
from tests import factories
from tests.concurrency import run_concurrently

pytestmark = pytest.mark.django_db(transaction=True)


def disable(organization: Organization, by: Person, person: Person) -> None:
    with person_scope(by):
        set_account_active(by=by, organization=organization, person=person, active=False)


def revoke(organization: Organization, by: Person, person: Person) -> None:
    with person_scope(by):
        revoke_membership(by=by, membership=Membership.objects.get(person=person))


@pytest.mark.slow(seconds=2)
@pytest.mark.parametrize("second", [disable, revoke])
@pytest.mark.parametrize("first", [disable, revoke])
def test_two_administrators_cannot_end_each_others_access(
    first: Callable[..., None], second: Callable[..., None]
) -> None:
    for _ in range(5):
        organization = factories.organization()
        ada, bea = (factories.member(Role.ORGANIZATION_ADMINISTRATOR, organization) for _ in range(2))
        results = run_concurrently(
            partial(first, organization, ada, bea),
            partial(second, organization, bea, ada),
            # Which error the failing call raises depends on whether it begins before or after its caller loses access.
            caught=(Conflict, PermissionDenied, Membership.DoesNotExist),
        )
        assert [result is None for result in results].count(True) == 1
        with organization_scope(organization):
            rows = Membership.objects.select_related("person").filter(valid_until=None)
            assert sum(row.person.is_active for row in rows) == 1
