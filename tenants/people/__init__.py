"""People and service accounts: the scope that their roles give, and who may confirm what another person requested."""
