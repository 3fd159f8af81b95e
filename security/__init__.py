"""Vulnerabilities, findings and exceptions."""
