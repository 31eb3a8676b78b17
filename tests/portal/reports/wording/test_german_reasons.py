"""German reports show reasons, remarks, observed values and paths in German."""

from __future__ import annotations

import re
from typing import Any

import pytest

from assessments.controls.registry import catalogue
from assessments.display.names import Kind, Name, Names
from assessments.display.observed import on_one_line
from assessments.display.sentences import sentence
from assessments.frameworks.framework import framework
from portal.reports.templatetags.pdf import inline_code, reason_stated
from portal.reports.wording.languages import localized, printed_in, translated

GUID = "dddddddd-0000-0000-0000-000000000001"


@pytest.mark.parametrize(
    ("causes", "german"),
    [
        ("it has the tag env", "die Ressource hat das Tag env"),
        (
            "public networks can reach it and it holds secrets",
            "öffentliche Netzwerke erreichen die Ressource und die Ressource enthält Geheimnisse",
        ),
        (
            "it has the tag env and it has the tag data",
            "die Ressource hat das Tag env und die Ressource hat das Tag data",
        ),
        ("it has the tag this and that", "die Ressource hat das Tag this and that"),
    ],
)
def test_causes_of_another_severity_are_german(causes: str, german: str) -> None:
    with printed_in("de"):
        found = translated(f"The severity is critical instead of high, because {causes}", "storage")
    assert found == f"Der Schweregrad ist „kritisch“ statt „hoch“, Grund: {german}"


def test_sentences_with_the_number_1_are_in_the_singular(tool: Any) -> None:
    """A translated sentence with a number of days or hours has a form for the number 1."""
    found = {}
    with printed_in("de"):
        for printed in tool.printed_texts._of_singulars():
            found[printed.text] = translated(printed.text, printed.section)
    assert len(found) > 50
    wrong = [
        text for text in found.values() if text and re.search(r"\b1 (Tage|Tagen|Stunden|Sekunden)\b", text)
    ]
    assert wrong == []


def test_expected_values_with_the_parameter_1_are_in_the_singular() -> None:
    found = set()
    for control in catalogue().values():
        for parameter in control.parameters:
            if (
                f"{{{parameter.name}:days}}" in control.expectation
                or f"{{{parameter.name}:hours}}" in control.expectation
            ):
                expected = control.expected_with(control.values({parameter.name: 1}))
                assert re.search(r"\b1 (day|hour)\b", expected), expected
                found.add(expected)
    assert len(found) >= 8


def test_values_are_those_of_the_stored_sentence() -> None:
    """The finding stores an English sentence. The values of this sentence are filled into the German template."""
    reasons = {
        "The flow log is kept for 1,234 days; 91 are required": (
            "Das Flussprotokoll wird 1.234 Tage aufbewahrt; 91 sind erforderlich"
        ),
        "Not regenerated since: key1 2024-03-01, key2 2024-03-02": (
            "Nicht neu erzeugt seit: key1 01.03.2024, key2 02.03.2024"
        ),
        "Missing permission A.Read.All, and B.Read or C.Read (Role assignments, 403)": (
            "Fehlende Berechtigung A.Read.All und B.Read oder C.Read (Rollenzuweisungen, 403)"
        ),
        "Rules wider than allowed: everyone; The network security perimeter lets too many addresses in through all": (
            "Regeln, die weiter als zulässig sind: everyone; Der Netzwerksicherheitsperimeter lässt zu viele"
            " Adressen ein, durch all"
        ),
        "Surety does not know the value “” of properties.state of Default": (
            "Surety kennt den Wert „“ von properties.state von Default nicht"
        ),
    }
    sections = ("logging", "storage", "identity", "sql", "logging")
    with printed_in("de"):
        for (reason, german), section in zip(reasons.items(), sections, strict=True):
            assert translated(reason, section) == german
        assert translated("Every disk is encrypted by Azure Disk Encryption", "vm") == (
            "Jeder Datenträger ist durch Azure Disk Encryption verschlüsselt"
        )
        assert translated("Every disk is encrypted by Azure Disk Encryption", "sql") is None
        assert translated("Every disk is encrypted somehow", "vm") is None
    with printed_in("en"):
        assert all(translated(reason, "vm") == reason for reason in reasons)


def test_names_keep_their_form() -> None:
    names = Names([Name(GUID, Kind.GROUP, display_name="Admins & Co")])
    text = sentence(
        f"Group {GUID} has a role, but Surety could not read the members of this group: missing permission X.Read"
        " (Users, 403)",
        names,
    )
    with printed_in("de"):
        assert reason_stated(text, "identity-mfa-privileged") == (
            'Die Gruppe <span class="named"><bdi>Admins &amp; Co</bdi>'
            f' <small class="id">{GUID}</small></span> hat eine Rolle, aber Surety konnte die Mitglieder dieser Gruppe'
            " nicht lesen: Fehlende Berechtigung X.Read (Benutzer, 403)"
        )
        assert reason_stated("<b>", "vm-os-patches") == '<span lang="en">&lt;b&gt;</span>'


def test_observed_values_keep_the_names_of_azure() -> None:
    observed = {
        "rules": ["none", "office"],
        "encryptionAtHost": False,
        "machines": 1234,
        "lockoutThreshold": 10,
        "key1": "2024-03-01T10:00:00Z",
        "sinks": [{"kind": "storage", "id": "logs1", "days": 30}],
    }
    text = on_one_line(observed)
    assert str(text) == (
        "Rules: none, office; Encryption at host: off; Machines: 1,234; Lockout threshold: 10 failed attempts;"
        " Key 1 regenerated: 2024-03-01 10:00 UTC; Destinations: storage logs1: 30 days"
    )
    with printed_in("de"):
        assert str(localized(text)) == (
            "Regeln: none, office; Verschlüsselung auf dem Host: aus; Computer: 1.234; Schwellenwert für die Sperrung:"
            " 10 fehlgeschlagene Versuche; Schlüssel 1 neu erzeugt: 01.03.2024 10:00 UTC; Ziele: Speicher logs1: 30"
            " Tage"
        )
    with printed_in("en"):
        assert localized(text) is text


def test_paths_have_the_labels_of_the_portal_in_quotation_marks() -> None:
    path = "Azure portal › SQL servers or SQL managed instances › the resource › `a<b` › Scope: `c`"
    label = '„<span lang="en">{}</span>“'
    with printed_in("de"):
        assert inline_code(path) == (
            f"Azure-Portal › {label.format('SQL servers')} oder {label.format('SQL managed instances')} ›"
            f' die Ressource › <code class="mono">a&lt;b</code> › {label.format("Scope")}:'
            ' <code class="mono">c</code>'
        )
    with printed_in("en"):
        assert inline_code("Azure portal › the rule") == "Azure portal › the rule"


@pytest.mark.parametrize(("key", "is_german"), [("nist-800-53-r5", False), ("cis-6.0.0", True)])
def test_requirements_are_german_unless_their_publisher_names_them(key: str, is_german: bool) -> None:
    with printed_in("de"):
        titles = {one.title for one in framework(key).numbers.values()}
        assert any(translated(title) not in (None, title) for title in titles) == is_german


def test_what_an_exception_covers_and_the_previous_assessment_are_german() -> None:
    with printed_in("de"):
        assert translated(
            "Storage account allows anonymous blob access: logs: a; SSH open to the Internet: n"
        ) == ("Speicherkonto erlaubt anonymen Blobzugriff: logs: a; SSH aus dem Internet erreichbar: n")
        assert (
            translated("SSH open to the Internet: 12 findings")
            == "SSH aus dem Internet erreichbar: 12 Feststellungen"
        )
        assert (
            translated("assessment 5 of 2026-11-24 02:20 UTC (only 11 units assessed)")
            == "Prüfung 5 vom 24.11.2026 02:20 UTC (nur 11 Einheiten geprüft)"
        )
        rule = "control is “SSH is not open to the Internet”, severity is high, tag env is a, b"
        german = translated(rule)
        assert german is not None
        assert german.endswith("“, Schweregrad ist hoch, Tag env ist a, b")
        assert translated("every finding") == "jede Feststellung"


@pytest.mark.parametrize(
    ("former", "german"),
    [
        (
            "Load balancers, if an interface behind one has no security group",
            "Lastenausgleiche, falls eine Schnittstelle dahinter keine Sicherheitsgruppe hat",
        ),
        ("Log Analytics workspaces of logs", "Log-Analytics-Arbeitsbereiche von Protokollen"),
    ],
)
def test_reasons_with_a_former_name_of_a_collection_are_german(former: str, german: str) -> None:
    with printed_in("de"):
        found = translated(f"Missing permission Microsoft.Network/read ({former}, 403)", "network")
    assert found == f"Fehlende Berechtigung Microsoft.Network/read ({german}, 403)"
