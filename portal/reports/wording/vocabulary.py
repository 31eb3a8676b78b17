"""List words and sentences of other packages that reports print: states, results, reasons and next steps.

The other packages write these words in English. This module lists the words, so that they are translated. The template
filter `stated` prints the translations.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NamedTuple

from django.utils.translation import gettext_noop

from assessments.controls.registry import catalogue
from assessments.fixes.declare import PLACEHOLDER, sentences
from portal.reports.wording.expectation_templates import expectation_templates
from portal.reports.wording.reason_templates import TEMPLATES

WORDS: Final = (
    # Classifications.
    gettext_noop("Confidential"),
    gettext_noop("Internal"),
    gettext_noop("Public"),
    gettext_noop("Strictly confidential"),
    # The name of a profile of controls. The names of other profiles are not translated, because they contain the name
    # of a framework. The profile that contains all controls has no entry here, because reports do not print its name.
    gettext_noop("Own choice"),
    # Kinds of units, and how much of a unit was read.
    gettext_noop("Subscription"),
    gettext_noop("Directory"),
    gettext_noop("Completely"),
    gettext_noop("Partly"),
    gettext_noop("Not at all"),
    # States of findings after treatment. States and scopes of exceptions, and reasons why exceptions were returned.
    gettext_noop("Open"),
    gettext_noop("Acknowledged"),
    gettext_noop("Excepted"),
    gettext_noop("Resolved"),
    gettext_noop("Passing"),
    gettext_noop("Attested"),
    gettext_noop("Attested as not met"),
    gettext_noop("Attestation expired"),
    gettext_noop("Not applicable"),
    gettext_noop("Requested"),
    gettext_noop("Approved"),
    gettext_noop("Active"),
    gettext_noop("Returned"),
    gettext_noop("Refused"),
    gettext_noop("Withdrawn"),
    gettext_noop("Revoked"),
    gettext_noop("Observed values changed"),
    gettext_noop("More findings match than approved"),
    gettext_noop("One finding"),
    gettext_noop("A list of findings"),
    gettext_noop("A rule"),
    gettext_noop("Findings that are no longer judged"),
    # Actions of people and workers on findings, and states of assessments.
    gettext_noop("Owner changed"),
    gettext_noop("Acknowledgement undone"),
    gettext_noop("Exception requested"),
    gettext_noop("Exception approved"),
    gettext_noop("Exception refused"),
    gettext_noop("Exception request withdrawn"),
    gettext_noop("Exception started"),
    gettext_noop("Exception returned"),
    gettext_noop("Exception expired"),
    gettext_noop("Exception revoked"),
    gettext_noop("Added to an exception by its rule"),
    gettext_noop("No longer matches the rule of an exception"),
    gettext_noop("Attestation withdrawn"),
    gettext_noop("Queued"),
    gettext_noop("Running"),
    gettext_noop("Finished"),
    gettext_noop("Cancelled"),
    # Results of requirements, their coverage, and the labels of their counts.
    gettext_noop("Failed"),
    gettext_noop("Unanswered"),
    gettext_noop("No failure found, partly assessed"),
    gettext_noop("Met"),
    gettext_noop("Not assessed"),
    gettext_noop("Not covered"),
    gettext_noop("Judged"),
    gettext_noop("Partly judged"),
    gettext_noop("failing"),
    gettext_noop("unknown"),
    gettext_noop("without an answer"),
    gettext_noop("excepted"),
    gettext_noop("passing"),
    gettext_noop("attested"),
    gettext_noop("not applicable"),
    # Reasons of gaps.
    gettext_noop("Missing permission"),
    gettext_noop("The service principal could not sign in"),
    gettext_noop("The directory lacks the required licence"),
    gettext_noop("Not found in Azure"),
    gettext_noop("Azure throttled the requests for too long"),
    gettext_noop("Azure returned a server error"),
    gettext_noop("Azure did not answer in time"),
    gettext_noop("The connection to Azure failed"),
    gettext_noop("Azure refused the request or sent a malformed answer"),
    gettext_noop("Azure sent a malformed answer"),
    gettext_noop("Azure's answer had a link to another host, which Surety did not follow"),
    gettext_noop("The subscription is disabled"),
    gettext_noop("This cloud offers no usable api-version"),
    gettext_noop("Not collected in this assessment"),
    gettext_noop("A required property is missing or malformed"),
    gettext_noop("Outside of the delegated subscription"),
    gettext_noop("Not delegated for the whole subscription"),
    gettext_noop("The collected data is inconclusive"),
    gettext_noop("The assessment was cancelled before this subscription or directory was assessed"),
    # Remarks on subscriptions. Results of the sign-in of service principals, and the kinds of their credentials.
    gettext_noop("Excluded in the customer’s settings"),
    gettext_noop(
        "No service principal of the directory can see the subscription yet. Grant a service principal the Reader"
        " role"
    ),
    gettext_noop("Azure states that the subscription is deleted, so none of its data can be read"),
    gettext_noop("The payment for the subscription is overdue, so Azure may disable the subscription"),
    gettext_noop("sign-in never checked"),
    gettext_noop("Client secret"),
    gettext_noop("Certificate"),
    # Reasons why an object of the directory is shown without its name.
    gettext_noop("without a name"),
    gettext_noop("name not read yet"),
    gettext_noop("not in the directory"),
    gettext_noop("name erased on request"),
    # Reasons why controls have no verdict, and steps to get a verdict.
    gettext_noop("No subscription was assessed"),
    gettext_noop("No directory was assessed"),
    gettext_noop("No verdict for the subscription"),
    gettext_noop("No verdict for the directory"),
    gettext_noop("Start an assessment of this subscription or directory"),
    gettext_noop("Enable the subscription in Azure, or exclude it from assessments"),
    gettext_noop("Update Surety: this cloud offers only api-versions that this version of Surety cannot use"),
    gettext_noop("No permission is missing. Azure’s answer lacks a property: review the resource in Azure"),
    gettext_noop(
        "No permission is missing. Review the resource in Azure: the data is not enough for a verdict"
    ),
    gettext_noop(
        "Add a service principal of the customer’s own directory: Azure Lighthouse gives access only to the delegated"
        " subscription"
    ),
    gettext_noop(
        "Ask the customer to delegate the role Reader on the whole subscription with Azure Lighthouse, not only on"
        " resource groups. Then start an assessment"
    ),
    gettext_noop("Replace the credential of the service principal under Settings, then start an assessment"),
    gettext_noop("Correct the sign-in errors that the assessment lists as gaps, then start an assessment"),
    gettext_noop("Attest a vulnerability scan that is at most 90 days old"),
    gettext_noop("Attest that the open recommendations were reviewed"),
    # Reasons of the controls on the encryption of storage accounts.
    gettext_noop("Blob data is encrypted with Microsoft-managed keys"),
    gettext_noop("Blob data is encrypted with customer-managed keys"),
    gettext_noop("File data is encrypted with Microsoft-managed keys"),
    gettext_noop("File data is encrypted with customer-managed keys"),
    # The next step if no other next step fits.
    gettext_noop("Check again. If the finding stays unknown, look at the gaps of the assessment"),
    # Headings of the notes on how to fix a failure.
    gettext_noop("In the portal"),
    gettext_noop("Cost"),
    gettext_noop("Side effects"),
    # Attachments.
    gettext_noop(
        "Every requirement of the report’s framework with its result, as CSV with one row for each"
        " requirement"
    ),
    gettext_noop("Every exception, as CSV with one row for each exception"),
    gettext_noop("What happened in the period: failing days, changed verdicts and treatments, as CSV"),
    gettext_noop(
        "Every change of a resource with actors, verdicts and review, as CSV with one row for each"
        " changed property"
    ),
    gettext_noop("Every finding that differs between the assessments, as CSV with one row for each finding"),
    gettext_noop("All verdicts, as CSV with one row for each verdict"),
    gettext_noop("Every document that was read and every item of evidence, with its SHA-256"),
    gettext_noop("Verdicts, exceptions, attestations and collections, as JSON"),
    gettext_noop("The results in the assessment results model of NIST’s OSCAL 1.1.2"),
    gettext_noop("The figures of the customers as CSV, one row for each customer"),
    gettext_noop("The schema of results.json (JSON Schema 2020-12)"),
    gettext_noop("Everything that the report states, as JSON"),
    # Texts of the portfolio report: next steps, the most urgent facts about customers, and reasons why a customer has
    # no results.
    gettext_noop("Set up the connection"),
    gettext_noop("Replace the credential"),
    gettext_noop("Fix the overdue critical findings"),
    gettext_noop("Fix the critical findings"),
    gettext_noop("Check the permissions, and start an assessment"),
    gettext_noop("Find out why the last assessment failed, and repeat it"),
    gettext_noop("Find out why these verdicts are unknown"),
    gettext_noop("Fix the overdue findings"),
    gettext_noop("Find out why some data could not be read, and repeat the assessment"),
    gettext_noop("Decide on the requested exceptions"),
    gettext_noop("Wait for the assessment that is running"),
    gettext_noop("Answer the manual controls"),
    gettext_noop("Sign-in refused, nothing can be read"),
    gettext_noop("Credential expired, nothing can be read"),
    gettext_noop("Registered, not assessed yet"),
    gettext_noop("Last assessment failed"),
    gettext_noop("Last assessment was cancelled"),
    gettext_noop("Assessment running"),
    gettext_noop("Registered, but never assessed"),
    gettext_noop("No assessment has finished reading a subscription or directory"),
    gettext_noop("No service principal is enabled"),
    gettext_noop("The first assessment is running"),
    gettext_noop("No data could be read, because all assessments were cancelled"),
    gettext_noop("No service principal"),
    gettext_noop("The last assessment failed, because no subscription and no directory could be read"),
    gettext_noop("No automatic check has a result"),
    gettext_noop("All customers"),
    gettext_noop("all customers"),
    gettext_noop("Selected customers"),
    gettext_noop("selected customers"),
    gettext_noop("cancelled, nothing read"),
    gettext_noop("only changes assessed"),
    gettext_noop("Portfolio report"),
)

# Sentences with values, such as `{number}`. Reports print a `{time}` in the format of their language. `{list}` and
# `{graph}` stand for one or more permissions, licences or versions. `_VALUES` has a pattern for each kind of value.
PATTERNS: Final = (
    gettext_noop("Grant {list} (role Reader) on {place}"),
    gettext_noop("Grant {list} (role Reader) on {place}; and {graph} in Microsoft Graph, with admin consent"),
    gettext_noop("Grant {graph} in Microsoft Graph, with admin consent"),
    gettext_noop("Licence needed in the directory: {list}"),
    gettext_noop("signed in on {time} UTC"),
    gettext_noop("could not sign in on {time} UTC ({code})"),
    gettext_noop("No verdict for any of the {number} subscriptions"),
    gettext_noop("No verdict for any of the {number} directories"),
    gettext_noop("assessment {number} of {time} UTC"),
    gettext_noop("assessment {number} of {time} UTC ({words})"),
    gettext_noop("An enabled alert rule for {operation} in the whole subscription, with an action group"),
    gettext_noop("Last read {number} days ago"),
    gettext_noop("{number} kind of data could not be read; {unknown} verdicts are unknown"),
    gettext_noop("{number} kinds of data could not be read; {unknown} verdicts are unknown"),
    gettext_noop("{number} kind of data could not be read; 1 verdict is unknown"),
    gettext_noop("{number} kinds of data could not be read; 1 verdict is unknown"),
    gettext_noop("Credential ends in 1 day"),
    gettext_noop("Credential ends in {number} days"),
    gettext_noop("Last assessment read {read} of {expected} units"),
    gettext_noop("Sign-in refused: {read} of {expected} service principals"),
    gettext_noop("Credential expired: {read} of {expected} service principals"),
    gettext_noop("{unknown} verdicts are unknown"),
    gettext_noop("1 verdict is unknown"),
    gettext_noop("name not readable: missing permission {permission}"),
    # Labels of resources that no control judges.
    gettext_noop("scale set (machines in flexible mode are checked)"),
    gettext_noop("Arc machine"),
    # Texts that say how many subscriptions and directories an assessment has read.
    gettext_noop("partial: {read} of 1 unit read"),
    gettext_noop("partial: {read} of 1 unit read, cancelled"),
    gettext_noop("partial: {read} of {expected} units read"),
    gettext_noop("partial: {read} of {expected} units read, cancelled"),
    gettext_noop("failed: {read} of 1 unit read"),
    gettext_noop("failed: {read} of {expected} units read"),
    gettext_noop("retry: {read} of 1 unit read"),
    gettext_noop("retry: {read} of 1 unit read, cancelled"),
    gettext_noop("retry: {read} of {expected} units read"),
    gettext_noop("retry: {read} of {expected} units read, cancelled"),
    gettext_noop("only 1 unit assessed"),
    gettext_noop("only 1 unit assessed, cancelled"),
    gettext_noop("only {expected} units assessed"),
    gettext_noop("only {expected} units assessed, cancelled"),
    gettext_noop("only 1 unit assessed, {read} read"),
    gettext_noop("only 1 unit assessed, {read} read, cancelled"),
    gettext_noop("only {expected} units assessed, {read} read"),
    gettext_noop("only {expected} units assessed, {read} read, cancelled"),
    # Further sentences, most of them from the portfolio report.
    gettext_noop("Newest assessment: {words}"),
    gettext_noop("Customers with the label “{detail}”"),
    gettext_noop("customers with the label “{detail}”"),
    gettext_noop("{number} critical overdue"),
    gettext_noop("{number} critical open"),
    gettext_noop("1 unknown verdict"),
    gettext_noop("{number} unknown verdicts"),
    gettext_noop("{number} overdue"),
    gettext_noop("1 undecided exception"),
    gettext_noop("{number} undecided exceptions"),
    gettext_noop("1 attestation to answer"),
    gettext_noop("{number} attestations to answer"),
    gettext_noop("Microsoft refused the sign-in ({code})"),
    gettext_noop("The control {control} does not apply to this customer"),
    # Titles of own controls. `place` stands for the title that the organization wrote.
    gettext_noop("{place} (own control, version {number})"),
    gettext_noop("{place} (own control, versions {list})"),
)


class Template(NamedTuple):
    """A template of sentences that contain values.

    `expression` matches these sentences. Matching takes long, so it is tried only on sentences that contain `rarest`,
    the longest text of the template that no placeholder interrupts.
    """

    text: str
    expression: re.Pattern[str]
    rarest: str


# The regular expressions of values in the sentences of this module and of fixes. A key is the name of a value without
# the digits at its end. A value whose name is not listed contains no comma, semicolon or colon.
_VALUES: Final = {
    "time": "[0-9: -]+",
    "list": "[^;()]+",
    "graph": "[^;()]+",
    "detail": ".+",
    "place": "[^;]+",
    "words": ".+",
}
# The regular expressions of values in the texts of reasons. A key is the name of a value without the digits at its end.
# A value whose name is not listed may contain any characters.
_REASON_VALUES: Final = {
    "time": r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?",
    "number": r"[\d,.]+",
    "label": "[^()]+",
    "value": ".*?",
    "permissions": "[^;()]+?",
    **dict.fromkeys(("list", "networks", "resource", "rules", "shares", "tags", "types"), "[^;]+?"),
    "zone": r"[A-Z][\w/+-]+",
    # The name of a tag can contain any words, even “and”. So the name ends before an “and” only if the next words begin
    # another reason for the severity.
    "tag": r"(?:(?! and (?:it has|it holds|public networks) ).)+?",
}


@cache
def templates(section: str) -> tuple[Template, ...]:
    """Return all templates with which a sentence of one section of controls may be translated.

    These are the templates of this module and of fixes, the templates of the section's reasons and expectations, and
    the templates that all sections share. If `section` is empty, return the templates of all sections. The templates
    with the longest text outside the placeholders come first.
    """
    shared = ("", "values", section)
    reasons = [text for name, texts in TEMPLATES.items() if not section or name in shared for text in texts]
    reasons += [
        text
        for control in catalogue().values()
        if section in ("", control.section)
        for text in expectation_templates(control)
    ]
    found = [
        *(_template(text, _VALUES, "[^,;:]+?") for text in (*PATTERNS, *_fixes())),
        *(_template(text, _REASON_VALUES, ".+?") for text in reasons if PLACEHOLDER.search(text)),
    ]
    return tuple(sorted(found, key=lambda each: -len(PLACEHOLDER.sub("", each.text))))


def _template(text: str, values: Mapping[str, str], other: str) -> Template:
    expression = re.sub(
        r"\\{(\w+)\\}",
        lambda name: f"(?P<{name[1]}>{values.get(name[1].rstrip('0123456789'), other)})",
        re.escape(text),
    )
    return Template(text, re.compile(expression, re.DOTALL), max(re.split(r"{\w+}", text), key=len))


def _fixes() -> Iterator[str]:
    """Yield the sentences of fixes into which a value of the finding is inserted, such as a name."""
    for control in catalogue().values():
        yield from (text for text in sentences(control.fix) if PLACEHOLDER.search(text))
