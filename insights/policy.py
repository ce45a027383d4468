"""Rights of the insights room: it writes nothing of its own, so routes are all there is."""

from core.rights import PUBLIC, SIGNED_IN, Route, route

ROUTES: dict[str, Route] = {
    "insights:home_show": route(SIGNED_IN),
    "insights:today_show": route(SIGNED_IN),
    "insights:dashboard_show": route("officer", "leader"),
    "insights:dashboard_units": route("officer", "leader"),
    "insights:dashboard_indicators": route("officer", "leader"),
    "insights:dashboard_content": route("officer", "leader"),
    "insights:dashboard_levels": route("officer", "leader"),
    "insights:dashboard_trend": route("officer", "leader"),
    "insights:dashboard_changes": route("officer", "leader"),
    "insights:dashboard_changed": route("officer", "leader"),
    "insights:briefing_mark": route("leader", methods="POST"),
    "insights:dashboard_localities": route("officer", "leader"),
    "insights:dashboard_risks": route("officer", "leader"),
    "insights:dashboard_quality": route("officer", "leader"),
    "insights:dashboard_quality_rows": route("officer", "leader"),
    "insights:dashboard_compare": route("officer", "leader"),
    "insights:dashboard_paper": route("officer", "leader"),
    "insights:dashboard_filter": route("officer", "leader"),
    "insights:dashboard_programmes": route("officer", "leader"),
    "insights:dashboard_tasks": route("officer", "leader"),
    "insights:dashboard_activities": route("officer", "leader"),
    "insights:dashboard_values": route("officer", "leader", obj="indicator"),
    "insights:deadline_list": route("officer", "reporter", "leader"),
    "insights:calendar_show": route("officer", "reporter", "leader"),
    "insights:calendar_feed": route(PUBLIC, obj="calendar_feed"),  # the secret in the address is the right
    "insights:search_show": route(SIGNED_IN),
    "insights:method_show": route(SIGNED_IN),
    "insights:method_rows": route("officer", "reporter", "leader"),
}
