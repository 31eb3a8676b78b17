"""Controls of key vaults, their keys and secrets, and managed HSMs."""
