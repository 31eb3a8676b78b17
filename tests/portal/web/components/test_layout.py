"""The parts that most pages have: title, breadcrumb, tables, filters, errors of forms, parts that refresh."""

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.urls import resolve

from tenants.models import Tenant
from tests.markup import squeeze


def render(source: str, **context: object) -> str:
    return squeeze(Template("{% load surety layout %}" + source).render(Context(context)))


def page(path: str, source: str) -> str:
    request = RequestFactory().get(path)
    request.resolver_match = resolve(path.partition("?")[0])
    return render(source, request=request, tenant=Tenant(slug="alder"))


def test_a_table_has_the_declared_columns_in_order() -> None:
    html = render(
        '{% table "Posts" %}{% columns "No.|num" "Event" %}{% columns "File|hidden" %}<tr></tr>{% endtable %}'
    )
    assert html == (
        '<div class="table-wrap" role="region" aria-label="Posts" tabindex="0"><table role="table">'
        '<thead role="rowgroup"><tr role="row"><th role="columnheader" scope="col" class="num">No.</th>'
        '<th role="columnheader" scope="col">Event</th>'
        '<th role="columnheader" scope="col"><span class="visually-hidden">File</span></th></tr></thead>'
        '<tbody role="rowgroup"><tr role="row"></tr></tbody></table></div>'
    )


def test_a_table_without_a_label_is_no_region_and_can_have_a_caption() -> None:
    html = render('{% table table_css="compact" caption="Changes" %}{% columns "Field" %}{% endtable %}')
    assert "region" not in html
    assert '<table role="table" class="compact"><caption class="visually-hidden">Changes</caption>' in html


def test_columns_do_not_reach_the_next_table() -> None:
    table = '{% table "A" %}{% columns "One" %}{% endtable %}'
    assert render(table + table).count('role="columnheader"') == 2


def test_names_of_columns_are_escaped() -> None:
    assert "&lt;b&gt;" in render("{% table %}{% columns name %}{% endtable %}", name="<b>")


def test_the_heading_is_the_title_unless_a_page_has_another() -> None:
    page_of = "{{% extends 'page.html' %}}{{% block title %}}{title}{{% endblock %}}{rest}"
    base = {"user": type("Anonymous", (), {"is_authenticated": False})()}
    html = squeeze(
        Template(page_of.format(title="{{ name }}", rest="")).render(Context({**base, "name": "R&D"}))
    )
    assert "<h1>R&amp;D</h1>" in html
    heading = "{% block heading %}Delete?{% endblock %}"
    html = squeeze(Template(page_of.format(title="Delete it", rest=heading)).render(Context(base)))
    assert "<h1>Delete?</h1>" in html
    assert "<title>Delete it" in html


@pytest.mark.parametrize(
    ("path", "here", "expected"),
    [
        ("/t/alder/journal/7/", "'7'", [("/t/alder/journal/", "Journal")]),
        ("/t/alder/settings/policy/", "", [("/t/alder/settings/", "Settings")]),
        (
            "/t/alder/settings/channels/add/",
            "'Add channel'",
            [("/t/alder/settings/", "Settings"), ("/t/alder/settings/channels/", "Channels")],
        ),
        ("/controls/storage-https/", "'Storage'", [("/controls/", "Controls")]),
    ],
)
def test_crumbs_are_the_entries_of_navigation_above_the_page(
    path: str, here: str, expected: list[tuple[str, str]]
) -> None:
    html = page(path, f"{{% crumbs {here} %}}")
    links = "".join(f'<a href="{url}">{label}</a>' for url, label in expected)
    name = here.strip("'") or "Policy"
    assert html == f'<nav class="crumbs" aria-label="Breadcrumb">{links}<span>{name}</span></nav>'


def test_crumbs_of_a_page_outside_of_navigation_are_an_error() -> None:
    with pytest.raises(TemplateSyntaxError, match="no entry of the navigation"):
        page("/notices/", "{% crumbs 'Notices' %}")


def test_filters_can_be_cleared_once_one_is_chosen() -> None:
    source = '{% filters active "/list/" %}<p>facet</p>{% endfilters %}'
    assert "Clear filters" not in render(source, active=0)
    html = render(source, active=2)
    assert "Filters (2)" in html
    assert '<a class="btn small" href="/list/">' in html
    assert "<p>facet</p>" in html


def test_only_a_live_part_is_fetched_again() -> None:
    source = '<div id="posts" {% poll live "#posts" %}></div>'
    request = RequestFactory().get("/posts/?page=2")
    assert render(source, request=request, live=False) == '<div id="posts"></div>'
    html = render(source, request=request, live=True)
    assert 'hx-get="/posts/?page=2" hx-trigger="every 2s" hx-swap="outerHTML" hx-select="#posts"' in html


class Rule(forms.Form):
    name = forms.CharField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def clean(self) -> None:
        raise ValidationError("Set a condition.")


def test_fields_follow_the_errors_of_the_whole_form() -> None:
    html = render("{% form_fields form %}", form=Rule({"name": "x"}))
    assert html.index('role="alert"') < html.index("<p>Set a condition.</p>") < html.index('name="name"')
    assert '<input type="hidden" name="seen" id="id_seen">' in html
    assert "alert" not in render("{% form_fields form %}", form=Rule())


def test_an_introduction_is_shown_for_an_error_of_a_field_too() -> None:
    source = '{% form_errors form "Nothing was saved." %}'
    assert "Nothing was saved." in render(source, form=Rule({}))
    assert render(source, form=Rule()).strip() == ""


def test_an_empty_state_can_stand_on_a_card_of_its_own() -> None:
    empty = '{{% empty title="No posts yet" {} %}}<p>Send one.</p>{{% endempty %}}'
    card = "{% card flush=True %}" + empty.format("") + "{% endcard %}"
    assert render(empty.format("in_card=True")) == render(card)
