"""Models of customers and people that leave."""

from portal.leaving.models.customer_export import CustomerExport
from portal.leaving.models.erasure import Erasure

__all__ = ["CustomerExport", "Erasure"]
