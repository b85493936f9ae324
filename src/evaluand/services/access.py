"""Who may do what: keys, workspaces, roles.

A token is 256 random bits, shown once and kept as its SHA-256: nothing to crack, nothing to leak.
"""

from __future__ import annotations

import secrets
from hashlib import sha256
from typing import NamedTuple

from evaluand.domain.ids import PublicId
from evaluand.domain.model import ApiKey, Author, Principal, Role, Workspace
from evaluand.errors import Forbidden, InvalidRequest, NotFound, Unauthorized
from evaluand.ports import AccessStore, Clock, KeyRecord

_TOKEN_BYTES = 32
_HINT_LENGTH = 10
_RANK = {Role.VIEWER: 0, Role.MEMBER: 1, Role.ADMIN: 2}
DEFAULT_ORGANIZATION = "default"
DEFAULT_WORKSPACE = "default"


class NewKey(NamedTuple):
    """A key just made. The token is shown this once."""

    id: PublicId
    token: str


class Access:
    """Authenticates requests and manages keys."""

    def __init__(self, store: AccessStore, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    def authenticate(self, token: str | None, workspace: PublicId | None, named: bool) -> Principal:
        """The principal behind ``token``, acting in ``workspace``.

        ``named`` says that the request names a workspace, even if its id is unreadable
        (``workspace`` is then None). Raises Unauthorized for a missing or unknown token,
        InvalidRequest for an organization key that names no workspace, Forbidden for a workspace
        key that names another one, NotFound for a workspace unknown to the organization.
        """
        record = self._store.key_by_hash(digest_of(token)) if token else None
        if record is None:
            raise Unauthorized(
                "The API key is missing or unknown. Send 'Authorization: Bearer <key>' with a key "
                "made by 'evaluand keys create'."
            )
        return self.admit(record, workspace, named)

    def admit(self, record: KeyRecord, workspace: PublicId | None, named: bool) -> Principal:
        """The principal behind a key that is known to be good; raises as ``authenticate``."""
        found = None
        if workspace is not None:
            found = self._store.workspace_by_id(record.organization, workspace)
        if record.workspace is not None:
            if named and (found is None or found.key != record.workspace):
                raise Forbidden(
                    "This key belongs to another workspace. Leave the workspace header out, or use "
                    "an organization key."
                )
            return Principal(workspace=record.workspace, author=record.author, role=record.role)
        if not named:
            raise InvalidRequest(
                "An organization key acts in a workspace that each request names. Add the "
                "workspace header."
            )
        if found is None:
            raise NotFound("There is no such workspace in the key's organization.")
        return Principal(workspace=found.key, author=record.author, role=record.role)

    def create_key(
        self,
        *,
        workspace: str | None,
        organization: str | None = None,
        email: str | None = None,
        role: Role = Role.MEMBER,
        name: str | None = None,
    ) -> NewKey:
        """Makes a key, and whatever it belongs to that does not exist yet.

        Without ``workspace`` it is an organization key, which only admins hold.
        """
        now = self._clock.now()
        if workspace is None and role is not Role.ADMIN:
            raise InvalidRequest(
                "A key without a workspace reaches the whole organization: give it the role admin, "
                "or name a workspace.",
                field="role",
            )
        workspace_key = None
        if workspace is None:
            owner = self._store.ensure_organization(organization or DEFAULT_ORGANIZATION, now)
        else:
            place = self._store.ensure_workspace(
                organization or DEFAULT_ORGANIZATION, workspace, now
            )
            owner, workspace_key = place.organization, place.key
        token = f"sk_{secrets.token_urlsafe(_TOKEN_BYTES)}"
        key_id = self._store.add_key(
            organization=owner,
            workspace=workspace_key,
            email=email,
            role=role,
            name=name or email or workspace or "organization key",
            hint=token[:_HINT_LENGTH],
            digest=digest_of(token),
            at=now,
        )
        return NewKey(key_id, token)

    def owner(
        self, name: str, *, workspace: str | None, organization: str | None, create: bool
    ) -> Principal:
        """Whoever holds the data folder: an admin in the workspace named, without any key.

        Without a name it is the only workspace there is, or else ``default``. With ``create`` a
        workspace that is missing is made. Raises NotFound, or InvalidRequest where more than one
        fits.
        """
        place = self._place(workspace, organization)
        if place is None and not create:
            names = self._names()
            there = f"There are: {names}." if names else "There is none yet: start a run first."
            raise NotFound(f"There is no workspace {workspace or DEFAULT_WORKSPACE!r}. {there}")
        if place is None:
            place = self._store.ensure_workspace(
                organization or DEFAULT_ORGANIZATION,
                workspace or DEFAULT_WORKSPACE,
                self._clock.now(),
            )
        author = Author(kind="user", name=name)
        return Principal(workspace=place.key, author=author, role=Role.ADMIN)

    def _place(self, workspace: str | None, organization: str | None) -> Workspace | None:
        fitting = [
            place
            for place in self._store.workspaces()
            if workspace in (None, place.name) and organization in (None, place.organization_name)
        ]
        if workspace is None and len(fitting) > 1:
            fitting = [place for place in fitting if place.name == DEFAULT_WORKSPACE] or fitting
        if len(fitting) > 1:
            raise InvalidRequest(
                f"Several workspaces fit: {self._names()} (organization/workspace). Choose one "
                "with --workspace, and --organization where the name is not enough.",
                field="workspace",
            )
        return fitting[0] if fitting else None

    def _names(self) -> str:
        return ", ".join(f"{p.organization_name}/{p.name}" for p in self._store.workspaces())

    def list_keys(self) -> list[ApiKey]:
        """All keys of the installation, oldest first, without their secrets."""
        return self._store.keys()

    def revoke_key(self, key_id: PublicId) -> None:
        """Makes a key worthless at once. Raises NotFound if there is none to revoke."""
        if not self._store.revoke_key(key_id, self._clock.now()):
            raise NotFound("There is no such key, or it is revoked already.")


def require(principal: Principal, role: Role) -> None:
    """Raises Forbidden unless the principal's role reaches ``role``."""
    if _RANK[principal.role] < _RANK[role]:
        raise Forbidden(
            f"This key has the role {principal.role}; the request needs {role}. Ask an admin for "
            "another key."
        )


def digest_of(token: str) -> bytes:
    """What is kept of a token."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()
