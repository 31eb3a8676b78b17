"""Functions that change ticket systems, rules and tickets."""
