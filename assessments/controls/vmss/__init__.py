"""Controls of virtual machine scale sets."""
