"""Virtual machines: agent, patches, protection, disks."""
