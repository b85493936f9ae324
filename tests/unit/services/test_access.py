"""Who gets in, as whom and where: every branch of authentication, and making keys."""

from __future__ import annotations

from secrets import token_hex

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evaluand.domain.ids import PublicId, new_public_id
from evaluand.domain.model import Role, Workspace
from evaluand.errors import Forbidden, InvalidRequest, NotFound, Unauthorized
from evaluand.services.access import Access, NewKey, digest_of, require
from evaluand.testing.builders import a_principal
from evaluand.testing.core import Core


@pytest.fixture
def access(core: Core) -> Access:
    return core.services.access


@pytest.fixture
def organization() -> str:
    return f"acme-{token_hex(4)}"


@pytest.fixture
def place(core: Core, organization: str) -> Workspace:
    return core.store.access.ensure_workspace(organization, "invoices", core.clock.now())


@pytest.fixture
def sibling(core: Core, organization: str) -> Workspace:
    return core.store.access.ensure_workspace(organization, "receipts", core.clock.now())


@pytest.fixture
def key(access: Access, place: Workspace) -> NewKey:
    return access.create_key(workspace=place.name, organization=place.organization_name)


@pytest.fixture
def wide_key(access: Access, place: Workspace) -> NewKey:
    return access.create_key(
        workspace=None, organization=place.organization_name, role=Role.ADMIN, name="all"
    )


def listed(access: Access, key: NewKey) -> bool:
    return key.id in [found.id for found in access.list_keys()]


# ── Workspace keys ───────────────────────────────────────────────────────────────────────────────


def test_a_workspace_key_needs_no_workspace_named(
    access: Access, place: Workspace, key: NewKey
) -> None:
    who = access.authenticate(key.token, None, named=False)

    assert (who.workspace, who.role) == (place.key, Role.MEMBER)
    assert (who.author.kind, who.author.name) == ("api_key", "invoices")


def test_a_workspace_key_may_name_its_own(access: Access, place: Workspace, key: NewKey) -> None:
    assert access.authenticate(key.token, place.id, named=True).workspace == place.key


def test_a_workspace_key_is_refused_elsewhere(
    access: Access, sibling: Workspace, key: NewKey
) -> None:
    for other in (sibling.id, new_public_id(), None):
        with pytest.raises(Forbidden, match="another workspace"):
            access.authenticate(key.token, other, named=True)


# ── Organization keys ────────────────────────────────────────────────────────────────────────────


def test_an_organization_key_acts_where_the_request_says(
    access: Access, place: Workspace, sibling: Workspace, wide_key: NewKey
) -> None:
    for where in (place, sibling):
        who = access.authenticate(wide_key.token, where.id, named=True)
        assert (who.workspace, who.role, who.author.name) == (where.key, Role.ADMIN, "all")


def test_an_organization_key_must_be_told_where(access: Access, wide_key: NewKey) -> None:
    with pytest.raises(InvalidRequest, match="each request names"):
        access.authenticate(wide_key.token, None, named=False)


def test_an_organization_key_does_not_reach_other_organizations(
    core: Core, access: Access, wide_key: NewKey
) -> None:
    foreign = core.store.access.ensure_workspace(token_hex(4), "invoices", core.clock.now())

    messages = set()
    for unknown in (foreign.id, new_public_id(), None):
        with pytest.raises(NotFound) as caught:
            access.authenticate(wide_key.token, unknown, named=True)
        messages.add(caught.value.message)
    assert len(messages) == 1


# ── No key ───────────────────────────────────────────────────────────────────────────────────────


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.none() | st.text(st.characters()), st.none() | st.integers(0, 2**120 - 1))
def test_no_other_token_opens_anything(
    access: Access, token: str | None, workspace: PublicId | None
) -> None:
    with pytest.raises(Unauthorized):
        access.authenticate(token, workspace, named=workspace is not None)


def test_a_token_is_taken_exactly(access: Access, key: NewKey) -> None:
    for almost in (key.token[:-1], key.token + " ", key.token.upper(), key.token[:10]):
        with pytest.raises(Unauthorized):
            access.authenticate(almost, None, named=False)


def test_a_revoked_key_opens_nothing(access: Access, place: Workspace, key: NewKey) -> None:
    access.revoke_key(key.id)

    with pytest.raises(Unauthorized):
        access.authenticate(key.token, place.id, named=True)
    with pytest.raises(NotFound):
        access.revoke_key(key.id)
    assert listed(access, key)


# ── Making keys ──────────────────────────────────────────────────────────────────────────────────


def test_tokens_are_long_random_and_not_kept(core: Core, access: Access, key: NewKey) -> None:
    other = access.create_key(workspace="w", organization=token_hex(4))

    assert key.token != other.token
    assert len(key.token) > 40
    (shown,) = (found for found in access.list_keys() if found.id == key.id)
    assert key.token.startswith(shown.hint)
    assert len(shown.hint) == 10
    assert core.store.access.key_by_hash(digest_of(key.token)) is not None
    assert key.token not in repr(access.list_keys())


def test_making_a_key_makes_what_it_belongs_to_once(core: Core, access: Access) -> None:
    organization = token_hex(4)

    first = access.create_key(workspace="new", organization=organization, email="ada@example.com")
    second = access.create_key(workspace="new", organization=organization)

    one = access.authenticate(first.token, None, named=False)
    two = access.authenticate(second.token, None, named=False)
    assert one.workspace == two.workspace
    assert (one.author.name, two.author.name) == ("ada@example.com", "new")


@pytest.mark.parametrize("role", [Role.MEMBER, Role.VIEWER])
def test_only_admins_hold_organization_keys(access: Access, role: Role) -> None:
    before = access.list_keys()

    with pytest.raises(InvalidRequest, match="whole organization") as caught:
        access.create_key(workspace=None, role=role)

    assert caught.value.field == "role"
    assert access.list_keys() == before


@pytest.mark.parametrize("held", Role)
@pytest.mark.parametrize("needed", Role)
def test_roles_include_those_below(held: Role, needed: Role) -> None:
    ranked = [Role.VIEWER, Role.MEMBER, Role.ADMIN]
    principal = a_principal(1, held)

    if ranked.index(held) >= ranked.index(needed):
        require(principal, needed)
    else:
        with pytest.raises(Forbidden, match=f"role {held}; the request needs {needed}"):
            require(principal, needed)
