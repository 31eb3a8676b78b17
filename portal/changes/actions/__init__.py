"""All functions that write changes, rules, planned changes and reviews."""
