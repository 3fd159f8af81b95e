"""Settings, addresses, Celery, schedule and launcher: the only package that knows everybody."""
