"""Controls of API Management services."""
