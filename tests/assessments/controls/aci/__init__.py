"""Container groups of Azure Container Instances."""
