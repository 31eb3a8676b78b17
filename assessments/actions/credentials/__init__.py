"""Sign in with the credentials of service principals, test the credentials, and record the roles of the principals."""
