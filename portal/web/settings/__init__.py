"""Serve the settings of a customer, such as service principals, policy, control parameters and owner rules."""
