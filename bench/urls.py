"""The product's addresses, then those of the floors and of Django's admin lists, with their rights."""

from django.urls import path

from bench import admin, floor
from config.urls import handler400, handler403, handler404, handler500
from config.urls import urlpatterns as product
from core.rights import SIGNED_IN, route

__all__ = ["handler400", "handler403", "handler404", "handler500"]

ROUTES = {"floor_show": route(SIGNED_IN)} | {
    f"{name}:{site.model_name}_changelist": route(SIGNED_IN) for name, site in admin.SITES.items()
}
urlpatterns = [
    *product,
    path("bench/floor/<str:name>/", floor.floor_show, name="floor_show"),
    *(path(f"bench/admin/{name}/", site.urls) for name, site in admin.SITES.items()),
]
