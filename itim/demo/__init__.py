"""The demonstration: a company that does not exist, its devices on loopback, its last month."""
