"""Models of imports."""

from portal.imports.models.customer_import import CustomerImport, CustomerImportLine

__all__ = ["CustomerImport", "CustomerImportLine"]
