"""All functions that create or change recorded changes, rules, planned changes and reviews."""
