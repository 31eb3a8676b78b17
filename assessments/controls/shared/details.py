"""Rules about settings that are only in the separate document of a resource, not in the list of resources."""

from __future__ import annotations

from collections.abc import Callable

from assessments.controls.context import Context
from assessments.controls.declare import SubjectRule
from assessments.controls.verdict import Verdict, not_applicable
from assessments.estate.collection import Collection
from assessments.estate.view import View


def of_details(details: Collection) -> Callable[[SubjectRule], SubjectRule]:
    """Return a decorator that gives rules a more detailed document. A decorated rule judges the document that `details`
    has for the resource, instead of the document in the list of resources.

    The control must name `details` in `needs`. If `details` has no document of a listed resource, the resource was
    deleted after the list was read, so the verdict is not applicable.
    """

    def decorate(rule: SubjectRule) -> SubjectRule:
        def judge(listed: View, ctx: Context) -> Verdict:
            resource = ctx.single(details, listed.id)
            if resource is None:
                return not_applicable("The resource no longer exists")
            return rule(resource, ctx)

        return judge

    return decorate
