"""The WSGI application that granian serves."""

import os

from django.core.wsgi import get_wsgi_application

from itim.launcher.process import die_with_parent

if os.environ.get("ITIM_SUPERVISED"):
    die_with_parent()  # granian's worker: the launcher's grandchild must not outlive it either
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "itim.settings")
application = get_wsgi_application()
