"""Units and single findings are judged for the cloud of their directory. Some clouds lack features."""

from __future__ import annotations

from assessments.actions.check_finding import _prepare
from assessments.actions.units.run import _load, _nothing_read
from assessments.controls.registry import control
from assessments.models import Assessment, Finding, Unit
from tenants.models import Directory
from tenants.scope import tenant_scope
from tests.assessments.actions.unit_leases import SCOPE, take
from tests.assessments.sandboxed_customer import Customer

CHINA = "AzureChinaCloud"


def test_estates_have_the_cloud_of_their_directory(customer: Customer, prepared: Assessment) -> None:
    lease = take(customer, prepared)
    assert lease is not None
    with tenant_scope(customer.tenant.pk):
        Directory.objects.update(cloud_name=CHINA)
        Unit.objects.filter(assessment=prepared).update(state=Unit.State.DONE)
    estate, _, _ = _load(lease)
    assert estate.cloud == CHINA
    assert _nothing_read(estate, [control("defender-contact-email")], "x", "x").estate.cloud == CHINA
    with tenant_scope(customer.tenant.pk):
        finding = Finding(tenant=customer.tenant, unit=SCOPE, control="defender-contact-email")
        assert _prepare(finding)[0].cloud == CHINA
