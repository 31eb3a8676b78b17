"""A network interface without a security group has its own steps and its own path in the portal."""

from __future__ import annotations

from assessments.controls.registry import catalogue
from assessments.fixes.combine import combine
from assessments.fixes.facts import Facts
from assessments.fixes.render import render
from tests.assessments.fixes.rendered import DIRECTORY, S, fix_of, rendered


def test_an_interface_without_a_group_gets_steps_and_path_of_its_own() -> None:
    interface = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Network/networkInterfaces/nic-1"
    group = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Network/networkSecurityGroups/nsg-1"
    fix = rendered("network-rdp-from-internet", interface, publicAddressKind="Basic")
    assert fix.portal == "Azure portal › Network interfaces › nic-1 › Settings › Network security group"
    assert "retired Basic addresses" in fix.plain
    assert "health probes" in fix.plain
    assert "all inbound connections" in fix.effects
    assert "nsg rule update" not in fix.plain
    other = rendered("network-rdp-from-internet", group, openingRules=["any"])
    assert other.portal.startswith("Azure portal › Network security groups › nsg-1 ›")
    assert "retired Basic addresses" not in other.plain
    whole = render(catalogue()["network-rdp-from-internet"].fix)
    assert (
        "› the rule › Source, or Azure portal › Network interfaces › the network interface ›" in whole.portal
    )


def test_the_portal_path_of_findings_of_two_types_names_both() -> None:
    network = f"{S}/resourceGroups/rg-shop/providers/Microsoft.Network"
    found = [
        Facts(f"{network}/{name}", {}, DIRECTORY, "AzureCloud")
        for name in ("networkSecurityGroups/nsg-1", "networkInterfaces/nic-1", "networkInterfaces/nic-2")
    ]
    portal = combine(fix_of("network-ssh-from-internet"), found).fix.portal
    assert portal.count("Azure portal › ") == 2
    assert "Network interfaces › the network interface ›" in portal
