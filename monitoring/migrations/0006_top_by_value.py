"""Rows of the summary that say the same as before are left alone; the highest are found by an index."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0003_first_words'),
        ('monitoring', '0005_tops'),
    ]

    operations = [
        migrations.RemoveField(
            model_name='top',
            name='at',
        ),
        migrations.RemoveField(
            model_name='top',
            name='refreshed_at',
        ),
        migrations.AddIndex(
            model_name='top',
            index=models.Index(fields=['meter', 'value'], name='top_by_value'),
        ),
    ]
