"""What the overview asks for first: the newest devices, and the last changes of their systems."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("inventory", "0003_first_words")]

    operations = [
        migrations.AddIndex(
            model_name="device",
            index=models.Index(fields=["-created_at"], name="device_newest"),
        ),
        migrations.RunSQL(
            "CREATE INDEX device_event_system ON inventory_deviceevent (pgh_id) "
            "WHERE pgh_label = 'update' AND os_version <> ''",
            "DROP INDEX device_event_system",
        ),
    ]
