"""Comments on findings and on exceptions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

from django.db.models import Model, QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.bodies import checked
from portal.api.idempotency import IDEMPOTENCY_KEY, create
from portal.api.listing import Filters, Listing, ListView, ObjectView, text
from portal.api.people import person
from portal.api.preconditions import IF_MATCH, change
from portal.api.v1.exceptions import EXCEPTIONS
from portal.api.v1.findings import FINDINGS
from portal.api.v1.shared import PersonSerializer
from portal.queries.parameters import Parameters, text_of
from portal.treatment.actions.comments import MAX_CHARACTERS, add_comment, delete_comment, edit_comment
from portal.treatment.actions.exceptions import add_exception_comment, delete_exception_comment
from portal.treatment.actions.exceptions.comment import MAX_CHARACTERS as MAX_ON_EXCEPTIONS
from portal.treatment.models import Comment, ExceptionComment
from portal.treatment.selectors.findings import visible_exceptions, visible_findings
from tenants import access, scope
from tenants.errors import PermissionDenied, invalid
from tenants.ids import parse_uuid
from tenants.models import Tenant
from tenants.roles import Capability

_MENTIONS: Final = "`@` before an email address mentions the person, who must be able to see the finding"
_MAX_NUMBER: Final = 2**31 - 1


class CommentSerializer(serializers.Serializer[Any]):
    """A comment on a finding."""

    id = serializers.UUIDField()
    finding = serializers.UUIDField(source="finding_id")
    author = PersonSerializer()
    at = serializers.DateTimeField()
    body = serializers.CharField(allow_blank=True, help_text="The text; empty if the author has deleted it")
    edited_at = serializers.DateTimeField(allow_null=True)
    deleted_at = serializers.DateTimeField(allow_null=True)


class ExceptionCommentSerializer(serializers.Serializer[Any]):
    """A comment on an exception."""

    id = serializers.UUIDField()
    exception = serializers.IntegerField(source="exception.number", help_text="The number of the exception")
    author = PersonSerializer()
    at = serializers.DateTimeField()
    body = serializers.CharField(allow_blank=True, help_text="The text; empty if the author has deleted it")
    deleted_at = serializers.DateTimeField(allow_null=True)


class AddCommentSerializer(serializers.Serializer[Any]):
    """A new comment on a finding."""

    finding = serializers.UUIDField()
    body = serializers.CharField(max_length=MAX_CHARACTERS, help_text=_MENTIONS)


class ChangeCommentSerializer(serializers.Serializer[Any]):
    """The new text of a comment."""

    body = serializers.CharField(max_length=MAX_CHARACTERS, help_text=_MENTIONS)


class AddExceptionCommentSerializer(serializers.Serializer[Any]):
    """A new comment on an exception."""

    exception = serializers.IntegerField(
        min_value=1, max_value=_MAX_NUMBER, help_text="The number of the exception"
    )
    body = serializers.CharField(max_length=MAX_ON_EXCEPTIONS)


def _rows(tenant: Tenant) -> QuerySet[Comment]:
    rows = Comment.objects.filter(tenant=tenant).select_related("author", "finding", "tenant")
    if scope.current().may(Capability.VIEW_ALL, tenant.pk):
        return rows
    return rows.filter(finding__in=visible_findings(tenant))


def _of_finding(rows: QuerySet[Comment], parameters: Parameters, tenant: Tenant) -> QuerySet[Comment]:
    if not parameters.get("finding"):
        return rows
    finding = parse_uuid(text_of(parameters, "finding"))
    if finding is None:
        raise invalid("finding", "Give the id of a finding, from the list of findings.")
    return rows.filter(finding=finding)


def _exception_rows(tenant: Tenant) -> QuerySet[ExceptionComment]:
    rows = ExceptionComment.objects.filter(tenant=tenant, exception__in=visible_exceptions(tenant))
    return rows.select_related("author", "exception", "tenant")


def _of_exception(
    rows: QuerySet[ExceptionComment], parameters: Parameters, tenant: Tenant
) -> QuerySet[ExceptionComment]:
    if not parameters.get("exception"):
        return rows
    number = text_of(parameters, "exception")
    # Check the length first: `int` raises an error for texts of thousands of digits.
    is_short = number.isascii() and number.isdigit() and len(number) <= len(str(_MAX_NUMBER))
    if not is_short or int(number) > _MAX_NUMBER:
        raise invalid("exception", "Give the number of an exception, from the list of exceptions.")
    return rows.filter(exception__number=number)


COMMENTS: Final = Listing[Comment](
    plural="comments",
    singular="comment",
    needs=Capability.VIEW,
    serializer=CommentSerializer,
    rows=_rows,
    filters=Filters((text("finding", "Id of a finding"),), _of_finding),
    description="Comments on findings, oldest first. Owners see only comments on their own findings.",
)
EXCEPTION_COMMENTS: Final = Listing[ExceptionComment](
    plural="exception-comments",
    singular="exception-comment",
    needs=Capability.VIEW,
    serializer=ExceptionCommentSerializer,
    rows=_exception_rows,
    filters=Filters((text("exception", "Number of an exception"),), _of_exception),
    description="Comments on exceptions, oldest first.",
)


class CommentsView(ListView, listing=COMMENTS):
    """Comments on findings."""

    @extend_schema(
        operation_id="add_comment",
        summary="Comment on a finding",
        description="The owner of the finding and the people who are mentioned get a notice.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddCommentSerializer,
        responses={201: CommentSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        values = checked(AddCommentSerializer, request)
        finding = FINDINGS.find(tenant, values["finding"])

        def action() -> Comment:
            return add_comment(finding=finding, by=person(request), body=values["body"])

        return create(request, tenant, COMMENTS, "add_comment", action, status=201)


class CommentView(ObjectView, listing=COMMENTS):
    """A comment on a finding."""

    @extend_schema(
        operation_id="change_comment",
        summary="Change a comment on a finding",
        description="Only the author can change a comment.",
        parameters=[IF_MATCH],
        request=ChangeCommentSerializer,
        responses=CommentSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        body = checked(ChangeCommentSerializer, request)["body"]
        return change(
            request,
            tenant,
            COMMENTS,
            pk,
            lambda row: edit_comment(comment=row, by=person(request), body=body),
            lock=lambda: _lock(Comment, tenant, pk),
        )


class DeleteCommentView(APIView):
    """The deletion of a comment on a finding."""

    @extend_schema(
        operation_id="delete_comment",
        summary="Delete the text of a comment on a finding",
        description="Only the author can delete a comment. The comment itself stays, without its text.",
        parameters=[IF_MATCH],
        request=None,
        responses=CommentSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = access.tenant(customer, needs=Capability.TREAT)
        return change(
            request,
            tenant,
            COMMENTS,
            pk,
            lambda row: delete_comment(comment=row, by=person(request)),
            lock=lambda: _lock(Comment, tenant, pk),
        )


class ExceptionCommentsView(ListView, listing=EXCEPTION_COMMENTS):
    """Comments on exceptions."""

    @extend_schema(
        operation_id="add_exception_comment",
        summary="Comment on an exception",
        description="Needs the right `treat` or `approve`. People who requested, decided or commented on the"
        " exception get a notice.",
        parameters=[IDEMPOTENCY_KEY],
        request=AddExceptionCommentSerializer,
        responses={201: ExceptionCommentSerializer},
    )
    def post(self, request: Request, customer: str) -> Response:
        tenant = _may_comment(customer)
        values = checked(AddExceptionCommentSerializer, request)
        found = EXCEPTIONS.find(tenant, values["exception"])

        def action() -> ExceptionComment:
            return add_exception_comment(exception=found, by=person(request), body=values["body"])

        return create(request, tenant, EXCEPTION_COMMENTS, "add_exception_comment", action, status=201)


class DeleteExceptionCommentView(APIView):
    """The deletion of a comment on an exception."""

    @extend_schema(
        operation_id="delete_exception_comment",
        summary="Delete the text of a comment on an exception",
        description="Only the author can delete a comment. The comment itself stays, without its text.",
        parameters=[IF_MATCH],
        request=None,
        responses=ExceptionCommentSerializer,
    )
    def post(self, request: Request, customer: str, pk: UUID) -> Response:
        tenant = _may_comment(customer)
        return change(
            request,
            tenant,
            EXCEPTION_COMMENTS,
            pk,
            lambda row: delete_exception_comment(comment=row, by=person(request)),
            lock=lambda: _lock(ExceptionComment, tenant, pk),
        )


ACTIONS: Final[Mapping[str, type[APIView]]] = {
    "comments/<uuid:pk>/delete": DeleteCommentView,
    "exception-comments/<uuid:pk>/delete": DeleteExceptionCommentView,
}
"""The views that delete a comment. Each key is the part of the URL below the customer."""


def _may_comment(customer: str) -> Tenant:
    """Return the customer. Raise PermissionDenied unless the token may request or decide exceptions there."""
    tenant = access.tenant(customer, needs=Capability.VIEW)
    rights = scope.current()
    if not (rights.may(Capability.TREAT, tenant.pk) or rights.may(Capability.APPROVE, tenant.pk)):
        raise PermissionDenied("To comment on exceptions, a token needs the right `treat` or `approve`.")
    return tenant


def _lock(model: type[Model], tenant: Tenant, pk: UUID) -> object:
    """Lock the comment until the transaction ends."""
    rows = model._default_manager.filter(tenant=tenant, pk=pk)
    return list(rows.select_for_update(of=("self",)).values_list("pk"))
