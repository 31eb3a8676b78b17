"""Controls of container groups of Azure Container Instances."""
