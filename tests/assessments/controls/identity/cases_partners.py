"""Guests from directories for which the customer's directory has its own cross-tenant trust settings."""

from __future__ import annotations

from typing import Any

from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_mfa import (
    GUEST_IS,
    NO_TRUST,
    PRIVILEGED,
    TRUST,
    WRITERS,
    admin,
    writer,
)
from tests.assessments.controls.identity.directory_documents import GUEST, assignment, guest, registered
from tests.assessments.controls.judging import gap

HOME = "aaaaaaaa-1111-0000-0000-000000000001"


def partner(accepted: object, tenant: str = HOME) -> dict[str, Any]:
    return {"id": tenant, "tenantId": tenant, "inboundTrust": {"isMfaAccepted": accepted}}


def from_partner(
    default: dict[str, Any], *partners: dict[str, Any], home: str | None = HOME
) -> dict[str, Any]:
    """A guest administrator who has not registered MFA in this directory, and the cross-tenant trust settings of this
    directory.
    """
    tenant = [{"id": home, "tenantId": home, "displayName": "Partner"}] if home else []
    return admin(
        registered(GUEST, False),
        guest(),
        cross_tenant_access=default,
        cross_tenant_partners={"": list(partners)},
        home_tenants={"partner.example": tenant},
    )


OTHER = "bbbbbbbb-1111-0000-0000-000000000001"

_PARTNERS = [
    Case(
        PRIVILEGED,
        "partner trusted, default not",
        from_partner(NO_TRUST, partner(True)),
        {GUEST_IS: "pass"},
        remark="home directory",
    ),
    Case(
        PRIVILEGED,
        "partner not trusted, default trusted",
        from_partner(TRUST, partner(False)),
        {GUEST_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "another partner is trusted",
        from_partner(NO_TRUST, partner(True, OTHER)),
        {GUEST_IS: "fail"},
    ),
    Case(
        PRIVILEGED,
        "another partner is not trusted",
        from_partner(TRUST, partner(False, OTHER)),
        {GUEST_IS: "pass"},
    ),
    Case(
        PRIVILEGED,
        "partner inherits the default",
        from_partner(TRUST, partner(None), {"id": OTHER, "tenantId": OTHER, "inboundTrust": None}),
        {GUEST_IS: "pass"},
    ),
    Case(
        PRIVILEGED,
        "unknown home domain uses the default",
        from_partner(TRUST, partner(False), home=None),
        {GUEST_IS: "pass"},
    ),
    Case(
        PRIVILEGED,
        "unknown home directory",
        {**from_partner(NO_TRUST, partner(True)), "home_tenants": {}},
        {GUEST_IS: "unknown"},
        [gap("home_tenants", "partner.example")],
        reason="Only some partners",
    ),
    Case(
        PRIVILEGED,
        "unknown home directory, same trust for all",
        {**from_partner(TRUST, partner(True)), "home_tenants": {}},
        {GUEST_IS: "pass"},
        [gap("home_tenants", "partner.example")],
    ),
    Case(
        PRIVILEGED,
        "partners forbidden",
        {**from_partner(TRUST), "cross_tenant_partners": {}},
        {GUEST_IS: "unknown"},
        [gap("cross_tenant_partners")],
    ),
    Case(
        PRIVILEGED,
        "guest with an account in this directory",
        admin(registered(GUEST, False), guest(userPrincipalName="g@example.com"), cross_tenant_access=TRUST),
        {GUEST_IS: "fail"},
    ),
    Case(
        WRITERS,
        "partner trusted, default not",
        writer(
            registered(GUEST, False),
            users=[guest()],
            role_assignments=[assignment(GUEST)],
            cross_tenant_access=NO_TRUST,
            cross_tenant_partners={"": [partner(True)]},
            home_tenants={"partner.example": [{"id": HOME, "tenantId": HOME}]},
        ),
        {GUEST_IS: "pass"},
    ),
]

CASES = _PARTNERS

ABSENCE_PASSES = [
    (
        "identity-mfa-(privileged|azure-writers)",
        r"inboundTrust(\.isMfaAccepted)?",
        "a partner without a setting inherits the default",
    ),
]
