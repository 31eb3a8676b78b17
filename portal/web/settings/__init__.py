"""Settings of a tenant: service principals and their rights, parameters of controls, owner rules."""
