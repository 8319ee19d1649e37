"""The endpoints of the recipe, and the files of its page."""

from django.conf import settings
from django.urls import include, path
from django.views.static import serve

urlpatterns = [
    path("", include("keeping.urls")),
    path("<path:path>", serve, {"document_root": settings.FOLDER / "public"}),
]
