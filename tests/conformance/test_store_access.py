"""Organizations, workspaces and keys."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256
from secrets import token_hex
from typing import Any

import pytest
from sqlalchemy.exc import IntegrityError

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import ApiKey, Role, Workspace
from evaluand.ports import KeyRecord
from evaluand.store.sql import SqlStore
from evaluand.testing.clock import START
from evaluand.testing.stores import STORES

LATER = START + timedelta(minutes=5)


@pytest.fixture
def place(store: SqlStore) -> Workspace:
    return store.access.ensure_workspace(f"acme-{token_hex(4)}", "invoices", START)


def add_key(store: SqlStore, place: Workspace, token: str, **other: Any) -> PublicId:
    values: dict[str, Any] = {
        "organization": place.organization,
        "workspace": place.key,
        "email": None,
        "role": Role.MEMBER,
        "name": "ci",
        "hint": "sk_1234",
    }
    digest = sha256(token.encode()).digest()
    return store.access.add_key(**values | other, digest=digest, at=START)


def found(store: SqlStore, token: str) -> KeyRecord | None:
    return store.access.key_by_hash(sha256(token.encode()).digest())


def listed(store: SqlStore, *wanted: PublicId) -> list[ApiKey]:
    everything = store.access.keys()
    return [key for key in everything if key.id in wanted]


def test_a_workspace_is_made_once(store: SqlStore, place: Workspace) -> None:
    again = store.access.ensure_workspace(place.organization_name, place.name, LATER)

    assert again == place
    assert store.access.workspace(place.key) == place
    assert place in store.access.find_workspace("invoices")
    assert store.access.workspaces().count(place) == 1
    assert store.access.ensure_organization(place.organization_name, LATER) == place.organization


def test_the_same_name_in_another_organization_is_another_workspace(
    store: SqlStore, place: Workspace
) -> None:
    other = store.access.ensure_workspace(f"beta-{token_hex(4)}", "invoices", START)

    assert other.id != place.id
    assert {place, other} <= set(store.access.find_workspace("invoices"))


def test_a_workspace_is_found_only_in_its_own_organization(
    store: SqlStore, place: Workspace
) -> None:
    other = store.access.ensure_organization(f"beta-{token_hex(4)}", START)

    assert store.access.workspace_by_id(place.organization, place.id) == place
    assert store.access.workspace_by_id(other, place.id) is None
    assert store.access.workspace_by_id(place.organization, new_public_id()) is None
    assert store.access.workspace(1 << 40) is None


def test_a_key_is_found_by_its_hash_and_by_its_id(store: SqlStore, place: Workspace) -> None:
    token = token_hex()
    key_id = add_key(store, place, token, role=Role.VIEWER)

    record = found(store, token)

    assert record is not None
    assert record == store.access.key_by_id(key_id)
    assert (record.organization, record.workspace) == (place.organization, place.key)
    assert (record.role, record.author.name) == (Role.VIEWER, "ci")
    assert found(store, token + "x") is None
    assert store.access.key_by_id(new_public_id()) is None


def test_a_revoked_key_is_worth_nothing_at_once(store: SqlStore, place: Workspace) -> None:
    token = token_hex()
    key_id = add_key(store, place, token)

    assert store.access.revoke_key(key_id, LATER)

    assert found(store, token) is None
    assert store.access.key_by_id(key_id) is None
    assert not store.access.revoke_key(key_id, LATER)
    assert not store.access.revoke_key(new_public_id(), LATER)


def test_keys_are_listed_oldest_first_without_their_hash(store: SqlStore, place: Workspace) -> None:
    first = add_key(store, place, token_hex(), email="ada@example.com")
    second = add_key(store, place, token_hex(), workspace=None, role=Role.ADMIN, name="org")
    store.access.revoke_key(first, LATER)

    one, two = listed(store, first, second)

    assert (one.id, one.user, one.workspace) == (first, "ada@example.com", "invoices")
    assert (one.created_at, one.revoked_at) == (START, LATER)
    assert (two.id, two.user, two.workspace) == (second, None, None)
    assert (two.role, two.revoked_at) == (Role.ADMIN, None)
    assert {one.organization, two.organization} == {place.organization_name}
    assert not any("hash" in name or "digest" in name for name in type(one).__slots__)


def test_a_user_may_hold_several_keys(store: SqlStore, place: Workspace) -> None:
    keys = {add_key(store, place, token_hex(), email="bob@example.com", role=role) for role in Role}

    found = listed(store, *keys)
    assert {key.user for key in found} == {"bob@example.com"}
    assert {key.role for key in found} == set(Role)


def test_a_refused_key_leaves_nothing_behind(store: SqlStore, place: Workspace) -> None:
    token = token_hex()
    add_key(store, place, token)
    before = store.access.keys()

    with pytest.raises(IntegrityError):
        add_key(store, place, token, email="eve@example.com")

    assert store.access.keys() == before


@pytest.mark.parametrize("name", sorted(STORES))
def test_an_installation_keeps_its_secret_and_shares_it_with_none(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("one")
    with STORES[name](folder) as one, STORES[name](tmp_path_factory.mktemp("two")) as other:
        assert len(one.id_key) == 32
        assert one.id_key != other.id_key
        if name != "memory":
            with STORES[name](folder) as again:
                assert again.id_key == one.id_key
