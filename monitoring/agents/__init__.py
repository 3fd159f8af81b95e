"""The server's side of agents: enrollment, reports, inventory."""
