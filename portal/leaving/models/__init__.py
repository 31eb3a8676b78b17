"""Models of exports and erasures of customers, and of pseudonymised people."""

from portal.leaving.models.customer_export import CustomerExport
from portal.leaving.models.erasure import Erasure

__all__ = ["CustomerExport", "Erasure"]
