"""Components of pages: their meaning does not depend on colour, and assistive technology can read them."""

import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import pytest
from django import forms
from django.core.paginator import Paginator
from django.http import QueryDict
from django.template import Context, Template

from assessments.display.compared import Row, compared
from assessments.display.names import Kind, Name, Names
from assessments.display.observed import Line, describe
from assessments.display.text import Text
from portal.treatment.models import TreatmentEvent
from portal.web.components import vocabulary
from portal.web.components.charts import score_role
from portal.web.components.facets import facet, toggled
from portal.web.components.form_parts import MAX_UNFOLDED, ScrollingBoxes
from portal.web.components.formatting import format_score, format_thousands, sentence_case
from portal.web.components.icons import ICONS
from portal.web.components.vocabulary import BAR_ORDERS, VOCABULARIES
from portal.web.shared.event_marks import MARKS
from portal.web.shared.forms.credential import CredentialForm
from portal.web.templatetags.frame import initials
from tests.markup import compact_tags


def render(source: str, **context: object) -> str:
    return Template("{% load surety charts frame %}" + source).render(Context(context))


# {vocabulary: its template tag}, for vocabularies whose tag has another name than the vocabulary.
TAGS = {"exception": "exception_state", "review": 'badge "review"', "fix": 'badge "fix"'}
ALL_MARKS = [(kind, mark) for kind, marks in vocabulary.VOCABULARIES.items() for mark in marks.values()]


@pytest.mark.parametrize(("kind", "mark"), ALL_MARKS, ids=lambda part: getattr(part, "key", part))
def test_a_badge_is_a_shape_and_a_word(kind: str, mark: vocabulary.Mark) -> None:
    html = render(f"{{% {TAGS.get(kind, kind)} key %}}", key=mark.key)
    assert mark.label in html
    assert 'class="icon' in html
    assert 'aria-hidden="true"' in html


@pytest.mark.parametrize("kind", ["verdict", "severity", "state", "exception", "answer"])
def test_no_two_words_of_a_vocabulary_share_a_shape(kind: str) -> None:
    icons = [mark.icon for mark in vocabulary.VOCABULARIES[kind].values()]
    assert len(icons) == len(set(icons))


def test_every_event_of_a_treatment_has_a_mark() -> None:
    assert set(MARKS) == set(TreatmentEvent.Kind)
    assert {mark.icon for mark in MARKS.values()} <= set(ICONS)


def test_unknown_is_never_green() -> None:
    assert vocabulary.VERDICTS["unknown"].role == vocabulary.STATES["unknown"].role == "unknown"


def test_unknown_word_is_an_error() -> None:
    with pytest.raises(KeyError, match="no verdict 'green'"):
        render("{% verdict 'green' %}")


@pytest.mark.parametrize("name", sorted(ICONS))
def test_icons_are_well_formed_and_without_styles(name: str) -> None:
    ElementTree.fromstring(f"<svg>{ICONS[name]}</svg>")
    assert "style=" not in ICONS[name]


@pytest.mark.parametrize(
    ("score", "text", "role"),
    [
        (None, "unknown", "unknown"),
        (0.0, "0", "fail"),
        (59.4, "59", "fail"),
        (60.0, "60", "warn"),
        (90.0, "90", "pass"),
        # A half is rounded up, not to the even number, so that overview, rings and tables show the same number.
        (92.5, "93", "pass"),
        (99.96, "99", "pass"),
        (100.0, "100", "pass"),
    ],
)
def test_an_incomplete_score_is_not_rounded_up_to_100(score: float | None, text: str, role: str) -> None:
    assert format_score(score) == text
    assert score_role(score) == role


def test_ring_without_a_score_is_grey_and_labelled_unknown() -> None:
    html = render("{% score_ring None 'Score' %}")
    assert "role-unknown" in html
    assert 'aria-label="Score: unknown"' in html
    assert "ring-value" not in html


def test_a_ring_of_zero_draws_no_arc() -> None:
    assert "ring-value" not in render("{% score_ring 0 %}")


def test_a_gap_in_a_sparkline_breaks_the_line() -> None:
    html = render("{% sparkline points 'Score' %}", points=[50, 60, None, 70, 80])
    assert html.count("<polyline") == 2
    assert 'aria-label="Score: 50 to 80 percent"' in html


def test_empty_sparkline_says_that_there_is_no_data() -> None:
    html = render("{% sparkline points 'Score' %}", points=[])
    assert "no data yet" in html
    assert "<polyline" not in html


def test_a_flat_line_is_not_magnified() -> None:
    svg = ElementTree.fromstring(render("{% sparkline points 'S' %}", points=[90.0, 90.1, 90.0]))
    heights = [float(pair.split(",")[1]) for pair in svg.findall("polyline")[0].attrib["points"].split()]
    assert max(heights) - min(heights) < 1


def test_long_addresses_break_only_before_the_at_sign_and_after_dots() -> None:
    html = render("{{ text|breakable }}", text="anna.berg@contoso.example <x>")
    assert html == "anna.<wbr>berg<wbr>@contoso.<wbr>example &lt;x&gt;"


@pytest.mark.parametrize(
    ("kind", "given", "order"),
    [
        ("verdict", ["pass", "manual", "unknown", "fail"], ["fail", "manual", "unknown", "pass"]),
        (
            "state",
            ["passing", "unknown", "excepted", "acknowledged", "open"],
            ["open", "acknowledged", "excepted", "unknown", "passing"],
        ),
        ("result", ["met", "unknown", "excepted", "failed"], ["failed", "excepted", "unknown", "met"]),
    ],
)
def test_all_bars_have_open_treated_unknown_passing_in_this_order(
    kind: str, given: list[str], order: list[str]
) -> None:
    html = render(
        "{% stacked_bar parts 'Bar' kind legend=False %}", parts=[(key, 5) for key in given], kind=kind
    )
    words = ElementTree.fromstring(html.strip()).attrib["aria-label"].removeprefix("Bar: ").split(", ")
    labels = {f"5 {VOCABULARIES[kind][key].label.lower()}": key for key in given}
    assert [labels[word] for word in words] == order


def test_every_word_of_a_bar_has_a_place() -> None:
    for kind, order in BAR_ORDERS.items():
        assert set(order) == set(VOCABULARIES[kind]), kind


def test_small_part_of_a_bar_stays_visible() -> None:
    html = render("{% stacked_bar parts 'Verdicts' legend=False %}", parts=[("pass", 9999), ("fail", 1)])
    first, second = ElementTree.fromstring(html.strip()).findall("rect")
    assert float(first.attrib["width"]) >= 1.4
    assert float(second.attrib["x"]) == pytest.approx(float(first.attrib["width"]))


def test_large_numbers_of_a_bar_have_separators() -> None:
    html = render("{% stacked_bar parts 'Verdicts' legend=False %}", parts=[("pass", 9999), ("fail", 1)])
    assert 'aria-label="Verdicts: 1 fail, 9,999 pass"' in html


def test_stacked_bar_keeps_order_fills_the_width_and_omits_zero() -> None:
    html = render(
        "{% stacked_bar parts 'Verdicts' legend=False %}", parts=[("pass", 3), ("fail", 1), ("manual", 0)]
    )
    svg = ElementTree.fromstring(html.strip())
    rects = svg.findall("rect")
    assert [rect.attrib["class"] for rect in rects] == ["role-fail", "role-pass"]
    assert sum(float(rect.attrib["width"]) for rect in rects) == pytest.approx(100)
    assert svg.attrib["aria-label"] == "Verdicts: 1 fail, 3 pass"


@pytest.mark.parametrize(("value", "total", "now"), [(0, 4, "0"), (3, 4, "75"), (9, 4, "100")])
def test_progress_states_its_value(value: int, total: int, now: str) -> None:
    html = render("{% progress value total 'Units' %}", value=value, total=total)
    assert f'aria-valuenow="{now}"' in html


def test_progress_of_unknown_size_has_no_value() -> None:
    html = render("{% progress 0 0 'Units' %}")
    assert "aria-valuenow" not in html
    assert "not known yet" in html


class SampleForm(forms.Form):
    client_id = forms.UUIDField(help_text="Where to find it.")
    note = forms.CharField(required=False)


def test_field_links_hint_and_error_to_the_control() -> None:
    html = render("{% field f %}", f=SampleForm({"client_id": "<x>"})["client_id"])
    assert 'aria-describedby="id_client_id_helptext id_client_id_error"' in html
    assert 'aria-invalid="true"' in html
    assert 'id="id_client_id_helptext"' in html
    assert 'id="id_client_id_error"' in html
    assert "<x>" not in html


def test_only_the_first_invalid_field_has_the_focus() -> None:
    class Two(forms.Form):
        name = forms.CharField()
        address = forms.CharField()

    form = Two({"name": "", "address": ""})
    assert " autofocus" in render("{% field f %}", f=form["name"])
    assert " autofocus" not in render("{% field f %}", f=form["address"])
    assert " autofocus" in render("{% field f %}", f=Two({"name": "x", "address": ""})["address"])
    assert " autofocus" not in render("{% field f %}", f=Two()["name"])


def test_a_group_of_check_boxes_to_correct_has_the_focus() -> None:
    class Several(forms.Form):
        customers = forms.MultipleChoiceField(
            choices=[("a", "A"), ("b", "B")], widget=forms.CheckboxSelectMultiple
        )

    refused = " ".join(render("{% field f %}", f=Several({})["customers"]).split())
    assert 'tabindex="-1" autofocus aria-describedby="id_customers_error"' in refused
    assert refused.count(" autofocus") == 1
    assert " autofocus" not in render("{% field f %}", f=Several({"customers": ["a"]})["customers"])


def test_field_without_hint_or_error_has_no_links() -> None:
    html = render("{% field f %}", f=SampleForm()["note"])
    assert "aria-describedby" not in html
    assert "aria-invalid" not in html
    assert "(optional)" in html


def test_a_field_that_another_field_makes_required_is_not_called_optional() -> None:
    form = CredentialForm()
    assert "(optional)" not in render("{% field f %}", f=form["secret"])
    assert "(optional)" not in render("{% field f %}", f=form["certificate"])
    assert "(optional)" in render("{% field f %}", f=form["passphrase"])


def compared_with(lines: list[Line], expected: str) -> list[Row]:
    return compared(lines, {}, Text(expected), {}, failed=False)


def test_a_comparison_shows_values_for_people_and_escapes_names() -> None:
    guid = "aaaaaaaa-0000-0000-0000-000000000001"
    names = Names([Name(guid, Kind.USER, display_name="<b>Anna</b>", principal_name="anna@contoso.com")])
    observed = describe({"supportsHttpsTrafficOnly": False, "lacking": [guid, guid]}, names)
    html = compact_tags(render("{% compare rows %}", rows=compared_with(observed, "HTTPS is required")))
    assert '<th role="rowheader" scope="row">HTTPS required</th>' in html
    assert '<span class="val">no</span>' in html
    assert html.count(f'<small class="id">{guid}</small>') == 2
    assert "&lt;b&gt;Anna&lt;/b&gt; (anna@contoso.com)" in html
    assert "<b>" not in html
    assert 'rowspan="2">HTTPS is required</td>' in html


def test_a_comparison_without_values_says_so() -> None:
    assert "No value recorded" in render("{% compare rows %}", rows=compared_with([], "x"))


def test_a_value_that_differs_is_marked_in_words() -> None:
    observed = {"enabled": False}
    rows = compared(describe(observed), observed, Text("On"), {}, failed=True)
    html = compact_tags(render("{% compare rows %}", rows=rows))
    assert '<tr role="row" class="role-fail differs">' in html
    assert "Not as expected:" in html


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "not set"),
        ("", "not set"),
        (True, "yes"),
        ([], "none"),
        (["a", "b"], "a\nb"),
        ([{"a": 1, "b": "c"}, "d"], "A: 1, B: c\nd"),
        ({}, "none"),
        ({"a": [1, None]}, "a: 1, not set"),
        ({"a": {"b": {"c": "x"}}, "d": {}}, "a: b: c: x\nd: none"),
        (12345, "12,345"),
    ],
)
def test_values_of_all_types_are_formatted(value: object, shown: str) -> None:
    html = compact_tags(render("{% compare rows %}", rows=compared_with(describe({"k": value}), "")))
    assert f'<span class="val">{shown}</span>' in html


def test_pagination_keeps_the_filters() -> None:
    query = QueryDict("severity=high&severity=low&page=2")
    html = render("{% pagination page q %}", page=Paginator(range(100), 10).get_page(2), q=query)
    assert "?severity=high&amp;severity=low&amp;page=3" in html
    assert "11–20 of 100" in html


def test_a_single_page_has_no_links() -> None:
    assert "<ul>" not in render("{% pagination page %}", page=Paginator(range(3), 10).get_page(1))


def test_toggling_a_filter_adds_removes_and_returns_to_page_one() -> None:
    query = QueryDict("severity=high&page=7&q=a%26b")
    assert toggled(query, "severity", "low") == "?severity=high&severity=low&q=a%26b"
    assert toggled(query, "severity", "high") == "?q=a%26b"


def test_a_facet_keeps_a_chosen_value_that_matches_nothing() -> None:
    found = facet("Subscription", "s", {"a": 3}, QueryDict("s=gone"), most=1)
    assert [(option.label, option.count, option.active) for option in found.options] == [
        ("gone", 0, True),
        ("a", 3, False),
    ]


def test_a_facet_of_a_vocabulary_has_its_order() -> None:
    found = facet("Severity", "severity", {"low": 9, "critical": 1}, QueryDict(), kind="severity")
    assert [option.label for option in found.options] == ["Critical", "Low"]


@pytest.mark.parametrize(
    ("delta", "text"),
    [
        (timedelta(hours=-3, minutes=-2), "3 hours ago"),
        (timedelta(days=9, hours=1), "in 9 days"),
        (timedelta(days=9, hours=23, minutes=59), "in 10 days"),
        (timedelta(days=89, hours=23), "in 90 days"),
        (timedelta(days=-59), "59 days ago"),
        (timedelta(days=200), "in 6 months"),
        (timedelta(hours=47, minutes=59), "in 1 day"),
        (timedelta(seconds=40), "in less than a minute"),
        (timedelta(0), "just now"),
    ],
)
def test_relative_times_contain_the_exact_time(delta: timedelta, text: str) -> None:
    moment = datetime.now(UTC) + delta
    html = render("{{ at|ago }}", at=moment)
    assert text in html
    assert f'datetime="{moment.isoformat()}"' in html


def test_missing_time_is_shown_as_never() -> None:
    assert "never" in render("{{ at|ago }}{{ at|utc }}", at=None)


@pytest.mark.parametrize(
    ("name", "letters"), [("Mira Okafor", "MO"), ("a@b.c", "A"), ("", "?"), ("Jan van der Berg", "JB")]
)
def test_initials_come_from_the_name(name: str, letters: str) -> None:
    assert initials(name) == letters


def test_content_of_a_card_is_escaped_once() -> None:
    html = render("{% card title=t %}{{ x }}{% endcard %}", t="A & B", x="<i>")
    assert "A &amp; B" in html
    assert "&lt;i&gt;" in html
    assert "&amp;lt;" not in html


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("Two-Factor Authentication", "Two-factor authentication"),
        ("Change Password", "Change password"),
        ("TOTP Code", "TOTP code"),
        ("Sign in to Microsoft Entra", "Sign in to Microsoft Entra"),
        ("", ""),
    ],
)
def test_headings_of_other_packages_are_in_sentence_case(given: str, shown: str) -> None:
    assert sentence_case(given) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(999, "999"), (12345, "12,345"), ("not known", "not known"), ("", "")]
)
def test_whole_numbers_have_commas(value: object, shown: str) -> None:
    assert format_thousands(value) == shown


@pytest.mark.parametrize(("count", "is_folded"), [(MAX_UNFOLDED, False), (MAX_UNFOLDED + 1, True)])
def test_long_lists_of_boxes_are_folded_below_their_number(count: int, is_folded: bool) -> None:
    class Form(forms.Form):
        numbers = forms.MultipleChoiceField(
            choices=[(str(one), f"Number {one}") for one in range(count)], widget=ScrollingBoxes
        )

    html = render("{% field form.numbers %}", form=Form(initial={"numbers": ["1", "5"]}))
    assert html.count('type="checkbox"') == count
    assert ("<details" in html) is is_folded
    assert (f"<span data-count>2</span> of {count} chosen" in html) is is_folded


def test_chosen_boxes_of_a_long_list_are_first() -> None:
    class Form(forms.Form):
        letters = forms.MultipleChoiceField(
            choices=[(one, one.upper()) for one in "abcd"], required=False, widget=ScrollingBoxes
        )

    html = render("{% field form.letters %}", form=Form(initial={"letters": ["c"]}))
    assert re.findall(r'value="(.)"', html) == ["c", "a", "b", "d"]
    assert html.count(" checked") == 1
    assert ['role="group" aria-labelledby="id_letters_label"' in html, 'id="id_letters_label"' in html] == [
        True
    ] * 2
    sent = Form(QueryDict("letters=b&letters=d"))
    assert sent.is_valid()
    assert sent.cleaned_data == {"letters": ["b", "d"]}
    wrong = Form(QueryDict("letters=x"))
    assert 'aria-invalid="true"' in render("{% field form.letters %}", form=wrong)
