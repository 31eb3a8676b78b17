"""Models of customers that leave."""

from portal.leaving.models.customer_export import CustomerExport

__all__ = ["CustomerExport"]
