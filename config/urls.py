"""Root of all addresses; each room lists its own."""

from django.urls import include, path

handler400 = "core.error_views.bad_request"
handler403 = "core.error_views.forbidden"
handler404 = "core.error_views.not_found"
handler500 = "core.error_views.server_error"

urlpatterns = [
    path("", include("insights.urls")),
    path("", include("core.urls")),
    path("", include("partners.urls")),
    path("", include("agreements.urls")),
    path("", include("activities.urls")),
]
