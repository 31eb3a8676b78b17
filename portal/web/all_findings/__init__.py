"""Show the findings of all customers that the signed-in person may see, grouped by control."""
