"""Organizations, workspaces, users and keys: what is read before a tenant is known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, insert, select, update

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import ApiKey, Author, Role, Workspace
from evaluand.ports import KeyRecord
from evaluand.store.database import Database
from evaluand.store.tables import api_keys, members, organizations, users, workspaces


class SqlAccess:
    """Fits :class:`evaluand.ports.AccessStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def key_by_hash(self, digest: bytes) -> KeyRecord | None:
        return self._key(api_keys.c.hash == digest)

    def key_by_id(self, key_id: PublicId) -> KeyRecord | None:
        return self._key(api_keys.c.public_id == key_id)

    def workspace_by_id(self, organization: int, workspace_id: PublicId) -> Workspace | None:
        return self._workspace(
            workspaces.c.public_id == workspace_id, workspaces.c.organization_id == organization
        )

    def workspace(self, key: int) -> Workspace | None:
        return self._workspace(workspaces.c.id == key)

    def find_workspace(self, name: str) -> list[Workspace]:
        statement = _WORKSPACES.where(workspaces.c.name == name).order_by(workspaces.c.id)
        with self._database.read() as connection:
            return [_to_workspace(row) for row in connection.execute(statement)]

    def workspaces(self) -> list[Workspace]:
        """All workspaces, oldest first."""
        with self._database.read() as connection:
            rows = connection.execute(_WORKSPACES.order_by(workspaces.c.id))
            return [_to_workspace(row) for row in rows]

    def ensure_organization(self, organization: str, at: datetime) -> int:
        return self._database.write(
            lambda connection: _ensure(connection, organizations, {"name": organization}, at)
        )

    def ensure_workspace(self, organization: str, workspace: str, at: datetime) -> Workspace:
        def work(connection: Connection) -> int:
            owner = _ensure(connection, organizations, {"name": organization}, at)
            named = {"organization_id": owner, "name": workspace}
            return _ensure(connection, workspaces, named, at)

        found = self.workspace(self._database.write(work))
        if found is None:  # pragma: no cover - it was written a line above
            raise RuntimeError("the workspace just created cannot be read")
        return found

    def add_key(
        self,
        *,
        organization: int,
        workspace: int | None,
        email: str | None,
        role: Role,
        name: str,
        hint: str,
        digest: bytes,
        at: datetime,
    ) -> PublicId:
        public_id = new_public_id()

        def work(connection: Connection) -> None:
            user = None
            if email is not None:
                user = _ensure(connection, users, {"email": email}, at)
                _enrol(connection, user, organization, role)
            values = {
                "public_id": public_id,
                "hash": digest,
                "name": name,
                "hint": hint,
                "organization_id": organization,
                "workspace_id": workspace,
                "user_id": user,
                "role": role,
                "created_at": at,
            }
            connection.execute(insert(api_keys).values(values))

        self._database.write(work)
        return public_id

    def keys(self) -> list[ApiKey]:
        with self._database.read() as connection:
            return [_to_key(row) for row in connection.execute(_KEYS)]

    def revoke_key(self, key_id: PublicId, at: datetime) -> bool:
        statement = (
            update(api_keys)
            .where(api_keys.c.public_id == key_id, api_keys.c.revoked_at.is_(None))
            .values(revoked_at=at)
        )
        return self._database.write(lambda c: c.execute(statement).rowcount == 1)

    def _key(self, condition: Any) -> KeyRecord | None:
        statement = select(api_keys).where(condition, api_keys.c.revoked_at.is_(None))
        with self._database.read() as connection:
            row = connection.execute(statement).one_or_none()
        if row is None:
            return None
        author = Author(kind="api_key", name=row.name)
        role = Role(row.role)
        return KeyRecord(row.organization_id, row.workspace_id, author, role, row.public_id)

    def _workspace(self, *conditions: Any) -> Workspace | None:
        with self._database.read() as connection:
            row = connection.execute(_WORKSPACES.where(*conditions)).one_or_none()
        return None if row is None else _to_workspace(row)


_WORKSPACES = select(workspaces, organizations.c.name.label("organization_name")).join(
    organizations, organizations.c.id == workspaces.c.organization_id
)

_KEYS = (
    select(
        api_keys,
        organizations.c.name.label("organization_name"),
        workspaces.c.name.label("workspace_name"),
        workspaces.c.public_id.label("workspace_public_id"),
        users.c.email,
    )
    .join(organizations, organizations.c.id == api_keys.c.organization_id)
    .outerjoin(workspaces, workspaces.c.id == api_keys.c.workspace_id)
    .outerjoin(users, users.c.id == api_keys.c.user_id)
    .order_by(api_keys.c.id)
)


def _ensure(connection: Connection, table: Table, named: dict[str, Any], at: datetime) -> int:
    conditions = [table.c[column] == value for column, value in named.items()]
    found = connection.execute(select(table.c.id).where(*conditions)).scalar_one_or_none()
    if found is not None:
        return int(found)
    values = {**named, "public_id": new_public_id(), "created_at": at}
    return int(connection.execute(insert(table).values(values).returning(table.c.id)).scalar_one())


def _enrol(connection: Connection, user: int, organization: int, role: Role) -> None:
    mine = members.c.user_id == user, members.c.organization_id == organization
    if connection.execute(select(members.c.role).where(*mine)).one_or_none() is None:
        values = {"user_id": user, "organization_id": organization, "role": role}
        connection.execute(insert(members).values(values))
    else:
        connection.execute(update(members).where(*mine).values(role=role))


def _to_workspace(row: Any) -> Workspace:
    return Workspace(
        key=row.id,
        id=row.public_id,
        name=row.name,
        organization=row.organization_id,
        organization_name=row.organization_name,
    )


def _to_key(row: Any) -> ApiKey:
    return ApiKey(
        key=row.id,
        id=row.public_id,
        name=row.name,
        hint=row.hint,
        organization=row.organization_name,
        workspace=row.workspace_name,
        workspace_id=row.workspace_public_id,
        user=row.email,
        role=Role(row.role),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
