"""Update the translations of reports: portal/reports/locale/<language>/LC_MESSAGES/django.po and django.mo.

python .ci/translations.py          # add new sentences to the .po files, drop unused ones, and compile
python .ci/translations.py --check  # exit status 1 if a file is out of date
python .ci/translations.py --check --require-all  # exit status 1 also if a translation is missing
python .ci/translations.py --fill de FILE  # add the translations of a JSON file, {"sentence": "translation"}
python .ci/translations.py --merge  # resolve the conflict of a merge or rebase: keep the sentences of both sides

The sentences come from the templates and the code of reports and from controls (titles, risks, expected values, reasons
and labels of observed values). The script prints the sentences that have no translation, and the texts that no sentence
or template fits (`printed_texts`). Reports show both in English, so nothing needs a translation at once: only
`--require-all` (`make release-check`) fails. The script does not need GNU gettext.
"""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import case_texts
import printed_texts
from po_files import Entry, InvalidPoFile, Key, compiled, parsed, read, written

ROOT = Path(__file__).resolve().parent.parent
LOCALE = ROOT / "portal" / "reports" / "locale"
TEMPLATES = ("templates/reports/pdf", "templates/reports/portfolio")
PACKAGES = ("portal/reports", "portal/portfolio_reports")
CATALOGUE = "assessments/controls"
# The folder with the steps, costs and side effects of fixes. Like the sentences of reports, these texts are translated.
FIXES = "assessments/fixes"
# Template tags of `portal.reports.templatetags.pdf`. Their arguments that are literal texts need a translation.
TAGS = ("pdf_table", "pdf_columns", "pdf_pair")
# The arguments of `{% include … with … %}` whose literal values need a translation.
INCLUDED = ("caption", "word")
# The folder with the titles of the requirements of frameworks, and the reasons why no control checks a requirement.
FRAMEWORKS = "assessments/frameworks"
# Frameworks in which the titles of requirements are the publisher's own words. Reports do not translate these titles.
WITH_NAMES_OF_THE_PUBLISHER = ("nist-800-53-r5",)
# The folder with the labels and words that reports use to show observed values. These labels and words need a
# translation.
OBSERVED = "assessments/display"
# The functions that return verdicts, and the class `Remark`. Reports print the sentences that the code of controls
# passes to them.
VERDICTS = ("passed", "failed", "unknown", "manual", "not_applicable", "Remark")
# How many texts without a translation `--check` prints.
MAX_SHOWN = 20
# Matches text that is the same in every language: abbreviations, names of files and products, and HTML entities.
SAME = re.compile(
    r"\b(SHA-256|PAdES|UTC|Surety|OSCAL|PDF/A|[a-z0-9_.-]+\.(json|csv|pdf|pem)|pdfsig)\b|&#?\w+;"
)


def entries() -> dict[Key, Entry]:
    """Return all sentences that need a translation, without their translations. Django must be set up."""
    found: dict[Key, Entry] = {}
    for file, key in (
        *_of_templates(),
        *_of_code(),
        *_of_catalogue(),
        *_of_frameworks(),
        *_of_reasons(),
        *_of_vocabulary(),
        *_of_observed(),
    ):
        found.setdefault(key, Entry(key)).files.add(file)
    return found


def template_files() -> Iterator[Path]:
    """Yield the templates of reports."""
    for folder in TEMPLATES:
        yield from sorted((ROOT / folder).glob("*.html"))


def _of_templates() -> Iterator[tuple[str, Key]]:
    from django.template import engines

    engine: Any = engines["django"]
    for path in template_files():
        for node in _nodes(engine.from_string(path.read_text()).template.nodelist):
            for key in _of_node(node):
                yield str(path.relative_to(ROOT)), key


def _nodes(parent: Any) -> Iterator[Any]:
    """Yield all nodes below a list of nodes. Django's own walk leaves out the content of block tags."""
    for node in parent:
        yield node
        for name in {*node.child_nodelists, "nodelist"}:
            yield from _nodes(getattr(node, name, None) or ())


def _of_node(node: Any) -> Iterator[Key]:
    name = type(node).__name__
    if name == "TranslateNode":
        if text := node.filter_expression.var.literal:
            yield Key(str(text).replace("%", "%%"))
    elif name == "BlockTranslateNode":
        singular, _ = node.render_token_list(node.singular)
        plural = node.render_token_list(node.plural)[0] if node.plural else ""
        yield Key(singular, plural)
    elif name in ("SimpleNode", "SimpleBlockNode") and node.func.__name__ in TAGS:
        for argument in node.args:
            text = argument.var if isinstance(argument.var, str) else ""
            text = text.partition("|")[0] if node.func.__name__ == "pdf_columns" else text
            if text:
                yield Key(str(text))
    elif name == "IncludeNode":
        for argument, value in node.extra_context.items():
            if argument in INCLUDED and isinstance(value.var, str):
                yield Key(str(value.var))


def _of_code() -> Iterator[tuple[str, Key]]:
    from portal.reports.wording.languages import DATE_FORMS

    for form in DATE_FORMS:
        yield "portal/reports/wording/languages.py", Key(form, context="date")
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                    texts = [part.value for part in node.args if isinstance(part, ast.Constant)]
                    if node.func.id in ("gettext", "gettext_noop", "gettext_lazy") and texts:
                        yield str(path.relative_to(ROOT)), Key(str(texts[0]))
                    elif node.func.id == "pgettext_lazy":
                        yield str(path.relative_to(ROOT)), Key(str(texts[1]), context=str(texts[0]))
                    elif node.func.id in ("ngettext", "ngettext_lazy"):
                        yield str(path.relative_to(ROOT)), Key(str(texts[0]), str(texts[1]))


def _of_catalogue() -> Iterator[tuple[str, Key]]:
    from assessments.controls.registry import SECTIONS, catalogue
    from assessments.fixes.declare import sentences
    from portal.reports.wording.expectation_templates import expectation_templates

    for name in SECTIONS.values():
        yield CATALOGUE, Key(name)
    for control in catalogue().values():
        expected = control.expected_with(
            {parameter.name: parameter.default for parameter in control.parameters}
        )
        for text in (control.title, control.problem, control.why, expected, *expectation_templates(control)):
            if text:
                yield CATALOGUE, Key(text)
        for partly in control.references.partly:
            yield CATALOGUE, Key(partly.missing)
        for text in sentences(control.fix):
            yield FIXES, Key(text)


def _of_frameworks() -> Iterator[tuple[str, Key]]:
    from assessments.frameworks.framework import NAMES, NOT_AS_A_WHOLE, framework

    yield FRAMEWORKS, Key(NOT_AS_A_WHOLE)
    for key in NAMES:
        owned = key in WITH_NAMES_OF_THE_PUBLISHER
        yield FRAMEWORKS, Key(framework(key).source)
        for section in () if owned else framework(key).sections.values():
            yield FRAMEWORKS, Key(section.title)
        for number in framework(key).numbers.values():
            for text in (
                "" if owned else number.title,
                *number.missing.split(". "),
                *number.reason.split(". "),
            ):
                if text:
                    yield FRAMEWORKS, Key(text)


def _of_reasons() -> Iterator[tuple[str, Key]]:
    """Yield the reasons and remarks that the code of controls contains as plain texts, without inserted values. They
    are found in two ways: in the verdicts of cases (`case_texts`), and as arguments in the calls of `VERDICTS`.
    """
    for text in case_texts.sentences():
        yield CATALOGUE, Key(text)
    for path in sorted((ROOT / CATALOGUE).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in VERDICTS:
                for part in (*node.args[:1], *_remarks(node)):
                    if isinstance(part, ast.Constant) and isinstance(part.value, str):
                        yield CATALOGUE, Key(part.value)


def _remarks(verdict: ast.Call) -> Iterator[ast.expr]:
    """Yield the items of the lists in the argument `remarks` of a verdict, such as `["…"] if x else []`."""
    for argument in verdict.keywords:
        for node in ast.walk(argument.value) if argument.arg == "remarks" else ():
            if isinstance(node, ast.List | ast.Tuple):
                yield from node.elts


def _of_vocabulary() -> Iterator[tuple[str, Key]]:
    """Yield the reasons, remarks and parts of sentences that `portal.reports.wording` lists. The code of controls
    combines these texts with values, so `_of_reasons` does not find them.
    """
    from portal.reports.wording.former_reasons import FORMER
    from portal.reports.wording.observed_words import PARTS
    from portal.reports.wording.reason_sentences import SENTENCES
    from portal.reports.wording.reason_templates import TEMPLATES

    for text in (*SENTENCES, *FORMER, *PARTS, *(text for texts in TEMPLATES.values() for text in texts)):
        yield "portal/reports/wording/vocabulary.py", Key(text)


def _of_observed() -> Iterator[tuple[str, Key]]:
    """Yield labels and words of observed values, names of collections, and help texts of the parameters of controls."""
    from assessments.controls.registry import catalogue
    from assessments.display.observed import label
    from assessments.display.observed_words import MISSING, WORDS
    from assessments.estate.collections import ALL

    words = (word for table in WORDS.values() for word in table.values())
    for text in (*map(label, case_texts.keys()), *words, *MISSING.values()):
        yield OBSERVED, Key(text)
    for collection in ALL.values():
        yield OBSERVED, Key(collection.title)
    for control in catalogue().values():
        for parameter in control.parameters:
            yield OBSERVED, Key(parameter.help)


def literals(source: str) -> list[str]:
    """Return the words of a template that readers see but that no translation tag contains."""
    source = re.sub(r"{%\s*blocktranslate.*?{%\s*endblocktranslate\s*%}", " ", source, flags=re.DOTALL)
    source = re.sub(r"<(pre|title)\b.*?</\1>", " ", source, flags=re.DOTALL)
    source = re.sub(r"{%.*?%}|{{.*?}}|{#.*?#}", " ", source, flags=re.DOTALL)
    source = SAME.sub(" ", re.sub(r"<[^>]*>", " ", source))
    return re.findall(r"[A-Za-z’]{2,}", source)


def languages() -> list[str]:
    """Return the languages for which `portal/reports/locale` has a folder."""
    return sorted(path.name for path in LOCALE.iterdir() if path.is_dir())


def translations(language: str) -> list[Entry]:
    """Return all sentences with their translations. Django must be set up."""
    known = read(LOCALE / language / "LC_MESSAGES" / "django.po")
    found = entries()
    for key, entry in found.items():
        entry.forms = known.get(key, [])
    return list(found.values())


def _ordered(rows: Iterable[Entry]) -> list[Entry]:
    """Return the sentences ordered by file. Sentences that only the catalogue or frameworks contain come last."""
    return sorted(rows, key=lambda row: ({CATALOGUE, FRAMEWORKS} >= row.files, min(row.files), row.key))


def merge(language: str) -> None:
    """If the .po file has a merge conflict, write the sentences of both sides into it.

    If both sides translate a sentence, the translation that was changed since the common ancestor counts. If both
    translations were changed, the translation of `theirs` counts. An incomplete translation of `theirs`, in which a
    plural form is empty, never replaces the translation of `ours`.
    """
    path = LOCALE / language / "LC_MESSAGES" / "django.po"
    if not _git("ls-files", "--unmerged", "--", str(path)):
        return
    base, ours, theirs = (parsed(_git("show", f":{stage}:{path.relative_to(ROOT)}")) for stage in (1, 2, 3))
    found = {
        **ours,
        **{
            key: forms
            for key, forms in theirs.items()
            if key not in ours or (forms != base.get(key) and all(forms))
        },
    }
    rows = _ordered(Entry(key, {CATALOGUE}, text) for key, text in found.items())
    path.write_text(written(language, rows))


def _git(*arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True).stdout


def stored(language: str) -> list[Entry]:
    """Return the sentences of the .po file with their translations."""
    known = read(LOCALE / language / "LC_MESSAGES" / "django.po")
    return [Entry(key, forms=forms) for key, forms in known.items()]


def is_outdated(language: str, rows: Iterable[Entry]) -> bool:
    """Return whether the .po file has other sentences than `rows`, or the .mo file other translations than the .po
    file.
    """
    kept = stored(language)
    binary = (LOCALE / language / "LC_MESSAGES" / "django.mo").read_bytes()
    return {row.key for row in kept} != {row.key for row in rows} or binary != compiled(language, kept)


def missing(language: str, rows: Iterable[Entry]) -> list[str]:
    """Return a line for each sentence that has no translation, and for each text that no sentence or template fits."""
    rows = list(rows)
    sentences = [row.key.text for row in rows if not row.key.plural and not row.key.context]
    return [
        *(f"“{row.key.text}” ({min(row.files)})" for row in rows if not row.is_translated),
        *(
            f"“{one.text}” ({one.where}): no sentence or template of portal/reports/wording fits"
            for one in printed_texts.without_sentence(language, sentences, printed_texts.texts())
        ),
    ]


def print_missing(language: str, lines: Sequence[str], shown: int | None = None) -> None:
    """Print the lines of `missing`, at most `shown` of them."""
    if not lines:
        return
    texts = f"{len(lines)} texts have" if len(lines) != 1 else "1 text has"
    print(f"NOT TRANSLATED: {texts} no translation into “{language}”. Reports show English instead.")
    for line in lines[:shown]:
        print(f"  {line}")
    if hidden := len(lines[shown:]) if shown is not None else 0:
        print(f"  and {hidden} more, which `make translations` prints")
    print("Translate them before a release: see docs/recipes/translate.md.", flush=True)


def _filled(language: str, rows: Iterable[Entry], file: str) -> None:
    """Enter the translations of a JSON file. Exit if one of its sentences is not used or has a plural."""
    found: dict[str, str] = json.loads(Path(file).read_text(encoding="utf-8"))
    for row in rows:
        if row.key.text in found:
            if row.key.plural:
                sys.exit(f"Enter the translations of “{row.key.text}” in django.po, because it has a plural.")
            row.forms = [found.pop(row.key.text)]
    if found:
        sys.exit(f"{file} translates sentences that Surety does not use. Correct them: {', '.join(found)}")


def main(*arguments: str) -> int:
    """Run the script with arguments as described at the top. Return the exit status. Django must be set up."""
    status = 0
    for language in languages():
        if "--merge" in arguments:
            merge(language)
        rows = translations(language)
        if "--fill" in arguments:
            only, file = arguments[arguments.index("--fill") + 1 :][:2]
            if language == only:
                _filled(language, rows, file)
        lines = missing(language, rows)
        if "--check" in arguments:
            if is_outdated(language, rows):
                print(
                    f"The translations of reports into “{language}” are not up to date: run `make translations`."
                )
                status = 1
            is_required = "--require-all" in arguments
            print_missing(language, lines, None if is_required else MAX_SHOWN)
            status = max(status, int(is_required and bool(lines)))
        else:
            folder = LOCALE / language / "LC_MESSAGES"
            (folder / "django.po").write_text(written(language, _ordered(rows)))
            (folder / "django.mo").write_bytes(compiled(language, rows))
            print_missing(language, lines)
        print(f"{language}: {len(rows)} sentences, {len(lines)} texts without a translation")
    return status


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
    import django

    django.setup()
    try:
        sys.exit(main(*sys.argv[1:]))
    except InvalidPoFile as error:
        sys.exit(f"{error}. Correct it by hand. During a merge or rebase, use --merge instead.")
