"""The sentence that says how to get a verdict for an unknown finding."""

from __future__ import annotations

import pytest

from assessments.controls.registry import catalogue
from assessments.estate.gaps import Reason
from assessments.permissions.grants import closure
from assessments.permissions.unknown_remedies import needed_for


def gap(collection: str, reason: Reason) -> dict[str, str]:
    return {"collection": collection, "reason": str(reason)}


def test_a_refused_permission_is_named_with_its_place() -> None:
    gaps = [
        gap("network_security_groups", Reason.FORBIDDEN),
        # The control does not read this collection, so the sentence does not name its permission.
        gap("storage_accounts", Reason.FORBIDDEN),
    ]
    needed = needed_for("network-ssh-from-internet", "forbidden", gaps, "Production")
    assert needed is not None
    assert needed.sentence == (
        "Grant Microsoft.Network/networkSecurityGroups/read (role Reader) on Production"
    )


def test_a_permission_that_no_request_needs_is_named_alone() -> None:
    coverage = {"controls": {"identity-mfa-enforced": {"permissions": {"Member.Read.Hidden": 1}}}}
    needed = needed_for("identity-mfa-enforced", "forbidden", [], "Contoso", coverage)
    assert needed is not None
    assert needed.permissions == ("Member.Read.Hidden",)
    assert needed.sentence == "Grant Member.Read.Hidden in Microsoft Graph, with admin consent"
    refused = [gap("excluded_group_members", Reason.FORBIDDEN)]
    both = needed_for("identity-mfa-enforced", "forbidden", refused, "Contoso", coverage)
    assert both is not None
    assert both.permissions == ("GroupMember.Read.All", "Member.Read.Hidden")


def test_a_missing_licence_is_named() -> None:
    needed = needed_for("identity-mfa-privileged", "licence_missing", [])
    assert needed is not None
    assert needed.licences
    assert needed.sentence.startswith("Licence needed in the directory: Microsoft Entra ID P")
    assert not needed.permissions


def test_every_reason_of_every_control_has_an_answer() -> None:
    for slug, control in catalogue().items():
        for reason in Reason:
            needed = needed_for(slug, str(reason), [gap(name, reason) for name in closure(control)])
            assert needed is not None, (slug, reason)
            assert needed.sentence
            if reason is Reason.FORBIDDEN and control.needs:
                assert needed.permissions, slug
    assert needed_for("network-ssh-from-internet", "", []) is None


@pytest.mark.parametrize(
    ("codes", "words"),
    [
        ([], "Replace the credential"),
        (["AADSTS7000222"], "Replace the credential"),
        (["invalid_certificate"], "Replace the credential"),
        (["temporarily_unavailable"], "Check again"),
        (["http_503", "connection"], "Check again"),
        (["http_503", "AADSTS7000222"], "Correct the sign-in errors"),
        (["AADSTS53003"], "Correct the sign-in errors"),
        (["AADSTS900382"], "Correct the sign-in errors"),
        (["organization_sign_in"], "Correct the sign-in errors"),
    ],
)
def test_a_new_credential_is_asked_for_only_if_entra_refused_the_old_one(
    codes: list[str], words: str
) -> None:
    gaps = [{**gap("virtual_machines", Reason.UNAUTHENTICATED), "code": code} for code in codes]
    gaps.append({**gap("virtual_machines", Reason.CONNECTION), "code": "Timeout"})
    needed = needed_for("network-ssh-from-internet", "unauthenticated", gaps)
    assert needed is not None
    assert needed.sentence.startswith(words)
