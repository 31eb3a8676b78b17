"""Virtual machine scale sets."""
