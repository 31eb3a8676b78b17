"""The words of a report, without its layout."""

from __future__ import annotations

import html
import re

from portal.reports.actions import request_report
from portal.reports.gather import gather_facts
from portal.reports.keys.signing_identity import ensure_signing_identity
from portal.reports.models import Report
from portal.reports.render import render_html
from tests import factories
from tests.portal.web.world import World


def printed_words(world: World, kind: str, language: str = "en") -> str:
    """Return the words of a report, without markup."""
    report = request_report(tenant=world.home, by=factories.BY, kind=kind, language=language)
    pages = render_html(gather_facts(report, ensure_signing_identity()), [])
    Report.objects.filter(pk=report.pk).update(state=Report.State.CANCELLED)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", pages)).split())
