"""What ends the agent on purpose."""


class Problem(Exception):
    """The agent cannot go on; its text is the one line a person needs, `code` the process's exit code."""

    def __init__(self, text: str, code: int = 1) -> None:
        super().__init__(text)
        self.code = code


REFUSED = 3
"""Exit code when the server no longer (or never) accepts this agent: restarting does not help."""
