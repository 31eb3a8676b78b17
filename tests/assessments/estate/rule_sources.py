"""Sources of inbound rules: anywhere, halves of the Internet, one address, one service tag. Tests choose some at
random.
"""

IPV4_SOURCES = [
    "*",
    "Internet",
    "0.0.0.0/0",
    "::/0",
    "0.0.0.0/1",
    "128.0.0.0/1",
    "11.0.0.0/8",
    "8.8.8.8",
    "VirtualNetwork",
]
