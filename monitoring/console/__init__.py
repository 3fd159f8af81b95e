"""Pages for people who tend the monitoring: alerts, trials, agents."""
