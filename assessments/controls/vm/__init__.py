"""Controls of virtual machines: agent, patches, protection, disks."""
