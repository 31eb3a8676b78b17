"""PIM for Groups: a person who can activate membership of a group that holds a role also counts as a holder of the
role.
"""

from __future__ import annotations

from typing import Any

from assessments.estate.gaps import Reason
from tests.assessments.controls.cases import Case
from tests.assessments.controls.identity.cases_mfa import ADA_IS, PRIVILEGED, WRITERS, admin, writer
from tests.assessments.controls.identity.directory_documents import (
    ADA,
    GROUP,
    assignment,
    directory_role,
    registered,
)
from tests.assessments.controls.judging import DIRECTORY, gap

BARE = registered(capable=False)
OTHER_GROUP = "dddddddd-0000-0000-0000-000000000002"


def eligible(principal: str = ADA, access: str = "member", **more: Any) -> dict[str, Any]:
    return {
        "id": f"{GROUP}_{access}_{principal}",
        "groupId": GROUP,
        "principalId": principal,
        "accessId": access,
        **more,
    }


def with_group(*entries: dict[str, Any]) -> dict[str, Any]:
    return admin(
        BARE,
        directory_role_assignments=[directory_role(GROUP, "group")],
        group_members={GROUP: []},
        group_eligibilities={GROUP: list(entries)},
    )


CASES = [
    Case(PRIVILEGED, "eligible member of a group", with_group(eligible()), {ADA_IS: "fail"}),
    Case(PRIVILEGED, "eligible owner of a group", with_group(eligible(access="owner")), {ADA_IS: "fail"}),
    Case(
        PRIVILEGED,
        "group in a group",
        with_group(eligible(), eligible(OTHER_GROUP)),
        {ADA_IS: "fail", DIRECTORY: "unknown"},
        reason="Check whether this principal is a group, and who can get the role through it",
    ),
    Case(
        PRIVILEGED,
        "eligible member without an id",
        with_group(eligible(principalId=None)),
        {DIRECTORY: "unknown"},
    ),
    Case(
        PRIVILEGED,
        "eligible members forbidden",
        with_group(),
        {DIRECTORY: "unknown"},
        gaps=[gap("group_eligibilities", GROUP)],
        reason="could not read the eligible members of this group",
    ),
    Case(
        PRIVILEGED,
        "no licence for PIM of groups",
        admin(
            BARE,
            directory_role_assignments=[directory_role(GROUP, "group"), directory_role()],
            group_members={GROUP: []},
        ),
        {ADA_IS: "fail"},
        gaps=[gap("group_eligibilities", GROUP, Reason.LICENCE_MISSING)],
    ),
    Case(
        WRITERS,
        "eligible member of a group",
        writer(
            BARE,
            role_assignments=[assignment(GROUP, kind="Group")],
            group_members={GROUP: []},
            group_eligibilities={GROUP: [eligible()]},
        ),
        {ADA_IS: "fail"},
    ),
    Case(
        WRITERS,
        "eligible members forbidden",
        writer(BARE, role_assignments=[assignment(GROUP, kind="Group")], group_members={GROUP: []}),
        {DIRECTORY: "unknown"},
        gaps=[gap("group_eligibilities", GROUP)],
    ),
]
