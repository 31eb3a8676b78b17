"""Which permissions a service principal needs and lacks: registering it, checking it, and what to grant."""
