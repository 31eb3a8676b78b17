"""Groups for which Graph returns no member: empty, or with a membership that the service principal may not read."""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_mfa import ADA_IS, WRITERS, writer
from tests.assessments.controls.identity.directory_documents import (
    ADA,
    GROUP,
    assignment,
    directory_role,
    member,
    registered,
)
from tests.assessments.controls.judging import DIRECTORY, gap

GUESTS, PRIVILEGED = "identity-guests-azure-permissions", "identity-mfa-privileged"


def with_group(visibility: Any = None, *members: dict[str, Any]) -> dict[str, Any]:
    """A group that can change Azure resources, and a user with MFA who can also change them."""
    return writer(
        registered(),
        role_assignments=[assignment(GROUP, kind="Group"), assignment(ADA, name="2")],
        group_members={GROUP: list(members)},
        group_visibility={GROUP: [{"id": GROUP, "visibility": visibility}]},
    )


CASES = [
    Case(
        WRITERS,
        "hidden membership",
        with_group("HiddenMembership"),
        {DIRECTORY: "unknown", ADA_IS: "pass"},
        reason="Grant the permission Member.Read.Hidden",
    ),
    Case(
        WRITERS,
        "hidden membership that may be read",
        with_group("HiddenMembership", member()),
        {ADA_IS: "pass"},
    ),
    Case(WRITERS, "empty group", with_group("Private"), {ADA_IS: "pass"}),
    Case(WRITERS, "visibility null", with_group(), {ADA_IS: "pass"}),
    Case(
        WRITERS,
        "visibility absent",
        {**with_group(), "group_visibility": {GROUP: [{"id": GROUP}]}},
        {DIRECTORY: "unknown", ADA_IS: "pass"},
        reason="visibility",
    ),
    Case(WRITERS, "unreadable visibility", with_group(7), {DIRECTORY: "unknown", ADA_IS: "pass"}),
    Case(WRITERS, "unknown visibility", with_group("Unforeseen"), {DIRECTORY: "unknown", ADA_IS: "pass"}),
    Case(
        WRITERS,
        "visibility forbidden",
        {**with_group(), "group_visibility": []},
        {DIRECTORY: "unknown", ADA_IS: "pass"},
        gaps=[gap("group_visibility", GROUP)],
        reason="could not read the visibility of this group",
    ),
    Case(
        PRIVILEGED,
        "hidden membership",
        {**with_group("HiddenMembership"), "directory_role_assignments": [directory_role(GROUP, "group")]},
        {DIRECTORY: "unknown"},
        reason="Grant the permission Member.Read.Hidden",
    ),
    Case(
        GUESTS,
        "hidden membership",
        with_group("HiddenMembership"),
        {DIRECTORY: "unknown"},
        reason="Grant the permission Member.Read.Hidden",
    ),
    Case(
        GUESTS,
        "visibility not read in time",
        {**with_group(), "group_visibility": []},
        {DIRECTORY: "unknown"},
        gaps=[gap("group_visibility", GROUP, Reason.TIMEOUT, 0)],
    ),
]
