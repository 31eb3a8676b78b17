"""Show the findings of all customers of the person, grouped by control."""
