"""Scheduled reports; reads every domain, nobody reads it."""
