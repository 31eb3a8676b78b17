"""API Management services."""
