"""The schema. Every table of a tenant has ``workspace_id``; migrations mirror this file.

Append-only: ``item_revisions``, ``executions``, ``scores``, and ``calls`` but for their answers.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)

from evaluand.store.columns import Id, Instant, JsonBytes

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is declared INTEGER.
Key = BigInteger().with_variant(Integer, "sqlite")


def _key() -> Column[int]:
    return Column("id", Key, primary_key=True, autoincrement=True)


def _workspace() -> Column[int]:
    return Column("workspace_id", Key, ForeignKey("workspaces.id"), nullable=False)


installation = Table(
    "installation",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("id_key", LargeBinary, nullable=False),
)

organizations = Table(
    "organizations",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    Column("name", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

workspaces = Table(
    "workspaces",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    Column("organization_id", Key, ForeignKey("organizations.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("organization_id", "name"),
)

users = Table(
    "users",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    Column("email", Text, nullable=False, unique=True),
    Column("created_at", Instant, nullable=False),
)

members = Table(
    "members",
    metadata,
    Column("user_id", Key, ForeignKey("users.id"), nullable=False),
    Column("organization_id", Key, ForeignKey("organizations.id"), nullable=False),
    Column("role", Text, nullable=False),
    PrimaryKeyConstraint("user_id", "organization_id"),
)

api_keys = Table(
    "api_keys",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    Column("hash", LargeBinary(32), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("organization_id", Key, ForeignKey("organizations.id"), nullable=False),
    # An organization key has no workspace of its own: each request names one.
    Column("workspace_id", Key, ForeignKey("workspaces.id"), nullable=True),
    Column("user_id", Key, ForeignKey("users.id"), nullable=True),
    Column("role", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("revoked_at", Instant, nullable=True),
)

files = Table(
    "files",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("name", Text, nullable=False),
    Column("kind", Text, nullable=True),
    Column("size", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("page_count", Integer, nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("deleted_at", Instant, nullable=True),
    Index(None, "workspace_id", "created_at", "id"),
)

targets = Table(
    "targets",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("kind", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Index(None, "workspace_id", "kind", "created_at", "id"),
    Index(None, "workspace_id", "kind", "updated_at", "id"),
)

target_versions = Table(
    "target_versions",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("target_id", Key, ForeignKey("targets.id"), nullable=False),
    # The draft has no number. Numbers sort as two integers; newest means the highest key.
    Column("major", Integer, nullable=True),
    Column("minor", Integer, nullable=True),
    Column("description", Text, nullable=True),
    Column("config", JsonBytes, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("created_by", JsonBytes, nullable=True),
    UniqueConstraint("target_id", "major", "minor"),
    Index(None, "target_id", "id"),
)

evaluation_sets = Table(
    "evaluation_sets",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("name", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("target_id", Key, ForeignKey("targets.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", JsonBytes, nullable=True),
    Column("deleted_at", Instant, nullable=True),
    Index(None, "workspace_id", "created_at", "id"),
    Index(None, "workspace_id", "updated_at", "id"),
)

items = Table(
    "items",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("set_id", Key, ForeignKey("evaluation_sets.id"), nullable=False),
    Column("revision_id", Key, nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("created_by", JsonBytes, nullable=True),
    # The set's version in which the item is gone; earlier versions still have it.
    Column("deleted_in_version", Integer, nullable=True),
    Index(None, "set_id", "created_at", "id"),
    Index(None, "set_id", "updated_at", "id"),
)

item_revisions = Table(
    "item_revisions",
    metadata,
    _key(),
    _workspace(),
    # Documents processed without a set are revisions of no item.
    Column("item_id", Key, ForeignKey("items.id"), nullable=True),
    Column("set_version", Integer, nullable=True),
    Column("content", JsonBytes, nullable=False),
    # First file's name in lower case: runs are listed by it.
    Column("file_name", Text, nullable=True),
    Column("digest", LargeBinary(32), nullable=False),
    Column("created_at", Instant, nullable=False),
    Index(None, "item_id", "set_version"),
)

suites = Table(
    "suites",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("name", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("metrics", JsonBytes, nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("workspace_id", "name", "version"),
)

runs = Table(
    "runs",
    metadata,
    _key(),
    Column("public_id", Id, nullable=False, unique=True),
    _workspace(),
    Column("purpose", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("set_id", Key, ForeignKey("evaluation_sets.id"), nullable=True),
    Column("set_public_id", Id, nullable=True),
    Column("target_id", Key, ForeignKey("targets.id"), nullable=True),
    Column("snapshot", JsonBytes, nullable=False),
    Column("digest", Text, nullable=False),
    Column("item_count", Integer, nullable=False),
    Column("passed", Integer, nullable=False, server_default="0"),
    Column("failed", Integer, nullable=False, server_default="0"),
    Column("error", Integer, nullable=False, server_default="0"),
    Column("skipped", Integer, nullable=False, server_default="0"),
    Column("paid_calls", Integer, nullable=False, server_default="0"),
    Column("reused_answers", Integer, nullable=False, server_default="0"),
    Column("unknown_calls", Integer, nullable=False, server_default="0"),
    Column("cost_usd", Float, nullable=False, server_default="0"),
    Column("pages", Integer, nullable=False, server_default="0"),
    Column("cancel_requested", Boolean, nullable=False, server_default="0"),
    Column("summary", JsonBytes, nullable=True),
    Column("failure", Text, nullable=True),
    Column("priority", Integer, nullable=False, server_default="50"),
    Column("metadata", JsonBytes, nullable=True),
    Column("created_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("started_at", Instant, nullable=True),
    Column("finished_at", Instant, nullable=True),
    Column("created_by", JsonBytes, nullable=True),
    Index(None, "workspace_id", "created_at", "id"),
    Index(None, "workspace_id", "updated_at", "id"),
    Index(None, "status"),
)

run_items = Table(
    "run_items",
    metadata,
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    _workspace(),
    Column("item_id", Key, nullable=True),
    Column("revision_id", Key, ForeignKey("item_revisions.id"), nullable=False),
    Column("deleted_at", Instant, nullable=True),
    PrimaryKeyConstraint("run_id", "position"),
    Index(None, "workspace_id", "run_id", "position"),
)

chunks = Table(
    "chunks",
    metadata,
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("first", Integer, nullable=False),
    Column("last", Integer, nullable=False),
    Column("epoch", Integer, nullable=False, server_default="0"),
    Column("closed", Boolean, nullable=False, server_default="0"),
    # The chunk's share of the summary, folded when it closed.
    Column("fold", JsonBytes, nullable=True),
    PrimaryKeyConstraint("run_id", "number"),
    Index("ix_chunks_open", "closed", "run_id"),
)

executions = Table(
    "executions",
    metadata,
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    _workspace(),
    Column("outcome", Text, nullable=False),
    Column("output", JsonBytes, nullable=True),
    Column("failure_reason", Text, nullable=True),
    Column("failure_message", Text, nullable=True),
    Column("pages", Integer, nullable=True),
    Column("usage", JsonBytes, nullable=True),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant, nullable=False),
    Column("latency_ms", Integer, nullable=False),
    PrimaryKeyConstraint("run_id", "position"),
    Index(None, "workspace_id", "finished_at", "run_id", "position"),
)

scores = Table(
    "scores",
    metadata,
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("metric", Text, nullable=False),
    _workspace(),
    Column("value", Float, nullable=True),
    Column("passed", Boolean, nullable=True),
    Column("explanation", Text, nullable=True),
    Column("detail", JsonBytes, nullable=True),
    PrimaryKeyConstraint("run_id", "position", "metric"),
)

calls = Table(
    "calls",
    metadata,
    Column("run_id", Key, ForeignKey("runs.id"), nullable=False),
    Column("position", Integer, nullable=False),
    Column("stage", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
    Column("attempt", Integer, nullable=False),
    _workspace(),
    # SHA-256 of what was asked: an answer is reused only for the same question.
    Column("request_digest", LargeBinary(32), nullable=False),
    Column("intended_at", Instant, nullable=False),
    Column("answered_at", Instant, nullable=True),
    Column("status", Integer, nullable=True),
    Column("body", LargeBinary, nullable=True),
    Column("failure", Text, nullable=True),
    Column("input_tokens", Integer, nullable=True),
    Column("output_tokens", Integer, nullable=True),
    Column("cost_usd", Float, nullable=True),
    # Set when the process ended before an answer came: nobody knows whether it was billed.
    Column("fate_unknown", Boolean, nullable=False, server_default="0"),
    PrimaryKeyConstraint("run_id", "position", "stage", "sequence", "attempt"),
)

# Tables without rows of a tenant, or read before the tenant is known.
UNSCOPED = frozenset(
    {"installation", "organizations", "workspaces", "users", "members", "api_keys", "chunks"}
)
