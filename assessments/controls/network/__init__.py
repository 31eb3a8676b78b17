"""Controls of security groups, gateways, firewalls and public addresses."""
