// Charts by uPlot for every <figure data-chart="URL"> (templates/ui/chart.html).
//
// URL is asked with ?start=&end=&step= (Unix seconds; step: the finest one worth drawing) and, when wished, &compare=604800 (seconds back).
// It answers JSON in columns, at most about 800 points:
//   {"start": 1700000000, "end": …, "step": 60,
//    "t": [unix seconds, ascending],
//    "series": [{"id": "7", "label": "Gi1/0/1 in", "unit": "B/s", "mean": [number|null, …], "min": […]|absent, "max": […]|absent, "bits": true|absent}],
//    "compare": [{"id": "7", "mean": […]}]}      the same times, values of the time before; optional
// unit is the stored one (probes/metrics.py); bits says that B/s are network octets and read as bit/s. null is a gap and is drawn as one;
// the server puts nulls where samples are missing, so that a hole is as wide as it was long.
