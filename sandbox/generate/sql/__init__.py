"""Generate SQL servers and managed instances: databases, auditing and firewalls."""
