"""The rows of each main page as plain SQL, in as few statements as a good hand would write.

Parameters are made by bench.floor.parameters. The first column is a text that stands on the page, NULL where a row
is only numbers. Names of states are those of the models.
"""

LIVE = "('in_force', 'ended')"

# The programmes in which the reader's committee and those below it own work.
SEEN = """SELECT p.id, p.code, p.title, p.owner_id FROM agreements_programme p
    JOIN partners_organisation o ON o.id = p.owner_id WHERE o.path LIKE %(tree)s"""
LIVING = f"{SEEN} AND p.status IN {LIVE}"

# What is due, of every kind, with who answers and when it was over: title, unit, code, due_on, done_on, kind, id.
DUE = """
    SELECT t.title, COALESCE(t.lead_id, s.owner_id) AS unit, s.code, d.due_on,
           CASE d.state WHEN 'done' THEN d.done_on END AS done_on, 'deadline' AS kind, d.id
      FROM agreements_taskdeadline d JOIN agreements_task t ON t.id = d.task_id JOIN s ON s.id = t.programme_id
     WHERE t.state NOT IN ('paused', 'carried', 'cancelled') AND d.state <> 'cancelled' AND {when_d}
    UNION ALL
    SELECT NULL, d.unit_id, s.code, d.due_on,
           CASE WHEN r.review IN ('submitted', 'accepted') THEN r.submitted_at::date END, 'report', d.id
      FROM activities_reportduty d JOIN s ON s.id = d.programme_id
      LEFT JOIN activities_progressreport r ON r.duty_id = d.id
     WHERE d.waived_at IS NULL AND {when_r}
    UNION ALL
    SELECT d.text, d.unit_id, s.code, d.due_on,
           CASE WHEN d.state IN ('answered', 'closed') THEN d.answered_at::date END, 'directive', d.id
      FROM activities_directive d JOIN s ON s.id = d.programme_id
     WHERE d.state <> 'withdrawn' AND {when_i}
    UNION ALL
    SELECT NULLIF(d.name, ''), COALESCE(d.responsible_id, s.owner_id), s.code, d.due_on, d.done_on, 'milestone', d.id
      FROM agreements_milestone d JOIN s ON s.id = d.programme_id
     WHERE {when_m}"""


def due(dates: str, *, is_open: bool) -> str:
    """Return the statement part of what is due under a condition on d.due_on, all of it or only what is not over."""
    still = ("d.state <> 'done'", "r.review IS DISTINCT FROM 'submitted' AND r.review IS DISTINCT FROM 'accepted'",
             "d.state = 'issued'", "d.done_on IS NULL")  # fmt: skip
    parts = [f"{dates} AND {more}" if is_open else dates for more in still]
    return DUE.format(**dict(zip(("when_d", "when_r", "when_i", "when_m"), parts, strict=True)))


def pressing(dates: str, number: int) -> str:
    """Return the first few of what is due and not over, the oldest first, with the unit's name."""
    return f"""WITH s AS ({LIVING}), due AS ({due(dates, is_open=True)})
        SELECT due.title, u.name, due.code, due.due_on, due.kind, due.id
          FROM due JOIN partners_organisation u ON u.id = due.unit ORDER BY due.due_on LIMIT {number}"""


def waiting(number: int) -> str:
    """Return the first of what waits for review: title, unit, since when, kind, id."""
    return f"""
    SELECT q.title, u.name, q.since, q.kind, q.id FROM (
        SELECT NULLIF(a.title, '') AS title, a.unit_id, a.submitted_at AS since, 'activity' AS kind, a.id
          FROM activities_activity a JOIN agreements_task t ON t.id = a.task_id
         WHERE a.review = 'submitted' AND a.author_id <> %(user)s AND t.programme_id IN (SELECT id FROM ({SEEN}) s)
        UNION ALL
        SELECT i.name, m.unit_id, m.submitted_at, 'measurement', m.id
          FROM activities_measurement m JOIN agreements_indicator i ON i.id = m.indicator_id
          JOIN agreements_task t ON t.id = m.task_id
         WHERE m.review = 'submitted' AND m.activity_id IS NULL AND m.author_id <> %(user)s
           AND t.programme_id IN (SELECT id FROM ({SEEN}) s)
        UNION ALL
        SELECT t.title, d.reported_for_id, d.reported_at, 'deadline', d.id
          FROM agreements_taskdeadline d JOIN agreements_task t ON t.id = d.task_id
         WHERE d.state = 'awaiting' AND d.reported_by_id <> %(user)s
           AND t.programme_id IN (SELECT id FROM ({LIVING}) s)
        UNION ALL
        SELECT t.title, e.requested_for_id, e.requested_at, 'extension', e.id
          FROM agreements_extension e JOIN agreements_taskdeadline d ON d.id = e.deadline_id
          JOIN agreements_task t ON t.id = d.task_id
         WHERE e.state = 'requested' AND e.requested_by_id <> %(user)s
           AND t.programme_id IN (SELECT id FROM ({LIVING}) s)
        UNION ALL
        SELECT NULL, d.unit_id, r.submitted_at, 'report', d.id
          FROM activities_progressreport r JOIN activities_reportduty d ON d.id = r.duty_id
         WHERE r.review = 'submitted' AND r.author_id <> %(user)s AND d.waived_at IS NULL
           AND d.programme_id IN (SELECT id FROM ({SEEN}) s)
    ) q JOIN partners_organisation u ON u.id = q.unit_id ORDER BY q.since, q.kind, q.id LIMIT {number}"""


SLOWEST = """(f.progress IS NULL), (f.standing = 'behind') DESC,
    (round(f.elapsed * 100) - round(LEAST(f.progress, 1) * 100)) DESC NULLS LAST, p.sort_key, p.id"""
PARTIES = """(SELECT string_agg(y.name_as_signed, '; ' ORDER BY y.position) FROM agreements_party y
    WHERE y.programme_id = p.id AND y.organisation_id IS DISTINCT FROM p.owner_id)"""

PROGRAMMES = f"""
    SELECT p.code, COALESCE(NULLIF(p.short_title, ''), p.title), p.id, p.starts_on, p.ends_on, p.status, o.name,
           f.progress, f.elapsed, f.standing, f.computed_at, {PARTIES}, n.title, n.due_on
      FROM agreements_programme p JOIN partners_organisation o ON o.id = p.owner_id
      LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
      LEFT JOIN LATERAL (
          SELECT t.title, d.due_on FROM agreements_taskdeadline d JOIN agreements_task t ON t.id = d.task_id
           WHERE t.programme_id = p.id AND d.state NOT IN ('done', 'cancelled') ORDER BY d.due_on LIMIT 1) n ON true
     WHERE o.path LIKE %(tree)s AND p.status = 'in_force' ORDER BY {SLOWEST} LIMIT 25"""

ACTIVITY_COLUMNS = """a.title, a.id, a.starts_on, a.ends_on, a.review, a.occurrence, u.name, l.name, p.code,
    (SELECT json_agg(json_build_array(i.name, i.unit, m.value)) FROM activities_measurement m
       JOIN agreements_indicator i ON i.id = m.indicator_id WHERE m.activity_id = a.id),
    (SELECT json_agg(e.file_id) FROM activities_evidence e WHERE e.activity_id = a.id)"""
ACTIVITY_TABLES = """activities_activity a JOIN partners_organisation u ON u.id = a.unit_id
    LEFT JOIN partners_locality l ON l.id = a.locality_id JOIN agreements_task t ON t.id = a.task_id
    JOIN agreements_programme p ON p.id = t.programme_id JOIN partners_organisation o ON o.id = p.owner_id"""
OPEN = """(a.review <> 'draft' OR a.acting_for_id = %(unit)s OR a.author_id = %(user)s
    OR (a.plan_sent_at IS NOT NULL AND a.occurrence <> 'held'))"""

ACTIVITIES = f"""SELECT {ACTIVITY_COLUMNS} FROM {ACTIVITY_TABLES}
     WHERE o.path LIKE %(tree)s AND {OPEN} ORDER BY a.starts_on DESC NULLS LAST, a.id DESC LIMIT 25"""

# The queue opens its first item; each line says what acceptance would change, from the stored totals. Both take the
# ids of the activities among the lines read before (%(ids)s, see bench.floor.read).
EFFECTS = """
    SELECT NULL, m.activity_id, m.id, m.value, i.unit,
           (SELECT sum(y.sum) FROM agreements_tally y WHERE y.indicator_id = i.id AND y.count > 0),
           (SELECT sum(g.value) FROM agreements_target g WHERE g.indicator_id = i.id)
      FROM activities_measurement m JOIN agreements_indicator i ON i.id = m.indicator_id
     WHERE m.activity_id = ANY(%(ids)s::bigint[])"""
FIRST = f"""SELECT NULLIF(a.title, ''), a.what_was_done, a.persons, a.households, a.turns, a.value, u.name, l.name,
           p.code, t.title, w.full_name
      FROM {ACTIVITY_TABLES} JOIN core_user w ON w.id = a.author_id WHERE a.id = (%(ids)s::bigint[])[1]"""

DUTIES = f"""
    WITH s AS ({LIVING})
    SELECT s.code, s.title, d.id, d.kind, d.period, u.name, d.starts_on, d.ends_on, d.due_on, r.review
      FROM activities_reportduty d JOIN s ON s.id = d.programme_id JOIN partners_organisation u ON u.id = d.unit_id
      LEFT JOIN activities_progressreport r ON r.duty_id = d.id
     WHERE d.waived_at IS NULL AND d.due_on >= %(day)s AND d.starts_on <= %(day)s
       AND (r.review IS NULL OR r.review NOT IN ('submitted', 'accepted')) ORDER BY d.due_on, d.id LIMIT 50"""

MONTH = f"""
    WITH s AS ({LIVING}), due AS ({due("d.due_on BETWEEN %(first)s AND %(last)s", is_open=False)})
    SELECT NULL, due.title, u.name, due.code, due.due_on, due.done_on, due.kind, due.id
      FROM due JOIN partners_organisation u ON u.id = due.unit
    UNION ALL
    SELECT a.title, NULL, u.name, p.code, a.starts_on, a.ends_on, 'activity', a.id FROM {ACTIVITY_TABLES}
     WHERE o.path LIKE %(tree)s AND a.occurrence = 'planned' AND {OPEN}
       AND a.starts_on <= %(last)s AND COALESCE(a.ends_on, a.starts_on) >= %(first)s"""
DAYS_OFF = "SELECT name, day, kind FROM core_holiday WHERE day BETWEEN %(first)s AND %(last)s"

# The leader's first screen: every programme counts in its figures, eight stand there by name.
BOARD = f"""
    SELECT NULL, p.id, p.short_title, p.title, p.status, p.starts_on, p.ends_on, f.progress, f.elapsed, f.standing,
           f.tasks_live, f.tasks_with_data, f.computed_at, f.last_activity_on, y.standing, {PARTIES}
      FROM agreements_programme p JOIN partners_organisation o ON o.id = p.owner_id
      LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
      LEFT JOIN agreements_dailyfigure y ON y.programme_id = p.id AND y.day = %(week_ago)s
     WHERE o.path LIKE %(tree)s AND p.status IN {LIVE} ORDER BY {SLOWEST}"""
BY_UNIT = f"""
    WITH s AS ({LIVING})
    SELECT NULL, u.name, sum(width_bucket(%(day)s::date - 1, c.open_on)) AS late, sum(cardinality(c.on_time_on)),
           sum(cardinality(c.late_on)), sum(cardinality(c.open_on) - width_bucket(%(day)s::date - 1, c.open_on))
      FROM activities_duecell c JOIN s ON s.id = c.programme_id JOIN partners_organisation u ON u.id = c.unit_id
     GROUP BY u.id ORDER BY late DESC"""
DIRECTIVES = f"""
    SELECT NULL, d.text, d.id, d.state, d.due_on, u.name FROM activities_directive d
      JOIN partners_organisation u ON u.id = d.unit_id
     WHERE d.programme_id IN (SELECT id FROM ({SEEN}) s) ORDER BY d.state, d.due_on LIMIT 7"""

STATEMENTS: dict[str, tuple[str, ...]] = {
    "home": (waiting(7), pressing("d.due_on < %(day)s", 7), pressing("d.due_on BETWEEN %(day)s AND %(soon)s", 7)),
    "programme_list": (PROGRAMMES,),
    "programme": (
        """SELECT p.code, p.title, p.number, p.signed_on, p.starts_on, p.ends_on, p.status, o.name, w.full_name,
                   f.progress, f.elapsed, f.standing, f.tasks_live, f.tasks_with_data, f.activities
              FROM agreements_programme p JOIN partners_organisation o ON o.id = p.owner_id
              LEFT JOIN core_user w ON w.id = p.officer_id
              LEFT JOIN agreements_programmefigure f ON f.programme_id = p.id
             WHERE p.id = %(pk)s AND o.path LIKE %(tree)s""",
        """SELECT i.name, i.unit, t.id, t.goal_id, t.title,
                  (SELECT sum(y.sum) FROM agreements_tally y WHERE y.indicator_id = i.id AND y.count > 0),
                  (SELECT json_agg(json_build_array(g.starts_on, g.ends_on, g.value)) FROM agreements_target g
                    WHERE g.indicator_id = i.id)
             FROM agreements_indicator i JOIN agreements_task t ON t.id = i.task_id
            WHERE t.programme_id = %(pk)s ORDER BY t.position, i.position""",
        """SELECT l.number, l.kind, l.issuer, l.issued_on, l.subject, l.effect FROM agreements_legalbasis b
             JOIN agreements_legaldocument l ON l.id = b.document_id WHERE b.programme_id = %(pk)s""",
        """SELECT g.text, g.kind, g.id::text, NULL FROM agreements_goal g WHERE g.programme_id = %(pk)s
           UNION ALL SELECT y.name_as_signed, y.role, y.signer, y.signer_title FROM agreements_party y
            WHERE y.programme_id = %(pk)s""",
        f"""SELECT NULL, t.title, u.name, d.due_on FROM agreements_taskdeadline d
             JOIN agreements_task t ON t.id = d.task_id LEFT JOIN partners_organisation u ON u.id = t.lead_id
            WHERE t.programme_id = %(pk)s AND d.state NOT IN ('done', 'cancelled')
           UNION ALL SELECT NULL, m.name, NULL, m.due_on FROM agreements_milestone m WHERE m.programme_id = %(pk)s
           UNION ALL (SELECT a.title, a.id::text, l.name, a.starts_on FROM {ACTIVITY_TABLES}
            WHERE t.programme_id = %(pk)s AND a.review = 'accepted'
            ORDER BY a.starts_on DESC NULLS LAST, a.id DESC LIMIT 4)""",
    ),
    "task": (
        """SELECT t.title, t.code, t.state, p.code, p.title, u.name, c.name, g.text,
                  (SELECT json_agg(s.name) FROM agreements_task_supporting x
                     JOIN partners_organisation s ON s.id = x.organisation_id WHERE x.task_id = t.id)
             FROM agreements_task t JOIN agreements_programme p ON p.id = t.programme_id
             LEFT JOIN partners_organisation u ON u.id = t.lead_id
             LEFT JOIN agreements_contentgroup c ON c.id = t.content_group_id
             LEFT JOIN agreements_goal g ON g.id = t.goal_id WHERE t.id = %(pk)s""",
        """SELECT NULL, i.name, i.unit, y.month, sum(y.sum), sum(y.count) FROM agreements_tally y
             LEFT JOIN agreements_indicator i ON i.id = y.indicator_id
            WHERE y.task_id = %(pk)s AND y.count > 0 GROUP BY i.id, y.measure, y.month""",
        """SELECT NULL, d.due_on, d.done_on, d.state, d.period, NULL FROM agreements_taskdeadline d
            WHERE d.task_id = %(pk)s
           UNION ALL SELECT NULL, g.starts_on, g.ends_on, i.name, i.unit, g.value FROM agreements_target g
             JOIN agreements_indicator i ON i.id = g.indicator_id WHERE i.task_id = %(pk)s""",
        f"""SELECT {ACTIVITY_COLUMNS}, a.what_was_done, a.persons, a.value FROM {ACTIVITY_TABLES}
            WHERE a.task_id = %(pk)s AND a.occurrence NOT IN ('planned', 'postponed') AND {OPEN}
            ORDER BY a.starts_on DESC NULLS LAST, a.id DESC LIMIT 20""",
    ),
    "activity_list": (ACTIVITIES,),
    "activity": (
        f"""SELECT {ACTIVITY_COLUMNS}, a.what_was_done, a.households, a.persons, a.turns, a.value, a.value_source,
                   t.title, p.title, w.full_name, f.name, a.reviewed_at
              FROM {ACTIVITY_TABLES} JOIN core_user w ON w.id = a.author_id
              LEFT JOIN partners_organisation f ON f.id = a.acting_for_id
             WHERE a.id = %(pk)s AND o.path LIKE %(tree)s""",
        """SELECT NULL, at, user_name, action, reason FROM core_auditentry
            WHERE object_type = 'activity' AND object_id = %(pk)s::text ORDER BY sequence""",
    ),
    "review_queue": (waiting(30), EFFECTS, FIRST),
    "dashboard": (BOARD, BY_UNIT, DIRECTIVES),
    "reports": (DUTIES,),
    "calendar": (MONTH, DAYS_OFF),
}
