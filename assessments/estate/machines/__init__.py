"""Facts about virtual machines, scale sets and AKS clusters. Pure functions."""
