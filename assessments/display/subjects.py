"""Show the subject of a finding to people as a name. Pure functions."""

from __future__ import annotations

from assessments.display.names import GUID, Names
from assessments.display.text import Named, Text


def subject_text(subject: str, subject_name: str, names: Names) -> Text:
    """Return the name of the subject of a finding. For subscriptions, directories, people, groups and roles, return the
    name in `names`. For other subjects, return `subject_name`.
    """
    if place := names.place(subject):
        return Text(place)
    last = subject.rstrip("/").rpartition("/")[2]
    if GUID.fullmatch(last) and (name := names.get(last)) is not None:
        return Text(Named(last, name))
    return Text(subject_name)
