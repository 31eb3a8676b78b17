"""The token of a link opens the scope of its customer only; without the token, the link's row is invisible."""

from __future__ import annotations

import pytest
from django.db import transaction

from portal.distribution.models import ReportLink
from portal.reports.models import Report
from tenants.errors import NotFound
from tenants.isolation.local_settings import set_local
from tenants.models import Tenant
from tenants.people.link_tokens import hash_token
from tenants.scope import current, current_or_none, link_scope, person_scope
from tests.portal.web.world import World


def visible(token_hash: str) -> list[ReportLink]:
    with transaction.atomic():
        set_local(tenants="", organizations="", person="", invitation=token_hash)
        return list(ReportLink._base_manager.all())


def test_only_the_token_shows_a_link(world: World) -> None:
    own = world.of(world.home)["report_link"]
    assert visible("") == []
    assert visible(hash_token("another")) == []
    assert visible(own.token_hash) == [own]
    with transaction.atomic():
        set_local(tenants="", organizations="", person="", invitation=own.token_hash)
        assert ReportLink._base_manager.filter(pk=own.pk).update(use_count=9) == 0


@pytest.mark.parametrize("signed_in", [False, True])
def test_the_scope_has_the_customer_of_the_link_and_nobody(world: World, signed_in: bool) -> None:
    theirs = world.of(world.foreign)["report_link"]

    def opened() -> None:
        with link_scope(ReportLink, theirs.token_hash) as link:
            assert link == theirs
            assert current().tenant_ids == {world.foreign.pk}
            assert (current().person, current().organization_ids) == (None, frozenset())
            assert {row.tenant_id for row in Report._base_manager.all()} == {world.foreign.pk}

    if not signed_in:
        opened()
        assert current_or_none() is None
        return
    with person_scope(world.people["auditor"]):
        opened()
        assert [tenant.pk for tenant in Tenant._base_manager.all()] == [world.home.pk]
        assert current().tenant_ids == {world.home.pk}


def test_an_unknown_token_opens_nothing(world: World) -> None:
    with pytest.raises(NotFound, match="invalid"), link_scope(ReportLink, hash_token("unknown")):
        pass
    assert current_or_none() is None
