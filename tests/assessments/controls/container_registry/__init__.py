"""Cases of controls of container registries."""
