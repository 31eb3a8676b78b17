"""The figures of each customer, as the portfolio page shows them."""

from __future__ import annotations

from typing import Any, Final

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from portal.api.listing import any_of, one_of, text
from portal.api.pages import SORT, check_values, listed, only, page_of_items, page_parameters, respond
from portal.queries.parameters import text_of, values_of
from portal.queries.portfolio.customer_figures import CustomerFigures, read_figures
from portal.queries.portfolio.customer_orders import ORDERS, SHOWN
from tenants import access
from tenants.roles import Capability

_LABELS: Final = ", ".join(f"`{name}` ({label})" for name, (label, _) in SHOWN.items())
_PARAMETERS: Final = (
    text("q", "Words that the name contains"),
    any_of("label", "Label of the customer"),
    one_of("show", SHOWN, f"Reason for attention: {_LABELS}"),
    OpenApiParameter(
        SORT,
        str,
        enum=list(ORDERS),
        description="The figure by which customers are ordered. The portal uses the same values in the address of the"
        " portfolio page. Customers that need most attention come first. With `name`, or without this parameter, the"
        " order is by name.",
    ),
)


class CustomerFiguresSerializer(serializers.Serializer[Any]):
    """The figures of a customer. Scores and coverage are percentages."""

    short_name = serializers.SlugField(source="tenant.slug")
    name = serializers.CharField(source="tenant.name")
    score = serializers.FloatField(
        allow_null=True, help_text="The adjusted score; null if no check passed or failed"
    )
    coverage = serializers.FloatField(
        allow_null=True, help_text="The share of applicable verdicts that are known"
    )
    critical = serializers.IntegerField(help_text="Number of open critical findings")
    high = serializers.IntegerField(help_text="Number of open findings of high severity")
    overdue = serializers.IntegerField(help_text="Number of overdue findings of every severity")
    unknown = serializers.IntegerField(help_text="Number of findings whose verdict is unknown")
    to_attest = serializers.IntegerField(
        help_text="Number of manual controls without a valid answer, or answered as not met"
    )
    undecided_exceptions = serializers.IntegerField(source="exceptions.pending")
    is_known = serializers.BooleanField(
        help_text="Whether the last attempt to read data of the customer succeeded at least in part"
    )
    assessed_at = serializers.DateTimeField(
        source="last_at",
        allow_null=True,
        help_text="The end of the newest assessment, or its start while it runs",
    )


class CustomerFiguresView(APIView):
    """The figures of the customers to which the token gives access."""

    @extend_schema(
        operation_id="list_customer_figures",
        summary="List the figures of customers",
        description="One item for each customer that is not archived and in which the token has the right"
        " `view_all`. Figures are current. If the list is ordered by a figure that changes while a"
        " program reads the pages, a customer may appear twice or not at all.",
        parameters=[*_PARAMETERS, *page_parameters(CustomerFiguresSerializer)],
        responses=listed("CustomerFiguresPage", CustomerFiguresSerializer),
    )
    def get(self, request: Request) -> Response:
        only(request, [one.name for one in _PARAMETERS], item=CustomerFiguresSerializer)
        parameters = dict(request.query_params.lists())
        check_values(_PARAMETERS, parameters)
        rows = access.tenants(needs=Capability.VIEW_ALL)
        if search := text_of(parameters, "q"):
            rows = rows.filter(name__icontains=search)
        if labels := values_of(parameters, "label"):
            rows = rows.filter(labels__has_any_keys=labels)
        found = read_figures(list(rows), CustomerFigures)
        if shown := values_of(parameters, "show"):
            found = [row for row in found if any(SHOWN[key][1](row) for key in shown)]
        found.sort(key=lambda row: (row.tenant.name.casefold(), row.tenant.slug))
        found.sort(key=ORDERS[text_of(parameters, SORT) or "name"].key)
        page = page_of_items(request, found, lambda row: row.tenant.slug)
        return respond(request, CustomerFiguresSerializer(page.rows, many=True).data, page.next_cursor)
