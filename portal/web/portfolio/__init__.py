"""All tenants of the person, side by side."""
