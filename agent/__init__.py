"""The agent that runs on an endpoint: reads it with psutil and reports to the server."""
