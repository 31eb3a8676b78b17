"""Each check of another product is listed once, and names controls of the catalogue."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assessments.controls.registry import catalogue
from assessments.equivalents.equivalents import PRODUCTS, equivalents, product, searchable


def test_every_check_names_controls_or_says_why_not() -> None:
    for key in PRODUCTS:
        for check in product(key).checks.values():
            assert check.controls or check.missing, check.id
            assert not (check.reason and (check.controls or check.announced)), check.id
            assert check.title or key == "prowler", check.id


def test_named_controls_have_slugs_of_the_catalogue() -> None:
    for key in PRODUCTS:
        for check in product(key).checks.values():
            assert len({*check.controls, *check.announced}) == len(check.controls) + len(check.announced)
            for slug in check.controls:
                assert slug in catalogue()


def test_prowlers_checks_are_complete() -> None:
    found = product("prowler")
    assert found.is_complete
    assert len(found.checks) == 191
    assert found.checks["apim_threat_detection_llm_jacking"].missing.startswith(
        "This check searches log entries"
    )


def test_checks_of_one_plan_or_language_judge_only_its_subjects() -> None:
    checks = product("prowler").checks
    plans = ("SqlServers", "SqlServerVirtualMachines", "OpenSourceRelationalDatabases", "CosmosDbs")
    place = "/subscriptions/1/providers/Microsoft.Security/pricings"
    for name, judged in (
        ("azure_sql_databases", ["SqlServers"]),
        ("cosmosdb", ["CosmosDbs"]),
        ("databases", list(plans)),
        ("os_relational_databases", ["OpenSourceRelationalDatabases"]),
        ("sql_servers", ["SqlServerVirtualMachines"]),
    ):
        check = checks[f"defender_ensure_defender_for_{name}_is_on"]
        assert [plan for plan in plans if check.judges(f"{place}/{plan}", {})] == judged
    for language, runtimes in (("java", ["TOMCAT|9.0-java11", "Java 11"]), ("python", ["PYTHON|3.8"])):
        check = checks[f"app_ensure_{language}_version_is_latest"]
        known = ("TOMCAT|9.0-java11", "PYTHON|3.8", "NODE|18-lts", "Java 11")
        assert [one for one in known if check.judges("/sites/app", {"runtime": one}, "app,linux")] == runtimes
        assert not check.judges("/sites/app", None, "app")
        assert not check.judges("/sites/app", {"runtime": runtimes[0]}, "functionapp")
    for name, kind, other in (
        ("sqlserver_tde_encryption_enabled", "Microsoft.Sql/servers", "Microsoft.Sql/managedInstances"),
        ("sqlserver_unrestricted_inbound_access", "Microsoft.Sql/servers", "Microsoft.SqlVirtualMachine/x"),
        (
            "network_ssh_internet_access_restricted",
            "Microsoft.Network/networkSecurityGroups",
            "Microsoft.Network/x",
        ),
    ):
        assert checks[name].judges(f"/providers/{kind}/a", None), name
        assert not checks[name].judges(f"/providers/{other}/a", None), name


def test_ids_of_policies_are_guids() -> None:
    for check in product("azure-policy").checks.values():
        # One id that Microsoft published is no GUID: it contains a k.
        assert re.fullmatch(r"[0-9a-fk]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", check.id), check.id
        assert check.url.endswith(f"policyDefinitions%2F{check.id}")


def test_recommendations_have_assessment_keys_and_the_controls_of_their_policies() -> None:
    policies = {check.title: check.controls for check in product("azure-policy").checks.values()}
    found = product("defender-for-cloud")
    assert not found.is_complete
    assert len(found.checks) > 20
    for check in found.checks.values():
        assert re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", check.id), check.id
        assert check.url.endswith(f"/assessmentKey/{check.id}")
        assert check.controls, check.id
        assert policies.get(check.title, check.controls) == check.controls, check.id
    public = "51fd8bb1-0db4-bbf1-7e2b-cfcba7eb66a6"
    assert found.checks[public].controls == ("storage-anonymous-access-disallowed",)
    assert public in searchable("storage-anonymous-access-disallowed")


def test_a_control_is_found_by_the_names_of_other_products() -> None:
    named = {(check.product, check.id) for check in equivalents("storage-min-tls")}
    assert named == {
        ("Prowler", "storage_ensure_minimum_tls_version_12"),
        ("Azure Policy", "fe83a0eb-a853-422d-aac2-1bffd182c5d0"),
    }
    assert "storage_ensure_minimum_tls_version_12" in searchable("storage-min-tls")
    assert equivalents("operations-vulnerability-scans") == ()


def test_an_unknown_product_is_refused() -> None:
    with pytest.raises(LookupError, match="use one of prowler, azure-policy"):
        product("scoutsuite")


def test_controls_that_do_not_exist_yet_are_spelled_as_planned() -> None:
    planned = (Path(__file__).parent / "planned_controls.txt").read_text().split()
    announced = {
        slug for key in PRODUCTS for check in product(key).checks.values() for slug in check.announced
    }
    assert announced <= set(planned)
