"""Controls of Azure Kubernetes Service (AKS)."""
