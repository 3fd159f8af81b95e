"""The agent that runs on an endpoint: reads it with psutil and reports to the server.

Runs on Python 3.10 and newer with psutil alone: no Django, no third-party HTTP client.
"""

VERSION = "0.1.0"
