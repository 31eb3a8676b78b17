"""The sentence at the top of a customer's overview: the worst problem, and the controls to fix first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from portal.queries.fix_next import FixGroup
from portal.treatment.naming import control_problem
from portal.treatment.selectors.scores import Standing
from portal.web.components.vocabulary import SEVERITIES
from tenants.models import ServicePrincipal

_MAX_NAMED = 2


def headline(standing: Standing, groups: Sequence[FixGroup]) -> str:
    """Return the sentence; empty if nothing was assessed."""
    for key, mark in SEVERITIES.items():
        number = standing.open(key)
        if not number:
            continue
        overdue = standing.overdue.get(key, 0)
        first = f"{number} {mark.label.lower()} finding{_s(number)} {'is' if number == 1 else 'are'} open"
        if overdue:
            # Overdue findings are counted separately, not as a part of the open ones, because acknowledged findings can
            # be overdue too.
            first += f", {overdue} {mark.label.lower()} {'is' if overdue == 1 else 'are'} overdue"
        return f"{first}. {_remedy([group for group in groups if group.severity == key])}".strip()
    unknown = standing.states.get("unknown", 0)
    if unknown and not standing.is_known:
        return f"No automatic check has a result: {unknown} {'is' if unknown == 1 else 'are'} unknown."
    if unknown:
        return f"Nothing is open, but {unknown} check{_s(unknown)} {'is' if unknown == 1 else 'are'} unknown."
    return "Nothing is open." if standing.states else ""


def refused_sign_in(principal: ServicePrincipal, url: str) -> SafeString:
    """Return the sentence for a customer of which nothing is known because this sign-in was refused.

    `url`: the page on which the person can replace the credential; empty for people who may not.
    """
    what = "Correct the sign-in" if principal.is_keyless else "Replace the credential"
    if not url:
        who = f"An administrator must {what[0].lower()}{what[1:]} of “{principal}”."
        return format_html("Sign-in refused, nothing can be read. {}", who)
    action = format_html('<a href="{}">{} of “{}”</a>', url, what, principal)
    return format_html("Sign-in refused, nothing can be read. {}.", action)


def with_links(text: str, urls: Mapping[str, str]) -> SafeString:
    """Return the sentence as HTML, with a link on the name of each control whose list has an address."""
    html = str(escape(text))
    for control, url in urls.items():
        name = str(escape(control_problem(control)))
        html = html.replace(f"“{name}”", format_html('“<a href="{}">{}</a>”', url, control_problem(control)))
    return mark_safe(html)  # noqa: S308 - escaped above


def _remedy(groups: Sequence[FixGroup]) -> str:
    named = groups[:_MAX_NAMED]
    if not named or (len(named) == 1 and named[0].open == 1):
        return f"It is “{control_problem(named[0].control)}”." if named else ""
    names = " and ".join(f"“{control_problem(group.control)}”" for group in named)
    return f"Fixing {names} closes {sum(group.open for group in named)}."


def _s(number: int) -> str:
    return "" if number == 1 else "s"
