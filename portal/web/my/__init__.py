"""What is a person's own, over all their tenants."""
