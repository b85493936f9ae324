"""Sessions: what opens them, what ends them, and what cannot be forged."""

from __future__ import annotations

import base64

import pytest
from tests.unit.web.world import ORIGIN, Browser, World

from evaluand.domain.ids import new_public_id, to_base62, to_prefixed
from evaluand.domain.model import Role
from evaluand.errors import Unauthorized
from evaluand.services.sessions import LIFETIME
from evaluand.web.application import build_pages


def test_the_cookie_holds_no_key_and_scripts_cannot_read_it(world: World) -> None:
    token, browser = world.token(), world.browser(role=None)

    cookie = browser.post("/sign-in", {"key": token}).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "SameSite=strict" in cookie
    assert "Secure" not in cookie  # the test's address is plain HTTP
    encoded = browser.cookies["evaluand_session"].split(".")[0]
    held = base64.urlsafe_b64decode(encoded).decode()
    assert token not in cookie + held
    assert token.removeprefix("sk_") not in held


def test_behind_https_the_cookie_is_never_sent_in_clear(world: World) -> None:
    browser = Browser(build_pages(world.parts(public_url="https://evaluand.example")))

    answer = browser.post("/sign-in", {"key": world.token()}, origin="https://evaluand.example")

    assert "Secure" in answer.headers["set-cookie"]


def test_revoking_the_key_ends_the_session_at_once(world: World) -> None:
    access = world.core.services.access
    made = access.create_key(workspace="invoices", organization="acme")
    browser = world.browser(role=None)
    browser.sign_in(made.token)
    assert browser.get("/").status_code == 200

    access.revoke_key(made.id)

    assert browser.get("/").headers["location"].startswith("/sign-in")


def test_a_session_ends_after_its_time(world: World) -> None:
    browser = world.browser()
    world.core.clock.advance(seconds=LIFETIME.total_seconds() - 1)
    assert browser.get("/").status_code == 200

    world.core.clock.advance(seconds=2)

    assert browser.get("/").status_code == 303


def test_signing_out_forgets_the_session(world: World) -> None:
    browser = world.browser()

    assert browser.post("/sign-out").headers["location"] == "/sign-in"
    assert browser.get("/").status_code == 303


def test_an_altered_session_is_none(world: World) -> None:
    text = world.sessions.open(world.token(), None, False)

    assert world.sessions.read(text).workspace.name == "invoices"
    for place in range(0, len(text), 7):
        other = "A" if text[place] != "A" else "B"
        with pytest.raises(Unauthorized):
            world.sessions.read(text[:place] + other + text[place + 1 :])


@pytest.mark.parametrize("text", ["", ".", "x", "é.ü", "W10=.", "." * 9])
def test_what_is_no_session_leads_to_the_sign_in(world: World, text: str) -> None:
    with pytest.raises(Unauthorized):
        world.sessions.read(text)


def test_a_key_cannot_be_used_for_another_workspace_of_the_session(world: World) -> None:
    other = world.core.services.access.create_key(workspace="other", organization="acme")
    place = world.core.store.access.find_workspace("invoices")[0]
    browser = world.browser(role=None)

    answer = browser.post("/sign-in", {"key": other.token, "workspace": to_base62(place.id)})

    assert answer.status_code == 403
    assert "This key belongs to another workspace." in answer.text
    assert "set-cookie" not in answer.headers


def test_a_key_of_an_organization_names_its_workspace(world: World) -> None:
    place = world.core.store.access.find_workspace("invoices")[0]
    token, browser = world.token(Role.ADMIN, workspace=None), world.browser(role=None)

    unnamed = browser.post("/sign-in", {"key": token})
    unknown = browser.post(
        "/sign-in", {"key": token, "workspace": to_prefixed("ws", new_public_id())}
    )
    named = browser.post("/sign-in", {"key": token, "workspace": to_prefixed("ws", place.id)})

    assert (unnamed.status_code, unknown.status_code, named.status_code) == (400, 404, 303)
    assert "Enter the id of the one you want." in unnamed.text
    assert "no such workspace" in unknown.text
    assert "<strong>invoices</strong>" in browser.get("/").text


@pytest.mark.parametrize("key", ["", "sk_wrong", "\ud800".encode("utf-8", "replace").decode()])
def test_a_wrong_key_is_told_and_opens_nothing(world: World, key: str) -> None:
    answer = world.browser(role=None).post("/sign-in", {"key": key})

    assert answer.status_code == 401
    assert "There is no such key, or it was revoked." in answer.text
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "origin", [None, "null", "http://evil.test", "http://pages.test.evil.test", "http://["]
)
@pytest.mark.parametrize("path", ["/sign-in", "/sign-out", "/runs/x/cancel"])
def test_forms_from_elsewhere_are_turned_down(world: World, path: str, origin: str | None) -> None:
    browser = world.browser()

    answer = browser.post(path, {"key": world.token()}, origin=origin)

    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    ("asked", "led"),
    [
        ("/runs/x?item=1", "/runs/x?item=1"),
        ("//evil.test/", "/"),
        ("/\\evil.test", "/"),
        ("https://evil.test", "/"),
        ("/\t/evil.test", "/"),
        ("", "/"),
    ],
)
def test_signing_in_leads_on_within_this_server_only(world: World, asked: str, led: str) -> None:
    answer = world.browser(role=None).post("/sign-in", {"key": world.token(), "next": asked})

    assert answer.headers["location"] == led


def test_a_form_without_end_is_not_read(world: World) -> None:
    answer = world.browser(role=None).post("/sign-in", {"key": "x" * 20_000})

    assert answer.status_code == 413


def test_who_follows_a_link_from_elsewhere_arrives_by_a_page_of_this_server(world: World) -> None:
    browser = world.browser(role=None)

    answer = browser.get("/runs/x?item=3", **{"sec-fetch-site": "cross-site"})

    assert answer.status_code == 200
    assert 'content="0;url=/runs/x?item=3"' in answer.text
    assert ORIGIN not in answer.text
