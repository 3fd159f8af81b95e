"""`manage.py up`: all that ITIM needs on one machine, as children of one supervisor. No Django in here."""
