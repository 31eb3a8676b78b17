"""Write paths in the Azure portal, such as `Azure portal › Storage accounts`, in the language of a report.

Microsoft does not document all translated labels. So labels stay English, in quotation marks. The words of Surety
between the labels are translated. The part *Method* of the report explains this to its readers.
"""

from __future__ import annotations

import re
from typing import Final

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext, gettext_noop

from portal.reports.wording import languages

PORTALS: Final = (gettext_noop("Azure portal"), gettext_noop("Entra admin center"))

WORDS: Final = (
    gettext_noop("clear the box"),
    gettext_noop("the certificate"),
    gettext_noop("the container"),
    gettext_noop("the current version"),
    gettext_noop("the recommendation"),
    gettext_noop("the resource"),
    gettext_noop("the rule"),
    gettext_noop("the same for Linux"),
    gettext_noop("the scope of the assignment"),
    gettext_noop("the server of the database"),
    gettext_noop("the workspace"),
    # Words that replace a name in a path if the name is unknown or differs between the findings.
    gettext_noop("the API"),
    gettext_noop("the API Management service"),
    gettext_noop("the Automation account"),
    gettext_noop("the Cosmos DB account"),
    gettext_noop("the Databricks workspace"),
    gettext_noop("the IoT hub"),
    gettext_noop("the SQL server"),
    gettext_noop("the backup policy"),
    gettext_noop("the scale set"),
    gettext_noop("the Synapse workspace"),
    gettext_noop("the account"),
    gettext_noop("the action group"),
    gettext_noop("the application gateway"),
    gettext_noop("the alert processing rule"),
    gettext_noop("the app"),
    gettext_noop("the cache"),
    gettext_noop("the application"),
    gettext_noop("the cluster"),
    gettext_noop("the container app"),
    gettext_noop("the container registry"),
    gettext_noop("the environment"),
    gettext_noop("the custom role"),
    gettext_noop("the data factory"),
    gettext_noop("the database"),
    gettext_noop("the disk"),
    gettext_noop("the extension"),
    gettext_noop("the flexible server"),
    gettext_noop("the flow log"),
    gettext_noop("the gateway"),
    gettext_noop("the key"),
    gettext_noop("the logic app"),
    gettext_noop("the key vault"),
    gettext_noop("the managed HSM"),
    gettext_noop("the managed instance"),
    gettext_noop("the namespace"),
    gettext_noop("the network interface"),
    gettext_noop("the network security group"),
    gettext_noop("the perimeter"),
    gettext_noop("the plan"),
    gettext_noop("the policy"),
    gettext_noop("the profile"),
    gettext_noop("the public address"),
    gettext_noop("the resource group"),
    gettext_noop("the slot"),
    gettext_noop("the snapshot"),
    gettext_noop("the secret"),
    gettext_noop("the search service"),
    gettext_noop("the storage account"),
    gettext_noop("the store"),
    gettext_noop("the subnet"),
    gettext_noop("the subscription"),
    gettext_noop("the user"),
    gettext_noop("the vault"),
    gettext_noop("the virtual WAN"),
    gettext_noop("the virtual machine"),
    gettext_noop("the virtual network"),
)
"""The words of Surety for those entries of a path that have no label in the Azure portal."""

_INSIDE: Final = re.compile(rf"(?:{'|'.join(PORTALS)})(?: › (?:`[^`]*`|[^`›. ]| (?!›))+)+")
"""A pattern that finds a path inside a text. The path ends before a full stop."""
_CODE: Final = '<code class="mono">{}</code>'
_SEPARATOR: Final = re.compile(r"( › |, or | or |, )")


def is_path(text: str) -> bool:
    """Return whether a text is a path in the Azure portal that must be translated. In English reports, return False for
    every text.
    """
    if languages.printed_language() == languages.SOURCE:
        return False
    return any(text.startswith(f"{name} › ") for name in PORTALS)


def path_in_language(path: str) -> SafeString:
    """Return a path as HTML: `Azure portal › Storage accounts › …`. Names between backticks become code."""
    pieces = _SEPARATOR.split(path)
    return format_html_join(
        "", "{}", ((_separator(piece) if n % 2 else _entry(piece),) for n, piece in enumerate(pieces))
    )


def sentence_in_language(sentence: str) -> SafeString:
    """Return a translated sentence as HTML. Names between backticks become code.

    Entries of a path that begin with a small letter are words of Surety, and are translated. All other entries are
    labels of the Azure portal: they stay English and are put in quotation marks.
    """
    paths = [_path_of_sentence(path) for path in _INSIDE.findall(sentence)]
    between = [with_code(text) for text in _INSIDE.split(sentence)]
    return format_html_join("", "{}{}", zip(between, [*paths, ""], strict=True))


def with_code(text: str) -> SafeString:
    """Return a text as HTML. Words between backticks become code."""
    pieces = text.split("`")
    return format_html_join(
        "", "{}", ((format_html(_CODE, piece) if n % 2 else piece,) for n, piece in enumerate(pieces))
    )


def _path_of_sentence(path: str) -> SafeString:
    entries = path.split(" › ")
    shown = (with_code(entry) if entry[:1].islower() else _entry(entry) for entry in entries)
    return format_html_join(" › ", "{}", ((entry,) for entry in shown))


def _separator(text: str) -> str:
    word = text.strip(" ,›")
    return f" {gettext('or')} " if word else text


def _entry(text: str) -> SafeString | str:
    """Return an entry of a path as HTML.

    An entry is a name between backticks, words of Surety, or a label of the Azure portal. A label can end with a colon
    and the value to choose, as in `Scope: the resource group`.
    """
    if text.startswith("`") and text.endswith("`"):
        return format_html(_CODE, text.strip("`"))
    if text in PORTALS or text in WORDS:
        return gettext(text)
    label, colon, value = text.partition(": ")
    if colon:
        return format_html("{}: {}", _label(label), _entry(value))
    return _label(text)


def _label(text: str) -> SafeString | str:
    plain = text.strip("“”")
    if not any(map(str.isalpha, plain)):
        return text
    return format_html('„<span lang="{}">{}</span>“', languages.SOURCE, plain)
