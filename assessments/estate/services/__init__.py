"""Facts about those Azure services that have no package of their own, one module for each service. Pure functions."""
