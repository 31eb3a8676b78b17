"""Write the headline of a customer's overview. It names the worst problem and the controls to fix first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple
from urllib.parse import urlencode

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.queries.tenant_overview.fix_next import FixGroup
from portal.treatment.naming import control_problem
from portal.treatment.selectors.scores import Standing
from portal.treatment.states import ShownState
from portal.web.components.vocabulary import SEVERITIES
from tenants.models import ServicePrincipal

_MAX_NAMED = 2


class CountedFindings(NamedTuple):
    """A number of findings in the headline. The query parameters `parameters` make the findings page list these
    findings.
    """

    text: str
    parameters: Mapping[str, str]


def headline(standing: Standing, groups: Sequence[FixGroup]) -> str:
    """Return the headline as plain text. It is empty if nothing was assessed."""
    counted = ", ".join(part.text for part in counted_findings(standing))
    if worst := _worst_severity(standing):
        of_worst = [group for group in groups if group.severity == worst]
        return f"{counted}. {_remedy(of_worst, standing.open(worst))}".strip()
    if counted:
        nothing = "Nothing is open, but" if standing.is_known else "No automatic check has a result:"
        return f"{nothing} {counted}."
    return "Nothing is open." if standing.states else ""


def counted_findings(standing: Standing) -> list[CountedFindings]:
    """Return the numbers in the headline: the open and the overdue findings of the worst severity. If no finding is
    open, return the number of unknown findings.

    Overdue findings are counted separately, because an acknowledged finding is not open, but can be overdue.
    """
    if worst := _worst_severity(standing):
        number, overdue, label = standing.open(worst), standing.overdue.get(worst, 0), SEVERITIES[worst].label
        found = [
            CountedFindings(
                f"{number:,} {label.lower()} finding{_s(number)} {_are(number)} open",
                {"severity": worst, "state": ShownState.OPEN},
            )
        ]
        if overdue:
            text = f"{overdue:,} {label.lower()} {_are(overdue)} overdue"
            found.append(CountedFindings(text, {"severity": worst, "due": "overdue"}))
        return found
    if unknown := standing.states.get("unknown", 0):
        what = f"check{_s(unknown)} " if standing.is_known else ""
        text = f"{unknown:,} {what}{_are(unknown)} unknown"
        return [CountedFindings(text, {"state": ShownState.UNKNOWN})]
    return []


def with_counts_linked(standing: Standing, findings: str) -> SafeString:
    """Return the headline as HTML, without the last sentence, which names the controls to fix first.

    Each number links to the findings that it counts. `findings` is the URL of the findings page.
    """
    html = str(escape(headline(standing, ())))
    for part in counted_findings(standing):
        link = format_html('<a href="{}?{}">{}</a>', findings, urlencode(part.parameters), part.text)
        html = html.replace(str(escape(part.text)), link, 1)
    return mark_safe(html)  # noqa: S308 - escaped above


def refused_sign_in(principal: ServicePrincipal, url: str) -> SafeString:
    """Return the headline for a customer that could not be read because the sign-in was refused.

    `url` is the page on which the person can replace the credential. It is empty for people who may not replace the
    credential.
    """
    what = "Correct the sign-in" if principal.is_keyless else "Replace the credential"
    if not url:
        who = f"An administrator must {what[0].lower()}{what[1:]} of “{principal}”."
        return format_html("The sign-in was refused, so nothing can be read. {}", who)
    action = format_html('<a href="{}">{} of “{}”</a>', url, what, principal)
    return format_html("The sign-in was refused, so nothing can be read. {}.", action)


def with_links(text: str, urls: Mapping[str, str]) -> SafeString:
    """Return the headline as HTML. `urls` is {slug of a control: URL}. The names of these controls become links."""
    html = str(escape(text))
    for control, url in urls.items():
        name = str(escape(control_problem(control)))
        html = html.replace(f"“{name}”", format_html('“<a href="{}">{}</a>”', url, control_problem(control)))
    return mark_safe(html)  # noqa: S308 - escaped above


def _remedy(groups: Sequence[FixGroup], number: int) -> str:
    """Return a sentence about the controls to fix first. `number` is the number of open findings of the worst severity.

    `groups` are the controls that have open findings of this severity. For people who see only the findings that they
    own, the numbers in `groups` count only these findings.
    """
    named = groups[:_MAX_NAMED]
    if not named:
        return ""
    if number == 1:
        return f"It is “{control_problem(named[0].control)}”."
    names = " and ".join(f"“{control_problem(group.control)}”" for group in named)
    return f"Fixing {names} closes {sum(group.open for group in named)}."


def _worst_severity(standing: Standing) -> str | None:
    return next((key for key in SEVERITIES if standing.open(key)), None)


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _s(number: int) -> str:
    return "" if number == 1 else "s"
