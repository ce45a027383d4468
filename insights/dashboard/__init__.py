"""The dashboard: a first screen and sections, each a page of its own below /bang-dieu-hanh/ with the same conditions.

A section is: a module here whose `read(user, scope, day)` returns rows, totals and a `Table` from stored figures only;
a line in `frame.SECTIONS`; a view that hands both to `frame.answer`; a template that extends
`insights/_dashboard_page.html`. Its numbers link through `scope.url(...)` to the lists of
`dashboard_list_views.py` or to /viec/.
"""
