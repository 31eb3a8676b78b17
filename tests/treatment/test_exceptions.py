"""Asking for and deciding exceptions."""

from __future__ import annotations

from portal.treatment.actions.derive import Derived, derive
from tests import factories
from tests.treatment.kit import DAY, NOW, Place


def test_the_life_of_an_exception(db: None) -> None:
    place = Place()
    one, two = place.finding("a"), place.finding("b")
    exception = place.ask([one, two])
    assert (exception.number, exception.state, exception.maximum) == (1, "requested", 2)
    assert place.shown(one) == "open"
    exception = place.approved([one, two])
    assert (exception.number, exception.state) == (2, "active")
    assert place.shown(one) == place.shown(two) == "excepted"
    place.change(two, "c")
    assert (place.shown(one), place.shown(two)) == ("excepted", "open")
    with factories.in_tenant(place.tenant):
        assert derive(tenant=place.tenant, now=NOW) == Derived(returned=1)
        assert derive(tenant=place.tenant, now=NOW) == Derived()
    assert place.read(exception).state == "returned"
    with factories.in_tenant(place.tenant):
        done = derive(tenant=place.tenant, now=NOW + 30 * DAY)
    assert (done.expired, done.lapsed, done.covers) == (1, 1, 2)
    assert place.shown(one) == "open"
    assert place.journal() == ["requested", "requested", "approved", "returned", "lapsed", "expired"]
