"""Backup jobs, runs and restore tests."""
