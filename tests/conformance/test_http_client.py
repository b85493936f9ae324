"""The HTTP client over real sockets: what it brings back, and what it does not let happen."""

from __future__ import annotations

import asyncio
import gzip
import re
import socket
import time
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from typing import TypeVar

import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from evaluand.models.http_client import AiohttpClient, HttpLimits
from evaluand.ports import CallFailed, Http, Request, Response
from evaluand.testing.provider import ScriptedProvider
from evaluand.testing.provider_answers import MISBEHAVIOURS, Received, Reply

T = TypeVar("T")
MB = 2**20


class FixedResolver(AbstractResolver):
    """Says where a name is; each question gets the next answer, the last one again and again."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        self.asked += 1
        address = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(
                hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0
            )
        ]

    async def close(self) -> None:
        pass


@pytest.fixture
def provider() -> Iterator[ScriptedProvider]:
    with ScriptedProvider(lambda _: Reply(body=b"{}")) as running:
        yield running


def run(client: AiohttpClient, work: Callable[[Http], Awaitable[T]]) -> T:
    async def whole() -> T:
        try:
            return await work(client)
        finally:
            await client.close()

    return asyncio.run(whole())


def send(request: Request, client: AiohttpClient | None = None) -> Response:
    return run(client or AiohttpClient(allow_private=True), lambda http: http.send(request))


def failure(request: Request, client: AiohttpClient | None = None) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        send(request, client)
    return caught.value


def get(url: str, **members: object) -> Request:
    return Request(method="GET", url=url, **members)  # type: ignore[arg-type]


def post(url: str, body: bytes = b"{}", **members: object) -> Request:
    return Request(method="POST", url=url, body=body, **members)  # type: ignore[arg-type]


def always(name: str) -> Callable[[Received], Reply]:
    return lambda _: MISBEHAVIOURS[name]


# ── What comes back ──────────────────────────────────────────────────────────────────────────────


def test_a_request_arrives_as_it_was_given(provider: ScriptedProvider) -> None:
    provider.script = lambda r: Reply(status=201, body=r.body[::-1], headers={"X-Kind": "Echo"})

    response = send(post(f"{provider.base_url}/chat", b"abc", headers={"Idempotency-Key": "k"}))

    assert (response.status, response.body) == (201, b"cba")
    assert response.headers["x-kind"] == "Echo"
    (received,) = provider.received
    assert (received.method, received.path) == ("POST", "/v1/chat")
    assert received.headers["idempotency-key"] == "k"
    assert received.headers["user-agent"].startswith("evaluand/")
    assert "cookie" not in received.headers


@pytest.mark.parametrize("name", ["401", "429", "500", "html", "empty"])
def test_every_status_and_body_comes_back_after_one_try(
    provider: ScriptedProvider, name: str
) -> None:
    provider.script = always(name)
    expected = MISBEHAVIOURS[name]

    response = send(post(provider.base_url))

    assert (response.status, response.body) == (expected.status, expected.body)
    assert len(provider.received) == 1


def test_what_a_provider_asks_for_is_readable(provider: ScriptedProvider) -> None:
    provider.script = always("429")

    assert send(post(provider.base_url)).headers["retry-after"] == "1"


def test_large_questions_are_sent_whole(provider: ScriptedProvider) -> None:
    send(post(provider.base_url, b"x" * (3 * MB)))

    assert len(provider.received[0].body) == 3 * MB


def test_connections_are_shared_and_the_client_survives_its_loop(
    provider: ScriptedProvider,
) -> None:
    client = AiohttpClient(allow_private=True)

    for _ in range(2):

        async def several(http: Http) -> list[Response]:
            return [await http.send(post(provider.base_url)) for _ in range(3)]

        assert [response.status for response in run(client, several)] == [200] * 3


def test_hundreds_of_questions_may_be_under_way(provider: ScriptedProvider) -> None:
    async def many(http: Http) -> list[Response]:
        return list(await asyncio.gather(*(http.send(post(provider.base_url)) for _ in range(200))))

    responses = run(AiohttpClient(allow_private=True), many)

    assert [response.status for response in responses] == [200] * 200
    assert len(provider.received) == 200


def test_cookies_are_not_kept(provider: ScriptedProvider) -> None:
    provider.script = lambda _: Reply(headers={"Set-Cookie": "a=b"})

    async def twice(http: Http) -> None:
        await http.send(get(provider.base_url))
        await http.send(get(provider.base_url))

    run(AiohttpClient(allow_private=True), twice)

    assert all("cookie" not in received.headers for received in provider.received)


# ── Hosts that misbehave ─────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("name", "reason", "retryable"),
    [
        ("large", "too_large", False),
        ("endless", "too_large", False),
        ("hang", "timeout", True),
        ("drip", "timeout", True),
        ("cut", "bad_response", True),
        ("hang-up", "connection", True),
    ],
)
def test_a_host_that_misbehaves_is_given_up(
    provider: ScriptedProvider, name: str, reason: str, retryable: bool
) -> None:
    provider.script = always(name)
    began = time.monotonic()

    failed = failure(post(provider.base_url, timeout_s=0.4 if reason == "timeout" else 20))

    assert (failed.reason, failed.retryable) == (reason, retryable)
    assert f"127.0.0.1:{provider.port}" in failed.message
    assert len(provider.received) == 1
    assert time.monotonic() - began < 10


def test_a_small_answer_that_unpacks_to_a_huge_one_takes_no_memory(
    provider: ScriptedProvider,
) -> None:
    bomb = gzip.compress(bytes(300 * MB), 9)
    provider.script = lambda _: Reply(body=bomb, headers={"Content-Encoding": "gzip"})
    tracemalloc.start()
    try:
        failed = failure(get(provider.base_url))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert failed.reason == "too_large"
    assert "EVALUAND_MAX_RESPONSE_BYTES" in failed.message
    assert peak < 60 * MB


def test_the_bound_on_answers_can_be_set(provider: ScriptedProvider) -> None:
    provider.script = lambda _: Reply(body=b"x" * 100)
    limits = HttpLimits(max_response_bytes=99)

    failed = failure(get(provider.base_url), AiohttpClient(allow_private=True, limits=limits))

    assert failed.reason == "too_large"


def test_broken_compression_is_a_bad_response(provider: ScriptedProvider) -> None:
    provider.script = lambda _: Reply(body=b"no gzip", headers={"Content-Encoding": "gzip"})

    assert failure(get(provider.base_url)).reason == "bad_response"


def _answering(line: bytes) -> Callable[[socket.socket], None]:
    def answer(listener: socket.socket) -> None:
        connection, _ = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(line)

    return answer


@pytest.mark.parametrize("line", [b"SSH-2.0-OpenSSH\r\n\r\n", b"HTTP/1.1 200\x00OK\r\n\r\n\r\n"])
def test_a_host_that_does_not_speak_http_says_so(line: bytes) -> None:
    async def talk() -> CallFailed:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            answered = asyncio.to_thread(_answering(line), listener)
            client = AiohttpClient(allow_private=True)
            port = listener.getsockname()[1]
            results = await asyncio.gather(
                client.send(get(f"http://127.0.0.1:{port}/")), answered, return_exceptions=True
            )
            await client.close()
            assert isinstance(results[0], CallFailed)
            return results[0]

    assert asyncio.run(talk()).reason == "bad_response"


def test_a_closed_port_is_a_lost_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    failed = failure(get(f"http://127.0.0.1:{port}/"))

    assert (failed.reason, failed.retryable) == ("connection", True)


def test_a_name_that_does_not_exist_is_no_use_trying_again() -> None:
    failed = failure(get("http://nobody.invalid/"))

    assert failed.reason == "connection"
    assert "nobody.invalid" in failed.message


def test_an_unencrypted_host_is_not_trusted_as_an_encrypted_one(
    provider: ScriptedProvider,
) -> None:
    failed = failure(get(provider.base_url.replace("http:", "https:")))

    assert (failed.reason, failed.retryable) == ("connection", False)


def test_headers_cannot_smuggle_lines(provider: ScriptedProvider) -> None:
    secret = "sk-secret\r\nX-Evil: 1"

    failed = failure(get(provider.base_url, headers={"Authorization": secret}))

    assert failed.reason == "bad_request"
    assert "sk-secret" not in failed.message
    assert provider.received == []


def test_being_cancelled_is_not_a_failure_of_the_host(provider: ScriptedProvider) -> None:
    provider.script = always("hang")

    async def impatient(http: Http) -> None:
        await asyncio.wait_for(http.send(post(provider.base_url)), 0.2)

    with pytest.raises(TimeoutError):
        run(AiohttpClient(allow_private=True), impatient)


# ── Addresses that may not be reached ────────────────────────────────────────────────────────────

SPELLINGS = [
    "127.0.0.1",
    "127.1",
    "0",
    "0x7f000001",
    "0X7F.1",
    "2130706433",
    "017700000001",
    "0177.0.0.1",
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[64:ff9b::127.0.0.1]",
    "localhost",
    "LOCALHOST",
    "①②⑦.⓪.⓪.①",
    "127。0。0。1",
    "10.0.0.1",
    "192.168.0.1",
    "[fd00::1]",
    "[fe80::1%25lo]",
    "169.254.169.254",
]


@pytest.mark.parametrize("host", SPELLINGS)
def test_private_hosts_are_refused_in_every_spelling(provider: ScriptedProvider, host: str) -> None:
    failed = failure(post(f"http://{host}:{provider.port}/v1"), AiohttpClient())

    assert (failed.reason, failed.retryable) == ("address_refused", False)
    assert provider.received == []


def test_a_refusal_names_the_setting_that_lifts_it() -> None:
    assert (
        "EVALUAND_ALLOW_PRIVATE_TARGETS" in failure(get("http://10.0.0.1"), AiohttpClient()).message
    )


def test_the_metadata_service_is_refused_even_where_private_addresses_are_allowed() -> None:
    failed = failure(get("http://169.254.169.254/latest/meta-data/"))

    assert failed.reason == "address_refused"
    assert "EVALUAND_ALLOW" not in failed.message


def test_a_public_name_for_a_private_address_is_refused(provider: ScriptedProvider) -> None:
    client = AiohttpClient(resolver=FixedResolver("127.0.0.1"))

    failed = failure(post(f"http://rebound.example:{provider.port}/"), client)

    assert failed.reason == "address_refused"
    assert "rebound.example" in failed.message
    assert provider.received == []


def test_the_address_that_was_looked_at_is_the_one_that_is_called(
    provider: ScriptedProvider,
) -> None:
    # The first answer is public and does not answer, every later one would be this machine.
    resolver = FixedResolver("192.88.99.1", "127.0.0.1")
    limits = HttpLimits(connect_timeout_s=0.3)
    client = AiohttpClient(resolver=resolver, limits=limits)

    failed = failure(post(f"http://rebound.example:{provider.port}/", timeout_s=2), client)

    assert failed.reason in {"timeout", "connection", "address_refused"}
    assert resolver.asked == 1
    assert provider.received == []


def test_declared_providers_may_be_private_and_nothing_else_beside_them(
    provider: ScriptedProvider,
) -> None:
    client = AiohttpClient(trusted_bases=[provider.base_url])

    async def both(http: Http) -> tuple[int, str]:
        inside = await http.send(post(f"{provider.base_url}/chat/completions"))
        # The open connection to the same host must not serve a request that may not go there.
        with pytest.raises(CallFailed) as caught:
            await http.send(post(f"{provider.origin}/admin"))
        return inside.status, caught.value.reason

    assert run(client, both) == (200, "address_refused")
    assert [received.path for received in provider.received] == ["/v1/chat/completions"]


@pytest.mark.parametrize("path", ["../admin", "..%2fadmin", "%2e%2e/admin"])
def test_no_path_leads_out_of_a_declared_provider(provider: ScriptedProvider, path: str) -> None:
    client = AiohttpClient(trusted_bases=[provider.base_url])

    assert failure(post(f"{provider.base_url}/{path}"), client).reason == "address_refused"
    assert provider.received == []


# ── Redirects ────────────────────────────────────────────────────────────────────────────────────


def redirecting(*targets: str, status: int = 302) -> Callable[[Received], Reply]:
    def script(received: Received) -> Reply:
        if received.number <= len(targets):
            return Reply(status=status, headers={"Location": targets[received.number - 1]})
        return Reply(body=b"here")

    return script


def test_a_fetch_follows_a_few_redirects(provider: ScriptedProvider) -> None:
    provider.script = redirecting("/b", f"{provider.origin}/c", "d")

    assert send(get(provider.base_url)).body == b"here"
    assert [received.path for received in provider.received] == ["/v1", "/b", "/c", "/d"]


def test_a_fetch_does_not_follow_many(provider: ScriptedProvider) -> None:
    provider.script = redirecting(*["/again"] * 9)

    assert failure(get(provider.base_url)).reason == "redirect"
    assert len(provider.received) == 4


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_question_is_never_sent_elsewhere(provider: ScriptedProvider, status: int) -> None:
    provider.script = redirecting("/elsewhere", status=status)

    failed = failure(post(provider.base_url))

    assert (failed.reason, failed.retryable) == ("redirect", False)
    assert len(provider.received) == 1


@pytest.mark.parametrize("target", ["http://169.254.169.254/latest/", "http://0xa9fea9fe/"])
def test_a_redirect_to_a_refused_address_is_refused(
    provider: ScriptedProvider, target: str
) -> None:
    provider.script = redirecting(target)

    assert failure(get(provider.base_url)).reason == "address_refused"


def test_a_redirect_out_of_a_declared_provider_is_refused(provider: ScriptedProvider) -> None:
    provider.script = redirecting("/admin")
    client = AiohttpClient(trusted_bases=[provider.base_url])

    assert failure(get(f"{provider.base_url}/file"), client).reason == "address_refused"
    assert len(provider.received) == 1


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://h/x", "http://u:p@h/"])
def test_a_redirect_to_what_is_no_web_address_is_refused(
    provider: ScriptedProvider, target: str
) -> None:
    provider.script = redirecting(target)

    assert failure(get(provider.base_url)).reason == "bad_request"


def test_keys_do_not_travel_to_another_origin(provider: ScriptedProvider) -> None:
    with ScriptedProvider(lambda _: Reply(body=b"other")) as other:
        provider.script = redirecting(f"{other.origin}/file")
        headers = {"Authorization": "Bearer sk-secret", "X-Key": "1", "Accept": "text/plain"}

        assert send(get(provider.base_url, headers=headers)).body == b"other"

        assert provider.received[0].headers["authorization"] == "Bearer sk-secret"
        assert not {"authorization", "x-key"} & other.received[0].headers.keys()
        assert other.received[0].headers["accept"] == "text/plain"


def test_messages_name_no_path_or_query(provider: ScriptedProvider) -> None:
    provider.script = always("cut")

    message = failure(get(f"{provider.base_url}/private?token=s3cret")).message

    assert re.search(r"127\.0\.0\.1:\d+", message)
    assert "s3cret" not in message
    assert "private" not in message
