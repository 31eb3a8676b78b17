"""Controls of networks: what the Internet can reach, gateways, firewalls, DDoS protection and network monitoring."""
