"""The demonstration: a fictitious MSP whose customers are served by the sandbox and assessed by real workers."""
