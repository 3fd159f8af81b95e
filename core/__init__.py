"""Users, access, audit, secrets, tags and resources: what every domain stands on."""
