"""The erasure of a customer removes unassigned delegated subscriptions of the customer's directories, unless another
customer has the same directory.
"""

from __future__ import annotations

import pytest
from django.utils import timezone

from portal.offboarding.erasures.erase_names import remove_names
from tenants.models import Delegation
from tenants.scope import organization_scope
from tests import factories

pytestmark = pytest.mark.django_db


def test_delegations_of_a_directory_that_another_customer_has_stay() -> None:
    principal = factories.managing_principal()
    owner = principal.organization
    erased, other = factories.tenant(owner, "Erased"), factories.tenant(owner, "Other")
    own, shared = factories.directory(erased).directory_id, factories.directory(other).directory_id
    factories.directory(erased, directory_id=shared)
    factories.delegation(principal, home=str(own), name="Of its own directory")
    factories.delegation(principal, home=str(shared), name="Undecided")
    excluded = factories.delegation(principal, home=str(shared), name="Excluded")
    with organization_scope(owner):
        Delegation.objects.filter(pk=excluded.pk).update(
            decision=Delegation.Decision.EXCLUDED,
            decision_reason="A test subscription",
            decided_at=timezone.now(),
        )
        remove_names(owner.pk, erased.pk, {"ids": [str(own), str(shared)]})
        assert {row.display_name for row in Delegation.objects.all()} == {"Undecided", "Excluded"}
