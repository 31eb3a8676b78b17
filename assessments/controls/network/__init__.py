"""Controls of networks: security groups, gateways, firewalls, public addresses."""
