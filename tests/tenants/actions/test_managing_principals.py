"""An organization's own service principal that somebody removes while another person or a worker uses it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tenants.actions.managing_principals import (
    record_managing_check,
    remove_managing_principal,
    set_managing_principal_enabled,
    store_managing_credential,
    validate_managing_credential,
)
from tenants.azure.credentials import CredentialResult
from tenants.errors import Conflict
from tenants.models import ManagingPrincipal
from tenants.scope import organization_scope
from tests import factories

pytestmark = pytest.mark.django_db
BY = factories.BY


def replace_secret(principal: ManagingPrincipal) -> None:
    new = validate_managing_credential(principal, secret="an0ther~secret.of-a-test")
    store_managing_credential(by=BY, principal=principal, new=new)


@pytest.mark.parametrize(
    "use",
    [
        replace_secret,
        lambda principal: record_managing_check(by=BY, principal=principal, result=CredentialResult()),
        lambda principal: set_managing_principal_enabled(by=BY, principal=principal, enabled=False),
        lambda principal: remove_managing_principal(by=BY, principal=principal),
    ],
    ids=["replace the secret", "record a check", "disable", "remove again"],
)
def test_a_removed_principal_is_a_conflict(use: Callable[[ManagingPrincipal], object]) -> None:
    """If there were no conflict, a page would wait for a sign-in whose result cannot be stored."""
    principal = factories.managing_principal()
    with organization_scope(principal.organization_id):
        remove_managing_principal(by=BY, principal=ManagingPrincipal.objects.get(pk=principal.pk))
        with pytest.raises(Conflict) as refused:
            use(principal)
    assert refused.value.code == "service_principal_removed"
