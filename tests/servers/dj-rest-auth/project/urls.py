"""The endpoints of dj-rest-auth, one of an API, and the pages."""

from dj_rest_auth.urls import urlpatterns as auth
from django.conf import settings
from django.urls import include, path
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.static import serve
from rest_framework.decorators import api_view, permission_classes
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response

for endpoint in auth:
    endpoint.callback.csrf_exempt = False


@api_view(["GET"])
@permission_classes([IsAuthenticated])
def me(request):
    """Says who asks, and with which token."""
    return Response({"username": request.user.username, "jti": request.auth["jti"]})


urlpatterns = [
    path("auth/", include(auth)),
    path("api/me", me),
    path("pkg/<path:path>", serve, {"document_root": settings.PACKAGE}),
    path("<path:path>", ensure_csrf_cookie(serve), {"document_root": settings.FOLDER / "pages"}),
]
