"""Labels of tags that contain e-mail addresses: only people who may see names see the addresses."""

from __future__ import annotations

from datetime import UTC, datetime

from assessments.display.names import Kind, Status
from assessments.estate.redact import redact
from assessments.models import ObjectName
from portal.queries.findings.tag_labels import tag_labels
from tests import factories


def test_a_known_address_is_written_out_only_for_people_who_may_see_names(db: None) -> None:
    tenant = factories.tenant()
    known, unknown = (f"owner={redact(f'{name}@contoso.com')}" for name in ("anna", "bert"))
    with factories.in_tenant(tenant):
        ObjectName.objects.create(
            tenant=tenant,
            directory=factories.directory(tenant),
            guid="aaaaaaaa-0000-0000-0000-000000000001",
            kind=Kind.USER,
            status=Status.KNOWN,
            display_name="Anna Berg",
            principal_name="Anna@contoso.com",
            read_at=datetime(2026, 11, 26, tzinfo=UTC),
        )
        seen = tag_labels([tenant], [known, unknown, "env=prod"], may_see_names=True)
        hidden = tag_labels([tenant], [known], may_see_names=False)
    assert seen[known] == "owner=Anna@contoso.com"
    assert seen[unknown].startswith("owner=hidden address ")
    assert seen[unknown].endswith(" at contoso.com")
    assert "env=prod" not in seen
    assert hidden[known] != seen[known]
    assert hidden[known].startswith("owner=hidden address ")
