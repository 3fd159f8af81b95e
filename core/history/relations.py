"""Triggers on the tables between models, so that tags that come and go are history too.

They are set after each `migrate`, not by migrations: such a table has no model that could declare them.
"""

from collections.abc import Iterator
from typing import Any

from django.db import connection, models

from core.history.tracking import tracked_models

FUNCTION = """
CREATE OR REPLACE FUNCTION core_record_relation() RETURNS trigger LANGUAGE plpgsql AS $$
-- TG_ARGV: model, field, column of the object, column of the other end, its table, its key, its label
DECLARE
    link jsonb := CASE WHEN TG_OP = 'DELETE' THEN to_jsonb(OLD) ELSE to_jsonb(NEW) END;
    label text;
BEGIN
    EXECUTE format('SELECT %I::text FROM %I WHERE %I = $1', TG_ARGV[6], TG_ARGV[4], TG_ARGV[5])
        INTO label USING (link ->> TG_ARGV[3])::bigint;
    INSERT INTO core_relationchange (at, model, object_id, field, label, added, context_id)
    VALUES (NOW(), TG_ARGV[0], (link ->> TG_ARGV[2])::bigint, TG_ARGV[1],
            COALESCE(label, '#' || (link ->> TG_ARGV[3])), TG_OP = 'INSERT', _pgh_attach_context());
    RETURN NULL;
END $$
"""
TRIGGER = """
CREATE OR REPLACE TRIGGER core_record_relation AFTER INSERT OR DELETE ON {table}
FOR EACH ROW EXECUTE FUNCTION core_record_relation({arguments})
"""


def ensure_triggers(**_signal: Any) -> None:
    """Set the trigger on every table between tracked models that is there."""
    with connection.cursor() as cursor:
        tables = set(connection.introspection.table_names(cursor))
        if "core_relationchange" not in tables:
            return
        cursor.execute(FUNCTION)
        for model, field in _relations():
            if field.m2m_db_table() in tables:
                cursor.execute(*_trigger(model, field))


def _relations() -> Iterator[tuple[type[models.Model], Any]]:
    for model in tracked_models():
        for field in model._meta.local_many_to_many:
            yield model, field


def _trigger(model: type[models.Model], field: Any) -> tuple[str, list[str]]:
    target = field.related_model
    arguments = [
        model._meta.label_lower,
        field.name,
        field.m2m_column_name(),
        field.m2m_reverse_name(),
        target._meta.db_table,
        target._meta.pk.column,
        getattr(target, "history_label", "name"),
    ]
    table = connection.ops.quote_name(field.m2m_db_table())
    return TRIGGER.format(table=table, arguments=", ".join(["%s"] * len(arguments))), arguments
