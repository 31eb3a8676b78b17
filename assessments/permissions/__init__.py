"""Register a service principal, check which permissions it lacks, and tell people how to grant these permissions."""
