"""From a transition to a message: actions on alerts, the dispatcher, routes, suppression and delivery."""
