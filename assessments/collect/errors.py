"""Errors of requests, in addition to the errors of azure-core. The errors here are no subclasses of AzureError: after
an AzureError, the retry policy would repeat the request.
"""

from __future__ import annotations


class Cancelled(Exception):
    """The caller's `cancelled()` returned true between two requests."""


class ForeignHost(Exception):
    """A request, for example for a nextLink, would go to a host that does not belong to the cloud."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host or 'An unnamed host'} is not a host of this cloud, so no request was sent to it"
        )
        self.host = host


class WriteBlocked(Exception):
    """A request that could write was about to be sent. Collecting only reads."""

    def __init__(self, method: str, path: str) -> None:
        super().__init__(f"{method} {path} was not sent, because an assessment may only read")


class BadAnswer(Exception):
    """An answer with an unexpected shape. `status` is the HTTP status."""

    def __init__(self, problem: str, status: int | None = 200, request_id: str = "") -> None:
        super().__init__(problem)
        self.status = status
        self.request_id = request_id


class SlowAnswer(BadAnswer):
    """An answer that was not complete within the time limit."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem, status=None)


class OtherDirectory(Exception):
    """A resource refers to a path that leads into a subscription of another directory, or that is ambiguous: servers
    may interpret it in different ways.

    Surety does not request such a path. Azure might permit the request, because a managed service provider's principal
    can see several customers.
    """

    def __init__(self) -> None:
        super().__init__(
            "The path of the resource is ambiguous or leads into a subscription of another directory, so Surety did"
            " not read the resource. Check in Azure where the resource is"
        )


class OutsideDelegation(Exception):
    """Raised for a request that Surety must not send with an organization's credential for a delegated subscription.
    Azure might permit the request.
    """

    def __init__(self, *, is_graph: bool = False) -> None:
        super().__init__(
            "Azure Lighthouse does not give access to Microsoft Graph. To check data of Microsoft Graph, add a"
            " service principal of the customer’s own directory"
            if is_graph
            else "The resource is outside of the delegated subscription, so the organization’s service principal"
            " did not read it. To check the resource, add a service principal of the customer’s own"
            " directory"
        )
