"""The part “Population and coverage”: the resources by type."""

from __future__ import annotations

from assessments.models import Resource
from portal.reports.parts.coverage import _resource_types
from tests import factories
from tests.portal.web.world import World


def test_two_spellings_of_a_resource_type_are_counted_together(world: World) -> None:
    """Azure returns the same type as microsoft.insights/components and as Microsoft.Insights/components."""
    with factories.in_tenant(world.home):
        rows = Resource.objects.filter(tenant=world.home, gone_at__isnull=True)
        units = sorted(set(rows.values_list("unit", flat=True)))
        before = _resource_types(world.home, units)
        row = rows.filter(type__in=[name for name, number in before if number > 1]).first()
        assert row is not None
        assert row.type != row.type.lower()
        Resource.objects.filter(pk=row.pk).update(type=row.type.lower())
        assert _resource_types(world.home, units) == before
        assert sum(number for _, number in before) == rows.count()
