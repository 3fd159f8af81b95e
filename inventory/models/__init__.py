"""What exists and how it depends on one another."""
