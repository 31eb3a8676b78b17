"""Serve pages for baselines: the policy and control parameters that an organization sets once for many customers."""
