"""Accounts that logs are written to."""

from __future__ import annotations

from tests.assessments.controls.cases import Case
from tests.assessments.controls.judging import SUB, gap
from tests.assessments.controls.logging.documents import (
    ACCOUNT,
    ENCRYPTION,
    FOREIGN,
    STORED,
    TO_HUB,
    TO_STORAGE,
    TRANSFER,
    account,
    exported,
    flow_log,
    kept,
    setting,
    sql,
)

PLAIN = {"encryption": {"services": {"blob": {"enabled": False}}}, "supportsHttpsTrafficOnly": False}


def _on_accounts(slug: str) -> list[Case]:
    bad = account(**PLAIN)
    return [
        Case(slug, "the activity log's", exported(TO_STORAGE), {ACCOUNT: "pass"}),
        Case(slug, "bad", exported(TO_STORAGE, storage_accounts=[bad]), {ACCOUNT: "fail"}),
        Case(
            slug,
            "flow logs'",
            kept(flow_log(storageId=ACCOUNT.upper()), storage_accounts=[bad]),
            {ACCOUNT.upper(): "fail"},
        ),
        Case(slug, "SQL audit's", sql(STORED, storage_accounts=[bad]), {ACCOUNT: "fail"}),
        Case(
            slug, "SQL audit's, nowhere", sql(STORED), {SUB: "unknown"}, reason="in no readable subscription"
        ),
        Case(
            slug,
            "in another subscription",
            exported(setting(storageAccountId=FOREIGN), foreign_log_accounts={FOREIGN: [account(FOREIGN)]}),
            {FOREIGN: "pass"},
        ),
        Case(slug, "gone", exported(setting(storageAccountId=FOREIGN)), {FOREIGN: "not_applicable"}),
        Case(
            slug,
            "in a subscription that is not ours to read",
            exported(setting(storageAccountId=FOREIGN)),
            {FOREIGN: "unknown"},
            [gap("foreign_log_accounts", FOREIGN)],
        ),
        Case(slug, "no log in storage", exported(TO_HUB), {SUB: "not_applicable"}),
        Case(slug, "settings forbidden", {}, {SUB: "unknown"}, [gap("activity_log_settings")]),
        Case(
            slug,
            "settings forbidden, a flow log's read",
            kept(flow_log()),
            {ACCOUNT: "pass", SUB: "unknown"},
            [gap("activity_log_settings")],
        ),
    ]


CASES = [*_on_accounts(ENCRYPTION), *_on_accounts(TRANSFER)]
ABSENCE_PASSES = [
    (
        ENCRYPTION,
        r"properties\.encryption(\.services(\.(blob|file)(\.enabled)?)?)?",
        "encryption cannot be switched off, so an absent setting passes",
    ),
]
