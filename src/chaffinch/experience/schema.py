"""The tables of the experience database."""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
)

metadata = MetaData()

#: One row: the number of the newest migration that has run.
schema = Table("schema", metadata, Column("version", Integer, nullable=False))

#: What came in, once for each owner; `data` is compressed, `size` is the length before, `source`
#: what it is called where it came from.
items = Table(
    "items",
    metadata,
    Column("owner", String, primary_key=True),
    Column("id", String(32), primary_key=True),
    Column("kind", String, nullable=False),
    Column("received", Float),
    Column("size", Integer, nullable=False),
    Column("data", LargeBinary, nullable=False),
    Column("source", String, nullable=False, server_default=""),
)

#: An append-only log: a row gives a label, or takes an earlier row's label back.
flags = Table(
    "flags",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("item", String(32), nullable=False),
    Column("label", String),
    Column("retracts", Integer),
    Column("by", String, nullable=False),
    Column("door", String, nullable=False),
    Column("flagged", Float, nullable=False),
    ForeignKeyConstraint(["owner", "item"], ["items.owner", "items.id"]),
    ForeignKeyConstraint(["retracts"], ["flags.seq"]),
    Index("flags_by_item", "task", "owner", "item", "seq"),
    Index("flags_by_retracted", "retracts"),
    sqlite_autoincrement=True,
)

#: What was decided, whether or not the item was kept.
verdicts = Table(
    "verdicts",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("owner", String, nullable=False),
    Column("item", String(32), nullable=False),
    Column("label", String, nullable=False),
    Column("probability", Float, nullable=False),
    Column("score", Float, nullable=False),
    Column("action", String, nullable=False),
    Column("model", String, nullable=False),
    Column("door", String, nullable=False),
    Column("judged", Float, nullable=False),
    Index("verdicts_by_item", "task", "owner", "item"),
)

#: Stored models: the file is `models/<id>.safetensors` under the home folder.
models = Table(
    "models",
    metadata,
    Column("id", String, primary_key=True),
    Column("task", String, nullable=False),
    Column("rung", String, nullable=False),
    Column("made", Float, nullable=False),
    Column("trained_to", Integer, nullable=False),
    Column("examples", Integer, nullable=False),
    Column("report", Text, nullable=False),
    Column("kept", Integer, nullable=False),
    Index("models_by_rung", "task", "rung", "trained_to"),
)

#: An append-only history: the last row of a task names its champion.
launches = Table(
    "launches",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("model", String, nullable=False),
    Column("launched", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("replaced", String, nullable=False),
    Column("rollback", Boolean, nullable=False),
    Column("flags_from", Integer, nullable=False),
    ForeignKeyConstraint(["model"], ["models.id"]),
    Index("launches_by_task", "task", "seq"),
)

#: An append-only history of challengers that did not become champion; `champion` stayed or went in.
refusals = Table(
    "refusals",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("model", String, nullable=False),
    Column("champion", String, nullable=False),
    Column("refused", Float, nullable=False),
    Column("reason", Text, nullable=False),
    Column("evidence", Text, nullable=False),
    ForeignKeyConstraint(["model"], ["models.id"]),
    Index("refusals_by_task", "task", "seq"),
)

#: Looks of the adapting loop: what set it off, what came of it; `finished` is null while it is at
#: work, or was killed at it.
adaptations = Table(
    "adaptations",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("began", Float, nullable=False),
    Column("upto", Integer, nullable=False),
    Column("triggers", Text, nullable=False),
    Column("finished", Float),
    Column("outcome", String, nullable=False),
    Column("reason", Text, nullable=False),
    Index("adaptations_by_task", "task", "seq"),
)

#: An append-only history of who is trusted: the last row of a flagger says whether flags are held.
trust = Table(
    "trust",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("by", String, nullable=False),
    Column("decided", Float, nullable=False),
    Column("held", Boolean, nullable=False),
    Column("reason", Text, nullable=False),
    Index("trust_by_flagger", "task", "by", "seq"),
)

#: What was forgotten when, counted; `reason` says by which bounds.
forgettings = Table(
    "forgettings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("task", String, nullable=False),
    Column("forgotten", Float, nullable=False),
    Column("flags", Integer, nullable=False),
    Column("items", Integer, nullable=False),
    Column("verdicts", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Index("forgettings_by_task", "task", "seq"),
)

#: Folders of the mailboxes that `chaffinch imap` guards, as it saw them last; `role` is "kept",
#: "junk", "trash" or "sent".
imap_folders = Table(
    "imap_folders",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("account", String, nullable=False),
    Column("name", Text, nullable=False),
    Column("role", String, nullable=False),
    Column("uidvalidity", BigInteger, nullable=False),
    Column("uidnext", BigInteger, nullable=False),
    Column("messages", BigInteger, nullable=False),
    Column("modseq", BigInteger, nullable=False),
    Index("imap_folders_by_account", "account", "name", unique=True),
)

#: The mails in them, by a digest of what is the same in every folder. `side` says where a mail was
#: last known to belong, `reply` whether it was answered: 0 no, 1 to be learned from, 2 done.
imap_mails = Table(
    "imap_mails",
    metadata,
    Column("account", String, primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("message", String(32), nullable=False),
    Column("side", String, nullable=False),
    Column("reply", Integer, nullable=False),
    Column("seen", Float, nullable=False),
    Index("imap_mails_by_message", "account", "message"),
    Index("imap_mails_by_side", "account", "side"),
)

#: Where they are. `waits` counts from 1 how often it was begun to judge one that is to be judged.
imap_places = Table(
    "imap_places",
    metadata,
    Column("folder", Integer, primary_key=True),
    Column("uid", BigInteger, primary_key=True),
    Column("account", String, nullable=False),
    Column("key", String(32), nullable=False),
    Column("deleted", Boolean, nullable=False),
    Column("waits", Integer, nullable=False),
    ForeignKeyConstraint(["folder"], ["imap_folders.id"]),
    ForeignKeyConstraint(["account", "key"], ["imap_mails.account", "imap_mails.key"]),
    Index("imap_places_by_key", "account", "key"),
)

#: Moves of our own that were begun: written before the server is asked, gone when they are done.
imap_moves = Table(
    "imap_moves",
    metadata,
    Column("account", String, primary_key=True),
    Column("key", String(32), primary_key=True),
    Column("folder", Integer, nullable=False),
    Column("uid", BigInteger, nullable=False),
    ForeignKeyConstraint(["folder"], ["imap_folders.id"]),
)
