"""Speak a protocol, return plain data. No Django in here."""
