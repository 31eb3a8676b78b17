"""Rules about resources whose list lacks settings. Surety also reads each of these resources separately."""

from __future__ import annotations

from collections.abc import Callable

from assessments.controls.context import Context
from assessments.controls.declare import SubjectRule
from assessments.controls.verdict import Verdict, not_applicable
from assessments.estate.collection import Collection
from assessments.estate.view import View


def of_details(details: Collection) -> Callable[[SubjectRule], SubjectRule]:
    """Return a decorator for rules, which then judge the separately read document in `details` instead of the listed
    one.

    The control judges the list, and needs `details`. A resource without such a document was deleted meanwhile.
    """

    def decorate(rule: SubjectRule) -> SubjectRule:
        def judge(listed: View, ctx: Context) -> Verdict:
            resource = ctx.single(details, listed.id)
            if resource is None:
                return not_applicable("The resource no longer exists")
            return rule(resource, ctx)

        return judge

    return decorate
