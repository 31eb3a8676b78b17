"""Facts about other services of Azure: one module for each service. Pure functions."""
