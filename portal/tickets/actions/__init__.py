"""Functions that write: systems, rules, tickets."""
