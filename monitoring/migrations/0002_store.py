"""Tables of monitoring.store: plain SQL, for they are partitioned and hold arrays."""

from django.db import migrations

SWEEP = """
CREATE TABLE monitoring_sweep (
    check_id bigint NOT NULL,
    at timestamptz NOT NULL,
    part smallint NOT NULL,
    "values" float8[] NOT NULL,
    PRIMARY KEY (check_id, part, at)
) PARTITION BY RANGE (at);
COMMENT ON TABLE monitoring_sweep IS 'All values of one part of one run of a check; NaN = no value';
"""

# Rows are replaced in place: half-empty pages keep the new version beside the old one (HOT).
LATEST = """
CREATE TABLE monitoring_latest (
    check_id bigint NOT NULL,
    at timestamptz NOT NULL,
    part smallint NOT NULL,
    "values" float8[] NOT NULL,
    PRIMARY KEY (check_id, part)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5);
COMMENT ON TABLE monitoring_latest IS 'The newest sweep of every part';
"""

# Its own table, for with the values a row would exceed 2 kB and be moved out of line.
PREVIOUS = """
CREATE TABLE monitoring_previous (
    check_id bigint NOT NULL,
    at float8 NOT NULL,
    uptime float8 NOT NULL,
    part smallint NOT NULL,
    raw bytea NOT NULL,
    PRIMARY KEY (check_id, part)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5);
ALTER TABLE monitoring_previous ALTER COLUMN raw SET STORAGE EXTERNAL;
COMMENT ON TABLE monitoring_previous IS
    'Raw readings that the next rates start from: little-endian uint64 a slot, float64 bits where no counter';
"""

ROLLUPS = """
CREATE TABLE monitoring_rollup5m (
    check_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    part smallint NOT NULL,
    count int2[] NOT NULL,
    min float4[] NOT NULL,
    mean float4[] NOT NULL,
    max float4[] NOT NULL,
    PRIMARY KEY (check_id, part, hour)
) PARTITION BY RANGE (hour);
COMMENT ON TABLE monitoring_rollup5m IS 'Arrays [slots][12], one row an hour';
CREATE TABLE monitoring_rollup1h (
    check_id bigint NOT NULL,
    day timestamptz NOT NULL,
    part smallint NOT NULL,
    count int2[] NOT NULL,
    min float4[] NOT NULL,
    mean float4[] NOT NULL,
    max float4[] NOT NULL,
    PRIMARY KEY (check_id, part, day)
) PARTITION BY RANGE (day);
COMMENT ON TABLE monitoring_rollup1h IS 'Arrays [slots][24], one row a day';
CREATE TABLE monitoring_rolled (
    name text PRIMARY KEY,
    until timestamptz NOT NULL
);
COMMENT ON TABLE monitoring_rolled IS 'Everything before until is rolled up';
CREATE TABLE monitoring_late (
    check_id bigint NOT NULL,
    hour timestamptz NOT NULL,
    PRIMARY KEY (check_id, hour)
);
COMMENT ON TABLE monitoring_late IS 'Hours that got sweeps after they were rolled up';
"""

# The summary of what stands highest is derived and rewritten all the time: unlogged, half-empty pages.
DERIVED = "ALTER TABLE monitoring_top SET UNLOGGED, SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.5)"

DROP = """
DROP TABLE monitoring_sweep, monitoring_latest, monitoring_previous, monitoring_rollup5m,
    monitoring_rollup1h, monitoring_rolled, monitoring_late
"""


class Migration(migrations.Migration):
    dependencies = [("monitoring", "0001_initial")]

    operations = [
        migrations.RunSQL(SWEEP + LATEST + PREVIOUS + ROLLUPS, DROP),
        migrations.RunSQL(DERIVED, migrations.RunSQL.noop),
    ]
