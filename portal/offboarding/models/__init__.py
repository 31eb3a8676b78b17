"""Models of exports and erasures of customers, and of pseudonymised people."""

from portal.offboarding.models.customer_export import CustomerExport
from portal.offboarding.models.erasure import Erasure

__all__ = ["CustomerExport", "Erasure"]
