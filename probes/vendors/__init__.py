"""Vendor knowledge as data: one TOML file a vendor. docs/adding.md says how to add one."""
