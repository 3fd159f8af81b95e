"""The summary of what stands highest. It is derived and rewritten all the time: unlogged, half-empty pages."""

import django.db.models.deletion
from django.db import migrations, models

DERIVED = "ALTER TABLE monitoring_top SET UNLOGGED, SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5)"


class Migration(migrations.Migration):

    dependencies = [
        ('inventory', '0001_initial'),
        ('monitoring', '0004_rules'),
    ]

    operations = [
        migrations.CreateModel(
            name='Top',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('meter', models.CharField(max_length=20)),
                ('rank', models.PositiveSmallIntegerField()),
                ('instance', models.CharField(blank=True, max_length=255)),
                ('value', models.FloatField()),
                ('at', models.DateTimeField()),
                ('refreshed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['meter', 'device', 'rank'],
            },
        ),
        migrations.CreateModel(
            name='Trend',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('per_day', models.FloatField()),
                ('computed_at', models.DateTimeField()),
            ],
            options={
                'ordering': ['series'],
            },
        ),
        migrations.AddIndex(
            model_name='series',
            index=models.Index(fields=['metric'], name='series_metric'),
        ),
        migrations.AddField(
            model_name='top',
            name='device',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='inventory.device'),
        ),
        migrations.AddField(
            model_name='top',
            name='series',
            field=models.ForeignKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='monitoring.series'),
        ),
        migrations.AddField(
            model_name='top',
            name='source',
            field=models.ForeignKey(db_column='check_id', db_constraint=False, db_index=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='monitoring.check'),
        ),
        migrations.AddField(
            model_name='trend',
            name='series',
            field=models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='trend', to='monitoring.series'),
        ),
        migrations.AddConstraint(
            model_name='top',
            constraint=models.UniqueConstraint(fields=('meter', 'device', 'rank'), name='top_unique'),
        ),
        migrations.RunSQL(DERIVED, migrations.RunSQL.noop),
    ]
