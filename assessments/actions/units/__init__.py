"""Run the units of an assessment: read a subscription or directory under a lease, judge it, and write the results."""
