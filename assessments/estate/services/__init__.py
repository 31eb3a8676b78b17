"""Facts about other services of Azure. Each service has its own module. Pure functions."""
