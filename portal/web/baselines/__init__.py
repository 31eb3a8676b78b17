"""Serve pages for baselines: settings that an organization sets once for many customers, such as the policy."""
