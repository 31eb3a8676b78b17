"""Write findings as SARIF 2.1.0, for code scanning.

Failures are results. Unknown verdicts become notifications of the run. Passing findings are left out, because services
for code scanning show every result as an alert. A failure with an approved exception is a suppressed result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final, TextIO
from urllib.parse import quote

from surety_cli import VERSION
from surety_cli.text import lines_visible, visible
from surety_client.models import Control, Finding, SeverityEnum, VerdictEnum

SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"
_LEVELS: Final = {
    SeverityEnum.CRITICAL: "error",
    SeverityEnum.HIGH: "error",
    SeverityEnum.MEDIUM: "warning",
    SeverityEnum.LOW: "note",
}
# In a SARIF message, `[text](address)` is a link. `_without_links` adds a backslash before `](`, so that there is no
# link. Backslashes that already precede `](` are doubled. Otherwise, such a backslash would escape the added backslash.
_LINK: Final = re.compile(r"(\\*)\]\(")
# The values of `security-severity`. GitHub shows an alert as critical if the value is above 9, as high from 7, as
# medium from 4, and as low below 4.
_SCORES: Final = {
    SeverityEnum.CRITICAL: "9.5",
    SeverityEnum.HIGH: "8.0",
    SeverityEnum.MEDIUM: "5.5",
    SeverityEnum.LOW: "3.0",
}


def write_sarif(
    findings: Iterable[Finding], controls: Mapping[str, Control], customer: str, target: TextIO
) -> None:
    """Write a SARIF log with one run. `controls` is {short name: control} for all controls of the catalogue.
    `customer` is the customer's short name.
    """
    results, notifications, rules = [], [], dict[str, dict[str, Any]]()
    for finding in findings:
        if finding.verdict not in (VerdictEnum.FAIL, VerdictEnum.UNKNOWN):
            continue
        rules.setdefault(finding.control, _rule(finding, controls.get(finding.control)))
        index = list(rules).index(finding.control)
        if finding.verdict == VerdictEnum.FAIL:
            results.append(_result(finding, index))
        else:
            notifications.append(_notification(finding, index))
    run = {
        "tool": {"driver": {"name": "Surety", "semanticVersion": VERSION, "rules": list(rules.values())}},
        # Each customer has a separate id. With a common id, code scanning would replace the results of one customer by
        # the results of another customer.
        "automationDetails": {"id": f"surety/{customer}/"},
        "invocations": [{"executionSuccessful": True, "toolExecutionNotifications": notifications}],
        "results": results,
    }
    json.dump({"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}, target, indent=2, ensure_ascii=False)
    target.write("\n")


def _rule(finding: Finding, control: Control | None) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": finding.control,
        "name": finding.control,
        "shortDescription": {"text": visible(control.problem if control else finding.title)},
        "fullDescription": {"text": visible(finding.title)},
        "defaultConfiguration": {"level": _LEVELS[finding.severity]},
        "properties": {
            "security-severity": _SCORES[finding.severity],
            "tags": ["security", visible(finding.section)],
        },
    }
    if control:
        rule["help"] = {"text": visible(control.why)}
    return rule


def _result(finding: Finding, index: int) -> dict[str, Any]:
    result: dict[str, Any] = {
        "ruleId": finding.control,
        "ruleIndex": index,
        "kind": "fail",
        "level": _LEVELS[finding.severity],
        "message": {"text": _message(finding)},
        "locations": [_location(finding)],
        "partialFingerprints": {"suretyFinding/v1": str(finding.id)},
        "properties": {
            "expected": visible(finding.expected),
            "observed": visible(finding.observed),
            "state": visible(finding.state),
            "unit": visible(finding.unit_name),
        },
    }
    if finding.fix:
        result["properties"]["fix"] = lines_visible(finding.fix)
    if finding.exception:
        result["suppressions"] = [
            {"kind": "external", "status": "accepted", "justification": visible(finding.exception)}
        ]
    return result


def _notification(finding: Finding, index: int) -> dict[str, Any]:
    text = _message(finding)
    if finding.known_with:
        text = f"{text} {_without_links(visible(finding.known_with))}"
    return {
        "level": "warning",
        "message": {"text": f"Could not check {_without_links(visible(finding.title))}: {text}"},
        "associatedRule": {"id": finding.control, "index": index},
        "locations": [_location(finding)],
    }


def _message(finding: Finding) -> str:
    text = f"{visible(finding.subject_name or finding.subject)}: {visible(finding.found)}"
    return _without_links(text)


def _without_links(text: str) -> str:
    """Escape links, such as `[portal](https://…)`, as section 3.11.6 of SARIF describes."""
    return _LINK.sub(lambda found: rf"{found[1] * 2}\](", text)


def _location(finding: Finding) -> dict[str, Any]:
    # Services for code scanning refuse results that name no file or no line. A resource has neither a file nor lines,
    # so name the subject as the file, and line 1.
    path = quote(finding.subject.strip("/"), safe="/-._~") or "azure"
    return {
        "physicalLocation": {"artifactLocation": {"uri": path}, "region": {"startLine": 1}},
        "logicalLocations": [
            {
                "name": visible(finding.subject_name or finding.subject),
                "fullyQualifiedName": visible(finding.subject),
                "kind": "resource",
            }
        ],
    }
