"""Home page of a person, across all their tenants."""
