"""The roles that every installation has. They follow the version: `migrate` brings them up to date."""

from typing import Any, Final

from django.db import connection, transaction

from core.models import Permission, Role

WORK: Final = [
    "view",
    "add",
    "change",
    "acknowledge",
    "snooze",
    "comment",
    "silence",
    "run",
    "resolve",
    "assign",
]
DOMAINS: Final = ["inventory.*", "monitoring.*", "backups.*", "security.*", "tickets.*", "reports.*"]
SHARED: Final = ["core.tag", "core.credential"]

BUILT_IN: Final[dict[str, tuple[str, dict[str, list[str]]]]] = {
    "administrator": ("May do everything", {"*": ["*"]}),
    "operator": (
        "Sees, adds and changes everything but people, roles and tokens; deletes nothing",
        dict.fromkeys([*DOMAINS, *SHARED], WORK),
    ),
    "viewer": (
        "Sees everything but people, roles and tokens; changes nothing",
        {resource: ["view"] for resource in [*DOMAINS, *SHARED]},
    ),
}


@transaction.atomic
def ensure_built_in(**_signal: Any) -> None:
    """Make the built-in roles as this version wants them; who has them stays as it is.

    Does nothing where the tables are not there: someone migrates backwards.
    """
    if not {Role._meta.db_table, Permission._meta.db_table} <= set(connection.introspection.table_names()):
        return
    for name, (description, grants) in BUILT_IN.items():
        role, _ = Role.objects.update_or_create(
            name=name, defaults={"description": description, "built_in": True}
        )
        _give_exactly(role, grants)


def _give_exactly(role: Role, grants: dict[str, list[str]]) -> None:
    has = {permission.resource: permission.actions for permission in role.permissions.all()}
    if has == grants:
        return
    role.permissions.all().delete()
    Permission.objects.bulk_create(
        Permission(role=role, resource=resource, actions=actions) for resource, actions in grants.items()
    )
