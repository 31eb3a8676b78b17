"""A collection that could not be read, has meaningless values, or is huge makes no control pass.

The cases of each control are judged again, each time with one collection replaced.
tests/faults/test_every_collection.py shows that every bad answer of Azure becomes a gap.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from assessments.controls.registry import catalogue
from assessments.estate.collection import Collection, Shape, Source
from assessments.estate.gaps import Reason
from assessments.evaluate import Result
from tests import processor_time
from tests.assessments.controls.bad_input import (
    MAX_SECONDS,
    NEED_CONTACT,
    check_sentences,
    copies_of,
    new_failures,
    renamed,
    spoiled,
    value_names,
)
from tests.assessments.controls.cases import Case, cases_of, slugs
from tests.assessments.controls.judging import SUB, gap, judge, scoped
from tests.for_each import for_each

pytestmark = pytest.mark.slow(seconds=20)

# NOT_FOUND and LICENCE_MISSING, which some controls treat in a special way, and two examples of other reasons.
REASONS = (Reason.FORBIDDEN, Reason.NOT_FOUND, Reason.LICENCE_MISSING, Reason.SUBSCRIPTION_DISABLED)
# Pairs (control, collection) for which an unknown value of an enumeration may turn a verdict into a pass.
OPEN_SETS = {
    # A policy is assessed with every effect except Disabled. Azure itself refuses unknown effects.
    ("defender-policy-all-recommendations", "policy_assignments"),
    ("defender-policy-all-recommendations", "policy_set_definitions"),
    # An unknown text counts as a service tag. Each service tag is a limited range of addresses, except Internet.
    ("network-ssh-from-internet", "network_security_groups"),
    ("sql-firewall-internet", "network_security_groups"),
    # No network watcher is required in a region in which Azure offers none, such as a region with an unknown name.
    ("network-watcher", "resources"),
    # Every version of the agent is valid, except the word Unknown.
    ("vm-agent-running", "virtual_machine_instance_views"),
}
# Pairs (control, collection) for which values of a wrong type may turn a verdict into a pass.
OPEN_TEXTS = {
    # Without the id of its template, a setting has no known meaning, so the defaults apply.
    ("identity-password-policy", "group_settings"),
    # No network watcher is required in a region in which Azure offers none, such as a region with an unknown name.
    ("network-watcher", "virtual_networks"),
    ("network-watcher", "resources"),
    # Only the value DisableStrongPassword exempts a user from strong passwords, so a value of another type does not.
    ("identity-password-policy", "users"),
    # A home directory with an unknown id has no trust settings of its own, so the default trust settings apply.
    ("identity-mfa-privileged", "home_tenants"),
}
# Pairs (control, collection), each with the reason why the control may fail if properties of the collection are null or
# of another type.
FAILURES = {
    **dict.fromkeys(
        (
            ("identity-mfa-privileged", "cross_tenant_partners"),
            ("identity-mfa-privileged", "cross_tenant_access"),
            ("identity-mfa-azure-writers", "cross_tenant_partners"),
        ),
        # https://learn.microsoft.com/graph/api/resources/crosstenantaccesspolicyconfigurationpartner
        "a setting that is null is inherited from the default, and by default no other directory's MFA is trusted",
    ),
    **dict.fromkeys(
        (
            ("identity-mfa-privileged", "home_tenants"),
            ("identity-mfa-azure-writers", "home_tenants"),
        ),
        "every text is the id of a directory, and those without settings have the default settings",
    ),
    (
        "network-watcher",
        "network_watchers",
    ): "every text is a region, and a region without a network watcher fails",
    **dict.fromkeys(
        (("sql-tde-cmk", "sql_servers"), ("sql-va", "sql_servers")),
        "every text is a kind of server, and Azure always shows the kind; only servers of Synapse are judged otherwise",
    ),
    (
        "identity-stale-users",
        "directory_role_assignments",
    ): "an account counts unless a readable role says that it synchronizes the directory",
    ("logging-platform", "resources"): "every tier of API Management except Consumption writes logs",
    (
        "identity-mfa-all-users",
        "directory_role_assignments",
    ): "every text is the id of a role, and only certain roles synchronise the directory",
    (
        "identity-users-no-m365-groups",
        "group_settings",
    ): "every text is the id of a template, and without settings of groups everybody can create them",
    (
        "identity-guests-needed",
        "guest_sign_ins",
        # https://learn.microsoft.com/graph/api/resources/signinactivity
    ): "Graph returns null if the guest has never signed in",
}
# The reasons that only a control states. A collection never has a gap with one of these reasons.
OF_CONTROLS = (Reason.MISSING_FIELD, Reason.UNDECIDED)


def healthy(slug: str) -> list[Case]:
    """The cases of a control that have no gaps and expect at least one pass."""
    return [case for case in cases_of(slug) if "pass" in case.outcomes() and not case.gaps]


def collections_of(slug: str) -> list[Collection]:
    control = catalogue()[slug]
    return [*control.needs, *control.optional]


def passes(results: Mapping[str, Result]) -> set[str]:
    return {subject for subject, result in results.items() if result.verdict.outcome == "pass"}


def nulled(bodies: list[Any]) -> list[Any]:
    """The documents, with null instead of every property except the id, the name and the type."""
    return [{**body, **dict.fromkeys(value_names(body))} for body in bodies]


def scopes(docs: Mapping[str, Mapping[str, Any]], collection: Collection) -> list[str]:
    """The scopes at which the case has documents of the collection. If it has none, the scope of the whole unit."""
    found = list(docs.get(collection.name, {}))
    return found or ["" if collection.source is Source.GRAPH else SUB]


@pytest.mark.parametrize("slug", slugs())
def test_what_cannot_be_read_passes_nothing(slug: str) -> None:
    wrong = []
    for case in healthy(slug):
        docs = scoped(case.docs)
        before = passes(case.judge(docs))
        for collection in collections_of(slug):
            rest = {name: held for name, held in docs.items() if name != collection.name}
            for reason in REASONS:
                gaps = [gap(collection.name, scope, reason) for scope in scopes(docs, collection)]
                results = judge(slug, rest, gaps, case.params)
                check_sentences(results)
                if added := passes(results) - before:
                    wrong.append((case.name, collection.name, str(reason), sorted(added)))
    assert wrong == []


VALUES = {"services": "blob"}


@for_each("slug", slugs())
def test_if_nothing_can_be_read_nothing_is_decided(slug: str) -> None:
    for reason in Reason:
        if reason in OF_CONTROLS:
            continue
        gaps = [gap(collection.name, None, reason) for collection in collections_of(slug)]
        # Some controls are off, and read nothing, until a parameter has a value. So give the parameter a value.
        asks_with = catalogue()[slug].asks_with
        params = {asks_with: VALUES[asks_with]} if asks_with else {}
        results = judge(slug, {}, gaps, params)
        check_sentences(results)
        found = {str(result.verdict.outcome) for result in results.values()}
        # A 404 can mean that no security contact was ever entered. Then the controls that need a contact fail.
        has_none = reason is Reason.NOT_FOUND and slug in NEED_CONTACT
        assert found <= ({"fail"} if has_none else {"unknown", "manual"}), reason
        assert found, reason


@pytest.mark.parametrize("slug", slugs())
def test_documents_of_wrong_types_pass_and_fail_nothing(slug: str) -> None:
    """Properties of a wrong type turn no verdict into a pass, except for the pairs (control, collection) in OPEN_TEXTS.
    Properties that are null or of a wrong type turn no verdict into a failure, except for the pairs in FAILURES.
    test_mutation checks that absent and null properties cause no pass.
    """
    wrong = []
    failing = set()
    for case in cases_of(slug):
        may_pass = not case.outcomes() & {"fail", "unknown"}
        docs = scoped(case.docs)
        before = case.judge(docs)
        for name, held in docs.items():
            bodies = [body for bodies in held.values() for body in bodies]
            for label, documents in (*spoiled(bodies), ("null", nulled(bodies))):
                left = iter(documents)
                changed = docs | {name: {scope: [next(left) for _ in one] for scope, one in held.items()}}
                results = case.judge(changed)
                check_sentences(results)
                if new_failures(before, results):
                    failing.add((slug, name))
                added = passes(results) - passes(before)
                if added and not may_pass and label != "null" and (slug, name) not in OPEN_TEXTS:
                    wrong.append((case.name, name, label, sorted(added)))
    assert wrong == []
    assert failing == {key for key in FAILURES if key[0] == slug}


@for_each("slug", slugs())
def test_unknown_values_of_enumerations_pass_nothing(slug: str) -> None:
    """In one collection after the other, all values of enumerations are replaced by unknown values. No further subject
    may pass then, except for the pairs (control, collection) in OPEN_SETS.
    """
    wrong = []
    for case in cases_of(slug):
        if not case.outcomes() & {"fail", "unknown"}:
            continue
        docs = scoped(case.docs)
        before = passes(case.judge(docs))
        for name, held in docs.items():
            changed = docs | {name: {scope: renamed(bodies) for scope, bodies in held.items()}}
            results = case.judge(changed)
            check_sentences(results)
            if (added := passes(results) - before) and (slug, name) not in OPEN_SETS:
                wrong.append((case.name, name, sorted(added)))
    assert wrong == []


@pytest.mark.slow(seconds=20)
@pytest.mark.parametrize("slug", slugs())
def test_thousands_of_further_documents_pass_nothing(slug: str) -> None:
    """The further documents have only ids and names. They add no pass, and failures stay failures or become unknown."""
    case = next((one for one in cases_of(slug) if "fail" in one.outcomes()), None) or cases_of(slug)[0]
    docs = scoped(case.docs)
    before = case.judge(docs)
    wrong = []
    slowness = processor_time.slowness()
    for collection in collections_of(slug):
        if collection.shape is Shape.SINGLE:
            continue
        held = docs.get(collection.name, {})
        scope = scopes(docs, collection)[0]
        many = [*held.get(scope, ()), *copies_of(collection.name)]
        began = time.process_time()
        results = case.judge(docs | {collection.name: held | {scope: many}})
        seconds = (time.process_time() - began) / slowness
        if added := passes(results) - passes(before):
            wrong.append((collection.name, "passes", sorted(added)[:3]))
        if lost := [
            subject
            for subject, result in before.items()
            if result.verdict.outcome == "fail"
            and subject in results
            and results[subject].verdict.outcome not in ("fail", "unknown")
        ]:
            wrong.append((collection.name, "no longer fails", lost))
        if seconds > MAX_SECONDS:
            wrong.append((collection.name, "takes too long", [f"{seconds:.1f} s"]))
    assert wrong == []
