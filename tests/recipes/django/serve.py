"""Serves the project on a free port, with one user, and prints its address."""

import os

import django
import waitress
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application

os.environ["DJANGO_SETTINGS_MODULE"] = "project.settings"
django.setup()
call_command("makemigrations", "keeping", verbosity=0)
call_command("migrate", verbosity=0)

from django.contrib.auth import get_user_model  # noqa: E402  It needs what was set up above.

get_user_model().objects.create_user(os.environ["USER_NAME"], password=os.environ["USER_PASSWORD"])
server = waitress.create_server(get_wsgi_application(), host="127.0.0.1", port=0)
print(f"listening on http://localhost:{server.effective_port}", flush=True)
server.run()
