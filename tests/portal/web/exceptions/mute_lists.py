"""A mute list, the findings that it matches, and the exceptions that were requested from it."""

from __future__ import annotations

from assessments.models import Finding
from portal.treatment.models import FindingException
from tests import factories
from tests.portal.mute_lists.lists import entry
from tests.portal.web.world import World

CHECK = "storage_secure_transfer_required_is_enabled"
CONTROL = "storage-secure-transfer"
LIST = {
    CHECK: entry(Description="The mail gateway needs plain HTTP until May"),
    "storage_ensure_minimum_tls_version_12": entry(Resources=["no-such-account"]),
    "ec2_*": entry(),
    "apim_threat_detection_llm_jacking": entry(),
}


def failing(world: World) -> list[Finding]:
    with factories.in_tenant(world.home):
        rows = Finding.objects.filter(control=CONTROL, outcome="fail", gone_at=None)
        return list(rows.order_by("subject_name"))


def requested(world: World) -> list[FindingException]:
    with factories.in_tenant(world.home):
        return list(FindingException.objects.filter(number__gt=1).order_by("number"))
