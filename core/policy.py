"""Rights of core's addresses."""

from core.rights import PUBLIC, SIGNED_IN, route

ROUTES = {
    "core:session_start": route(PUBLIC, methods="GET POST"),
    "core:session_end": route(PUBLIC, methods="POST"),
    "core:language_set": route(PUBLIC, methods="POST"),
    "core:password_change": route(SIGNED_IN, methods="GET POST"),
    "core:account_show": route(SIGNED_IN, methods="GET POST"),
    "core:notice_choose": route(SIGNED_IN, methods="GET POST"),
    "core:feed_change": route(SIGNED_IN, methods="POST"),
    "core:notice_list": route(SIGNED_IN, methods="GET POST"),
    "core:view_create": route(SIGNED_IN, methods="GET POST"),
    "core:view_drop": route(SIGNED_IN, methods="POST", obj="saved_view"),
    "core:gallery_show": route(SIGNED_IN),
}
