"""The key and the certificate with which reports are signed: in a file, a vault or a token."""
