"""The only English texts in German reports are names, commands, labels of the Azure portal and messages of Azure."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest

from assessments.controls.registry import catalogue
from assessments.fixes.declare import sentences
from portal.reports.actions import request_report
from portal.reports.attachments.files import attach, unit_manifests
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.reports.render import render_html
from portal.reports.templatetags.pdf import inline_code
from portal.reports.wording.languages import printed_in, translated
from portal.reports.wording.untranslated import with_english_marked
from tests import factories
from tests.portal.web.world import World

MARKED = re.compile(r'<(\w+)[^>]* lang="en"[^>]*>(.*?)</\1>', re.DOTALL)
# Texts that stay English: labels of the Azure portal, titles of frameworks, and messages of Azure and of programs.
ENGLISH = re.compile(
    r"CIS Microsoft Azure Foundations Benchmark .*|Microsoft cloud security benchmark .*|NIST SP 800-53 .*"
    r"|Azure\w*Baseline\w*: .*|“(CMS Verification successful|Signature is Valid|Total document signed)”",
    re.DOTALL,
)
LABEL = re.compile(r'„<span lang="en">.*?</span>“')


def test_sentences_of_fixes_name_the_labels_of_the_portal() -> None:
    found = [text for control in catalogue().values() for text in sentences(control.fix)]
    assert len(found) > 200
    with printed_in("de"):
        filled = "`a-b` › Profiles › `c` › Inbound access rules."
        start = "In the network security perimeter of the resource, narrow the inbound access rules in the finding: "
        text = inline_code(f"{start}Azure portal › Network security perimeters › {filled}")
        assert text.startswith("Schränken Sie im Netzwerksicherheitsperimeter")
        english = '„<span lang="en">{}</span>“'.format
        assert text.endswith(
            f' ein: Azure-Portal › {english("Network security perimeters")} › <code class="mono">a-b</code> ›'
            f' {english("Profiles")} › <code class="mono">c</code> › {english("Inbound access rules")}.'
        )
        for sentence in found:
            shown = re.sub("<[^>]+>", "", LABEL.sub("", inline_code(sentence)))
            assert not re.search("› [A-Z]", shown), shown
    with printed_in("en"):
        assert inline_code("Add a receiver.") == "Add a receiver."


def test_what_an_unknown_verdict_needs_is_german() -> None:
    with printed_in("de"):
        assert translated("Grant A/read, B/read and C/read (role Reader) on Production: EU") == (
            "Gewähren Sie A/read, B/read und C/read (Rolle Reader) auf Production: EU"
        )
        both = (
            "Grant A/read (role Reader) on Production; and User.Read in Microsoft Graph, with admin consent"
        )
        assert translated(both) == (
            "Gewähren Sie A/read (Rolle Reader) auf Production, und User.Read in Microsoft Graph mit"
            " Administratoreinwilligung"
        )


@pytest.mark.slow
def test_a_german_report_has_no_english_sentence(
    world: World, tool: Any, sentences: dict[str, list[Any]]
) -> None:
    if tool.missing("de", sentences["de"]):
        pytest.skip("Sentences have no German translation. `make release-check` fails until they have.")
    home = world.home
    found: set[str] = set()
    labels: set[str] = set()
    with factories.in_tenant(home):
        for kind in ("full", "framework", "changes", "exceptions", "executive", "period"):
            report = request_report(tenant=home, by=factories.BY, kind=kind, language="de")
            facts, files = attach(
                gather_facts(report, ensure_signing_identity()), home, unit_manifests(report.assessment)
            )
            page = with_english_marked(render_html(facts, files))
            labels |= set(LABEL.findall(page))
            page = LABEL.sub("", page)
            found |= {html.unescape(re.sub("<[^>]+>", "", text)).strip() for _, text in MARKED.findall(page)}
            Report.objects.filter(pk=report.pk).update(state=Report.State.CANCELLED)
    assert found
    assert len(labels) > 5
    left = sorted(text for text in found if not ENGLISH.fullmatch(text))
    assert left == [], "\n".join(left)
