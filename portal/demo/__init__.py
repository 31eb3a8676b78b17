"""The demonstration: customers of a made-up MSP, served by the sandbox, assessed by real workers."""
