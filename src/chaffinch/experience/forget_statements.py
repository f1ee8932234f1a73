"""What stays of the experience of a task and what goes, in SQL: planned first, then done.

The plan stands in tables of the connection's own, on its disk where they are large, so that making
it locks nobody out. Every statement on the experience takes ``:task``.
"""

from __future__ import annotations

#: What was ever flagged or judged, each once for each owner. `flag` and `verdict` are the places of
#: the last row about it, `standing` and `label` those of the flag that stands, `time` is when that
#: was given, or else when the last row was written. `part` says why it stays; without, it goes.
UNITS = """
CREATE TEMP TABLE units (
  place INTEGER PRIMARY KEY, owner TEXT, item TEXT, flag INTEGER, verdict INTEGER,
  flags INTEGER, verdicts INTEGER, standing INTEGER, label TEXT, time REAL, part TEXT)"""

#: Verdicts on what stays, older than its newest ``:verdicts``.
SURPLUS = "CREATE TEMP TABLE surplus (seq INTEGER PRIMARY KEY)"

FIND_UNITS = """
INSERT INTO units (owner, item, flag, verdict, flags, verdicts, time, standing)
SELECT owner, item, max(flag), max(verdict), sum(flags), sum(verdicts), max(time), (
  SELECT max(f.seq) FROM flags f WHERE f.task = :task AND f.owner = said.owner
    AND f.item = said.item AND f.label IS NOT NULL
    AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = f.seq))
FROM (
  SELECT owner, item, max(seq) AS flag, NULL AS verdict, count(*) AS flags, 0 AS verdicts,
    max(flagged) AS time FROM flags WHERE task = :task GROUP BY owner, item
  UNION ALL
  SELECT owner, item, NULL, max(seq), 0, count(*), max(judged) FROM verdicts WHERE task = :task
    GROUP BY owner, item) AS said
GROUP BY owner, item"""

LABEL_UNITS = """
UPDATE units SET
  label = (SELECT f.label FROM flags f WHERE f.seq = units.standing),
  time = (SELECT f.flagged FROM flags f WHERE f.seq = units.standing)
WHERE standing IS NOT NULL"""

#: Why units stay, in this order. In the reservoir each label takes its turn: each has an equal
#: share, and what one leaves is the others'.
PARTS = {
    "newest": """
      SELECT place FROM units WHERE standing IS NOT NULL AND time >= :since
      ORDER BY standing DESC LIMIT :flagged""",
    "reservoir": """
      SELECT place FROM (
        SELECT place, item, owner, row_number() OVER (PARTITION BY label ORDER BY item, owner)
          AS turn FROM units WHERE standing IS NOT NULL AND time >= :since AND part IS NULL)
      ORDER BY turn, item, owner LIMIT :reservoir""",
    "unflagged": """
      SELECT place FROM units WHERE standing IS NULL AND time >= :since
      ORDER BY time DESC, item, owner LIMIT :unflagged""",
    # What no stored model has learned or unlearned yet would be lost without a trace.
    "waiting": "SELECT place FROM units WHERE part IS NULL AND flag > :learned",
}

# The cross join has the few units with many verdicts looked through first.
FIND_SURPLUS = """
INSERT INTO surplus SELECT seq FROM (
  SELECT v.seq, row_number() OVER (PARTITION BY v.owner, v.item ORDER BY v.seq DESC) AS turn
  FROM units u CROSS JOIN verdicts v
  WHERE u.part IS NOT NULL AND u.verdicts > :verdicts
    AND v.task = :task AND v.owner = u.owner AND v.item = u.item)
WHERE turn > :verdicts"""

#: Units, and rows about them, by label and part.
COUNT_UNITS = """
SELECT label, part, count(*) AS units, sum(flags) AS flags, sum(verdicts) AS verdicts
FROM units GROUP BY label, part"""

COUNT_SURPLUS = "SELECT count(*) FROM surplus"

#: The next ``:most`` units that go.
NEXT_UNITS = """
SELECT place, owner, item FROM units WHERE part IS NULL AND place > :after
ORDER BY place LIMIT :most"""

#: Whether nothing was said about a unit since it was planned that it goes.
UNTOUCHED = """
SELECT 1 FROM units WHERE place = :place
  AND flag IS (SELECT max(seq) FROM flags
    WHERE task = :task AND owner = units.owner AND item = units.item)
  AND verdict IS (SELECT max(seq) FROM verdicts
    WHERE task = :task AND owner = units.owner AND item = units.item)"""

FORGET_FLAGS = "DELETE FROM flags WHERE task = :task AND owner = :owner AND item = :item"
FORGET_VERDICTS = "DELETE FROM verdicts WHERE task = :task AND owner = :owner AND item = :item"

# The tasks that a table knows, each found with one step in its index, which begins with the task.
_TASKS = """
WITH RECURSIVE found(task) AS (
  SELECT min(task) FROM {table}
  UNION ALL
  SELECT (SELECT min(task) FROM {table} WHERE task > found.task) FROM found
  WHERE found.task IS NOT NULL)
SELECT task FROM found WHERE task <> :task"""
# No other task has a flag of an item or a verdict on it.
_UNNEEDED = f"""
  NOT EXISTS (SELECT 1 FROM flags f WHERE f.task IN ({_TASKS.format(table="flags")})
    AND f.owner = items.owner AND f.item = items.id)
  AND NOT EXISTS (SELECT 1 FROM verdicts v WHERE v.task IN ({_TASKS.format(table="verdicts")})
    AND v.owner = items.owner AND v.item = items.id)"""  # noqa: S608 (our own names)

#: Of a unit whose flags and verdicts are gone.
FORGET_ITEM = f"DELETE FROM items WHERE owner = :owner AND id = :item AND {_UNNEEDED}"  # noqa: S608
COUNT_ITEMS = f"""
SELECT count(*) FROM units u JOIN items ON items.owner = u.owner AND items.id = u.item
WHERE u.part IS NULL AND {_UNNEEDED}"""  # noqa: S608

#: A unit about which something was said since it was planned that it goes, waits for the next plan.
STAYS = "UPDATE units SET part = 'waiting' WHERE place = :place"

#: The next ``:most`` surplus verdicts.
NEXT_SURPLUS = "SELECT seq FROM surplus WHERE seq > :after ORDER BY seq LIMIT :most"
FORGET_VERDICT = "DELETE FROM verdicts WHERE seq = ?"

NOTE = """
INSERT INTO forgettings (task, forgotten, flags, items, verdicts, reason)
VALUES (:task, :now, 0, 0, 0, :reason)"""
COUNT_UP = """
UPDATE forgettings SET flags = flags + :flags, items = items + :items,
  verdicts = verdicts + :verdicts WHERE seq = :seq"""
