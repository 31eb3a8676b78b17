"""The API previews how rules for the context of resources change severities."""

from __future__ import annotations

from assessments.controls.registry import known_controls
from assessments.models import ControlProfile, Finding
from tests import factories
from tests.portal.api.conftest import Api
from tests.portal.web.world import World


def test_the_api_previews_severities(world: World, api: Api) -> None:
    url = f"/api/v1/customers/{world.home.slug}/policy/severity/preview"
    client = api("tenant_administrator")
    with factories.in_tenant(world.home):
        ControlProfile.objects.all().delete()
        Finding.objects.filter(tenant=world.home, outcome="fail", severity="high").update(severity="medium")
        raised = Finding.objects.filter(tenant=world.home, outcome="fail", gone_at=None, severity="medium")
        expected = sum(known_controls()[row.control].severity == "high" for row in raised)
    assert expected > 0
    body = client.post(url, {"rules": []}, content_type="application/json").json()
    assert body["changes"] == [{"before": "medium", "after": "high", "findings": expected}]
    assert (body["changed"], body["incomplete"]) == (expected, "")
    wrong = client.post(
        url, {"rules": [{"when": "internet", "step": 1}] * 2}, content_type="application/json"
    )
    assert (wrong.status_code, wrong.json()["errors"][0]["field"]) == (400, "rules")
