"""What is counted of the experience for each of many periods, in SQL.

Every statement takes ``:task``, and but for those of items ``:since``, ``:until`` and ``:step``.
"""

from __future__ import annotations

# Flags that stand, each with when its item was first flagged.
_STANDING = """
WITH standing AS (
  SELECT f.seq, f.owner, f.item, f.label, f.flagged,
    (SELECT min(o.flagged) FROM flags o WHERE o.task = f.task AND o.owner = f.owner
      AND o.item = f.item AND o.label IS NOT NULL) AS first_flagged
  FROM flags f
  WHERE f.task = :task AND f.label IS NOT NULL AND f.door <> 'self'
    AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = f.seq)
    AND NOT EXISTS (SELECT 1 FROM flags n WHERE n.task = f.task AND n.owner = f.owner
      AND n.item = f.item AND n.seq > f.seq AND n.label IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = n.seq))
)"""
# Each with the last verdict that was given before anybody said what the item is.
_OUTCOMES = """,
outcomes AS (
  SELECT s.seq, s.owner, s.item, s.label, v.label AS said, v.action, v.model,
    CASE WHEN s.flagged < :since THEN -1
      ELSE CAST((s.flagged - :since) / :step AS INTEGER) END AS period
  FROM standing s JOIN verdicts v ON v.seq = (
    SELECT max(b.seq) FROM verdicts b WHERE b.task = :task AND b.owner = s.owner
      AND b.item = s.item AND b.judged <= s.first_flagged)
  WHERE s.flagged < :until
)"""
# Every row of the log, with the label that the item had before it.
_LOGGED = """
WITH logged AS (
  SELECT f.seq, f.owner, f.item, f.by, f.door, f.label,
    CAST((f.flagged - :since) / :step AS INTEGER) AS period,
    CASE WHEN f.label IS NULL THEN (SELECT t.label FROM flags t WHERE t.seq = f.retracts)
      ELSE (SELECT b.label FROM flags b WHERE b.task = f.task AND b.owner = f.owner
        AND b.item = f.item AND b.seq < f.seq AND b.label IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = b.seq AND t.seq < f.seq)
        ORDER BY b.seq DESC LIMIT 1) END AS before
  FROM flags f
  WHERE f.task = :task AND f.flagged >= :since AND f.flagged < :until
)"""


def _joined(*parts: str) -> str:
    return "\n".join(parts)


#: When the rows of each table were written.
TIMES = {
    "flags": "SELECT min(flagged), max(flagged) FROM flags WHERE task = :task",
    "verdicts": "SELECT min(judged), max(judged) FROM verdicts WHERE task = :task",
    "models": "SELECT min(made), max(made) FROM models WHERE task = :task",
    "launches": "SELECT min(launched), max(launched) FROM launches WHERE task = :task",
    "refusals": "SELECT min(refused), max(refused) FROM refusals WHERE task = :task",
}

#: Rows of the log, counted.
FLAGS = _joined(
    _LOGGED,
    "SELECT period, door = :bulk AS bulk, by, door, label, before, count(*) AS flags,",
    "  min(seq) AS first, max(seq) AS last",
    "FROM logged GROUP BY period, by, door, label, before ORDER BY period, min(seq)",
)

#: The last ``:most`` of a period that changed a label or took one back.
CORRECTIONS = _joined(
    _LOGGED,
    "SELECT * FROM (SELECT *, row_number() OVER (PARTITION BY period ORDER BY seq DESC) AS place",
    "  FROM logged WHERE before <> coalesce(label, '')) AS numbered",
    "WHERE place <= :most ORDER BY seq",
)

#: The first ``:most`` labels of a part of the log.
LOGGED = """
SELECT item, label FROM flags WHERE task = :task AND seq BETWEEN :first AND :last
  AND label IS NOT NULL ORDER BY seq LIMIT :most"""

#: Verdicts, counted.
VERDICTS = """
SELECT CAST((judged - :since) / :step AS INTEGER) AS period, model, action, count(*) AS verdicts
FROM verdicts WHERE task = :task AND judged >= :since AND judged < :until
GROUP BY 1, 2, 3 ORDER BY 1, min(seq)"""

#: Verdicts and what people said of their items afterwards, counted.
OUTCOMES = _joined(
    _STANDING + _OUTCOMES,
    "SELECT period, model, label, said, action, count(*) AS items FROM outcomes",
    "GROUP BY period, model, label, said, action ORDER BY period, max(seq)",
)

#: The last ``:most`` items of a period that met the wrong action: of each label and action.
MISTAKES = _joined(
    _STANDING + _OUTCOMES,
    "SELECT * FROM (SELECT *, row_number() OVER (",
    "    PARTITION BY period, label, action ORDER BY seq DESC) AS place FROM outcomes",
    "  WHERE period >= 0 AND (label = :negative AND action IN ('junk', 'would-junk')",
    "    OR label = :positive AND action = 'deliver'",
    "    OR label <> said AND action IN ('accept', 'would-accept'))) AS numbered",
    "WHERE place <= :most ORDER BY seq",
)

#: Launches: the last of those that kept the rung, and the last ``:most`` others.
LAUNCHES = """
WITH launched AS (
  SELECT CAST((l.launched - :since) / :step AS INTEGER) AS period, l.seq, l.model, l.launched,
    l.reason, l.replaced, l.rollback, m.rung, m.examples, r.rung AS before,
    NOT l.rollback AND r.rung IS NOT NULL AND r.rung = m.rung AS same
  FROM launches l JOIN models m ON m.id = l.model LEFT JOIN models r ON r.id = l.replaced
  WHERE l.task = :task AND l.launched >= :since AND l.launched < :until
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY period, same ORDER BY seq DESC) AS place,
    count(*) OVER (PARTITION BY period, same) AS alike
  FROM launched
)
SELECT n.*, m.report FROM numbered n JOIN models m ON m.id = n.model
WHERE n.place <= CASE WHEN n.same THEN 1 ELSE :most END ORDER BY n.seq"""

#: Refusals: the last of each rung.
REFUSALS = """
WITH refused AS (
  SELECT CAST((f.refused - :since) / :step AS INTEGER) AS period, f.seq, f.model, f.champion,
    f.refused, f.reason, f.evidence, m.rung
  FROM refusals f JOIN models m ON m.id = f.model
  WHERE f.task = :task AND f.refused >= :since AND f.refused < :until
), numbered AS (
  SELECT *, row_number() OVER (PARTITION BY period, rung ORDER BY seq DESC) AS place,
    count(*) OVER (PARTITION BY period, rung) AS alike
  FROM refused
)
SELECT * FROM numbered WHERE place = 1 ORDER BY seq"""

#: Items by owners and ids, each with the flag that stands and the verdict before its first flag.
ITEMS = """
SELECT i.owner, i.id, i.kind, i.received, i.data, i.source, f.label, f.by, f.flagged,
  v.label AS judged_label, v.probability, v.action, v.model, v.judged
FROM items i
LEFT JOIN flags f ON f.seq = (
  SELECT max(s.seq) FROM flags s WHERE s.task = :task AND s.owner = i.owner AND s.item = i.id
    AND s.label IS NOT NULL AND NOT EXISTS (SELECT 1 FROM flags t WHERE t.retracts = s.seq))
LEFT JOIN verdicts v ON v.seq = (
  SELECT max(b.seq) FROM verdicts b WHERE b.task = :task AND b.owner = i.owner AND b.item = i.id
    AND b.judged <= coalesce((SELECT min(o.flagged) FROM flags o WHERE o.task = :task
      AND o.owner = i.owner AND o.item = i.id AND o.label IS NOT NULL), b.judged))
WHERE i.owner IN :owners AND i.id IN :ids"""

#: The newest ``:most`` items that were judged or flagged, and when each was met first.
SEEN = """
SELECT owner, item, min(time) AS first FROM (
  SELECT owner, item, judged AS time FROM verdicts WHERE task = :task
  UNION ALL
  SELECT owner, item, flagged FROM flags WHERE task = :task AND label IS NOT NULL) AS met
GROUP BY owner, item HAVING min(time) < :until ORDER BY first DESC LIMIT :most"""

#: The champion at a time.
LIVE = """
SELECT model FROM launches WHERE task = :task AND launched < :time ORDER BY seq DESC LIMIT 1"""

#: A model.
MODEL = "SELECT * FROM models WHERE id = :id"
