"""Pure arithmetic of monitoring: rates, roll-ups, rule evaluation. numpy only, no Django."""
