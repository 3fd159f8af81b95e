"""SNMP: the client, discovery of what a device holds, and polling of it."""
