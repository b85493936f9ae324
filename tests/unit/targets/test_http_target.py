"""The http engine: what an endpoint gets, and what becomes of every kind of answer."""

from __future__ import annotations

import asyncio
import email
import email.policy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.targets.asked import FakeCaller, FolderBlobs, failing, item, saying

from evaluand.domain.model import Answer, File, TargetKind
from evaluand.errors import InvalidConfig
from evaluand.models.providers import Provider, Providers
from evaluand.ports import Request
from evaluand.targets.documents.http import HttpEngine
from evaluand.targets.documents.http.multipart import Part, encode

URL = "https://own.example/extract"
PROVIDER = Provider(name="own", base_url="https://own.example", api_key="sk-secret")
SCHEMA = {
    "type": "object",
    "properties": {"total": {"type": ["number", "null"]}, "value": {"type": ["string", "null"]}},
}
EXTRACTOR = {"schema": SCHEMA, "engine": {"kind": "http", "url": URL}}
CLASSES = [
    {"id": "c1", "type": "invoice", "description": "asks for money"},
    {"id": "c2", "type": "letter", "description": "everything else"},
]
CLASSIFIER = {"classifications": CLASSES, "engine": {"kind": "http", "url": URL}}
SPLITTER = {"splitClassifications": CLASSES, "engine": {"kind": "http", "url": URL}}


@pytest.fixture
def blobs(tmp_path: Path) -> FolderBlobs:
    return FolderBlobs(tmp_path)


@pytest.fixture
def pdf(blobs: FolderBlobs) -> File:
    return blobs.add("In voice.pdf", b"%PDF-1.7 \r\n--form-\x00", kind="PDF", pages=3)


def engine_of(
    blobs: FolderBlobs, link: Callable[[File], str] = lambda file: f"https://links/{file.name}"
) -> HttpEngine:
    return HttpEngine(providers=Providers([PROVIDER]), blobs=blobs, link=link)


@pytest.fixture
def engine(blobs: FolderBlobs) -> HttpEngine:
    return engine_of(blobs)


def with_engine(config: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {**config, "engine": {"kind": "http", "url": URL, **options}}


def ask(
    engine: HttpEngine,
    caller: FakeCaller,
    *files: File,
    kind: TargetKind = TargetKind.EXTRACTOR,
    config: dict[str, Any] = EXTRACTOR,
) -> Answer:
    return asyncio.run(engine.run(kind, config, item(*files), caller))


def said(answer: Answer) -> tuple[str, str]:
    assert answer.output is None
    assert answer.failure is not None
    return answer.failure.reason, answer.failure.message


def form(request: Request) -> dict[str, tuple[str | None, str, bytes]]:
    """The parts of a form as the standard library reads them."""
    head = f"Content-Type: {request.headers['Content-Type']}\r\n\r\n".encode()
    message = email.message_from_bytes(head + request.body, policy=email.policy.HTTP)
    return {
        str(part.get_param("name", header="content-disposition")): (
            part.get_filename(),
            part.get_content_type(),
            part.get_payload(decode=True) or b"",  # type: ignore[dict-item]
        )
        for part in message.iter_parts()  # type: ignore[attr-defined]
    }


# ── The request ──────────────────────────────────────────────────────────────────────────────────


def test_a_form_carries_file_and_configuration(engine: HttpEngine, pdf: File) -> None:
    caller = saying({"total": 4})

    answer = ask(engine, caller, pdf)

    assert answer == Answer(output={"value": {"total": 4}, "evidence": {}}, pages=3)
    (request,) = caller.asked
    assert (request.method, request.url, request.provider) == ("POST", URL, "")
    assert "Authorization" not in request.headers
    parts = form(request)
    assert parts["file"] == ("In voice.pdf", "application/pdf", b"%PDF-1.7 \r\n--form-\x00")
    assert json.loads(parts["config"][2]) == {"schema": SCHEMA}


def test_a_package_is_numbered(engine: HttpEngine, blobs: FolderBlobs, pdf: File) -> None:
    caller = saying({"total": 4})

    answer = ask(engine, caller, pdf, blobs.add("b.txt", b"two"))

    assert form(caller.asked[0]).keys() == {"config", "file[0]", "file[1]"}
    assert answer.pages is None


def test_the_same_item_is_sent_in_the_same_bytes(engine: HttpEngine, pdf: File) -> None:
    caller = saying({"total": 4})
    for _ in range(2):
        ask(engine, caller, pdf)

    assert caller.asked[0] == caller.asked[1]


def test_links_go_instead_of_bytes_and_do_not_change_the_question(
    blobs: FolderBlobs, pdf: File
) -> None:
    count = iter(range(9))
    engine = engine_of(blobs, lambda file: f"https://links/{file.sha256}?expires={next(count)}")
    caller = saying({"total": 4})
    for _ in range(2):
        ask(engine, caller, pdf, config=with_engine(EXTRACTOR, send="url"))

    first, second = caller.asked
    assert json.loads(first.body) == {
        "files": [
            {
                "url": f"https://links/{pdf.sha256}?expires=0",
                "name": "In voice.pdf",
                "type": "PDF",
            }
        ],
        "config": {"schema": SCHEMA},
    }
    assert first.body != second.body
    assert first.identity == second.identity
    assert pdf.sha256.encode() in (first.identity or b"")


def test_headers_timeout_and_the_providers_key_go_along(engine: HttpEngine, pdf: File) -> None:
    caller = saying({"total": 4})
    options = {"provider": "own", "headers": {"X-Tenant": "a"}, "timeoutS": 9}
    ask(engine, caller, pdf, config=with_engine(EXTRACTOR, **options))

    (request,) = caller.asked
    assert request.headers["Authorization"] == "Bearer sk-secret"
    assert request.headers["X-Tenant"] == "a"
    assert (request.provider, request.timeout_s) == ("own", 9)
    assert b"sk-secret" not in request.body


def test_files_too_large_for_a_form_are_said_with_the_way_out(
    blobs: FolderBlobs, engine: HttpEngine
) -> None:
    file = blobs.add("small.txt", b"x")
    huge = type(file)(**{n: getattr(file, n) for n in file.__slots__} | {"size": 2**30})
    caller = saying({})

    reason, message = said(ask(engine, caller, huge))

    assert reason == "document_unreadable"
    assert "'url'" in message
    assert caller.asked == []


def test_an_item_without_files_is_a_failure(engine: HttpEngine) -> None:
    assert said(ask(engine, saying({})))[0] == "document_unreadable"


NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(NAMES, st.binary(max_size=200))
def test_no_name_or_content_breaks_out_of_its_part(name: str, data: bytes) -> None:
    content_type, body = encode(
        [
            Part(name="config", data=b"{}", content_type="application/json"),
            Part(name="file", data=data, content_type="text/plain", filename=name),
        ]
    )
    boundary = content_type.partition("boundary=")[2].encode()

    assert body.count(b"--" + boundary) == 3
    head = body.split(b"--" + boundary)[2].partition(b"\r\n\r\n")[0]
    assert head.count(b"\r\n") == 2
    assert body.endswith(data + b"\r\n--" + boundary + b"--\r\n")


# ── Answers ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        ({"total": 4}, {"total": 4}),
        ({}, {}),
        ({"output": {"total": 4}}, {"total": 4}),
        ({"value": "own property"}, {"value": "own property"}),
        ({"output": {"total": 4, "value": "own"}}, {"total": 4, "value": "own"}),
    ],
)
def test_values_come_bare_or_wrapped(engine: HttpEngine, pdf: File, reply: Any, value: Any) -> None:
    assert ask(engine, saying(reply), pdf).output == {"value": value, "evidence": {}}


def test_confidences_beside_a_wrapped_value_are_kept(engine: HttpEngine, pdf: File) -> None:
    schema = {"type": "object", "properties": {"total": {"type": ["number", "null"]}}}
    evidence = {"total": {"confidence": 0.5, "page": 1}, "a": {"confidence": 7}, "b": 3}
    reply = {"value": {"total": 4}, "evidence": evidence}

    for wrapped in (reply, {"output": reply}):
        answer = ask(engine, saying(wrapped), pdf, config=with_engine({"schema": schema}))
        assert answer.output == {"value": {"total": 4}, "evidence": {"total": {"confidence": 0.5}}}


@pytest.mark.parametrize(
    "reply", [{"total": "four"}, {"error": "no idea"}, [], [{"total": 4}], "4", 4, None]
)
def test_values_that_do_not_fit_are_mismatches(engine: HttpEngine, pdf: File, reply: Any) -> None:
    assert said(ask(engine, saying(reply), pdf))[0] == "schema_mismatch"


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 200, "nothing"),
        (b"<html>Log in</html>", 200, "HTML page: <html>Log in"),
        (b"oops", 200, "oops"),
        (b'{"message": "broken"}', 500, "broken"),
        (b"x" * 9999, 400, "400"),
        (b"moved", 302, "302"),
    ],
)
def test_unusable_answers_are_target_errors_in_few_words(
    engine: HttpEngine, pdf: File, body: bytes, status: int, words: str
) -> None:
    reason, message = said(ask(engine, saying(body, status), pdf))

    assert reason == "target_error"
    assert "own.example" in message
    assert words in message
    assert len(message) < 500


def test_a_key_that_an_endpoint_repeats_is_not_recorded(engine: HttpEngine, pdf: File) -> None:
    caller = saying(b"denied: Bearer sk-secret", 401)

    message = said(ask(engine, caller, pdf, config=with_engine(EXTRACTOR, provider="own")))[1]

    assert "sk-secret" not in message


@pytest.mark.parametrize(
    ("reason", "recorded"), [("timeout", "timeout"), ("too_large", "target_error")]
)
def test_no_answer_is_a_failure(engine: HttpEngine, pdf: File, reason: str, recorded: str) -> None:
    assert said(ask(engine, failing(reason), pdf))[0] == recorded


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({"id": "c2"}, ("c2", "letter", 1.0)),
        ({"type": "invoice", "confidence": 0.5}, ("c1", "invoice", 0.5)),
        ({"output": {"id": "c1", "type": "ignored"}}, ("c1", "invoice", 1.0)),
    ],
)
def test_classes_are_named_by_id_or_type(
    engine: HttpEngine, pdf: File, reply: Any, expected: tuple[str, str, float]
) -> None:
    answer = ask(engine, saying(reply), pdf, kind=TargetKind.CLASSIFIER, config=CLASSIFIER)

    assert answer.output == dict(zip(("id", "type", "confidence"), expected, strict=True))


@pytest.mark.parametrize(
    "reply",
    [{"id": "c9"}, {"type": "memo"}, {}, {"id": "c1", "confidence": "high"}, {"id": ["c1"]}],
)
def test_classes_that_are_none_are_mismatches(engine: HttpEngine, pdf: File, reply: Any) -> None:
    answer = ask(engine, saying(reply), pdf, kind=TargetKind.CLASSIFIER, config=CLASSIFIER)

    assert said(answer)[0] == "schema_mismatch"


def test_a_type_that_two_classes_share_names_none_of_them(engine: HttpEngine, pdf: File) -> None:
    twins = [CLASSES[0], {**CLASSES[1], "type": "invoice"}]
    config = with_engine({"classifications": twins})

    answer = ask(
        engine, saying({"type": "invoice"}), pdf, kind=TargetKind.CLASSIFIER, config=config
    )

    assert said(answer)[0] == "schema_mismatch"


def split_of(engine: HttpEngine, reply: Any, file: File) -> Answer:
    return ask(engine, saying(reply), file, kind=TargetKind.SPLITTER, config=SPLITTER)


def test_splits_may_leave_pages_out(engine: HttpEngine, pdf: File) -> None:
    reply = {"splits": [{"type": "letter", "startPage": 2, "endPage": 3.0, "identifier": 7}]}

    assert split_of(engine, reply, pdf).output == {
        "splits": [
            {
                "classificationId": "c2",
                "type": "letter",
                "startPage": 2,
                "endPage": 3,
                "identifier": "7",
                "observation": "",
            }
        ]
    }


@pytest.mark.parametrize("end", [4, 10**30, "3", None, True, float("1e300")])
def test_splits_past_the_end_or_without_pages_are_mismatches(
    engine: HttpEngine, pdf: File, end: Any
) -> None:
    reply = {"splits": [{"type": "letter", "startPage": 1, "endPage": end}]}

    assert said(split_of(engine, reply, pdf))[0] == "schema_mismatch"


@pytest.mark.parametrize(("end", "fits"), [(9, True), (10**9, False), (1e300, False)])
def test_pages_nobody_knows_the_number_of_are_believed_within_reason(
    engine: HttpEngine, blobs: FolderBlobs, end: float, fits: bool
) -> None:
    reply = {"splits": [{"type": "letter", "startPage": 1, "endPage": end}]}

    answer = split_of(engine, reply, blobs.add("a.docx", b"x", kind="DOCX"))

    assert (answer.output is not None) is fits


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["splits", "output", "value", "id", "type", "startPage", "endPage", "total"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(sorted(HttpEngine.kinds)))
def test_no_answer_is_more_than_a_failure(
    tmp_path_factory: pytest.TempPathFactory, reply: Any, kind: TargetKind
) -> None:
    blobs = FolderBlobs(tmp_path_factory.getbasetemp())
    configs = {
        TargetKind.EXTRACTOR: EXTRACTOR,
        TargetKind.CLASSIFIER: CLASSIFIER,
        TargetKind.SPLITTER: SPLITTER,
    }
    file = blobs.add("a.pdf", b"x", kind="PDF", pages=2)

    answer = ask(engine_of(blobs), saying(reply), file, kind=kind, config=configs[kind])

    assert (answer.output is None) != (answer.failure is None)


# ── Configurations ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("options", "field"),
    [
        ({"url": None}, "url"),
        ({"url": 3}, "url"),
        ({"url": "ftp://h/x"}, "url"),
        ({"url": "https://ada:pw@h/x"}, "url"),
        ({"url": "https://h/x?api_key=1"}, "url"),
        ({"url": "https://h/x?sig=1"}, "url"),
        ({"send": "carrier pigeon"}, "send"),
        ({"timeoutS": -1}, "timeoutS"),
        ({"method": "GET"}, "method"),
        ({"provider": "nobody"}, "provider"),
        ({"headers": ["X"]}, "headers"),
        ({"headers": {"X": 1}}, "headers"),
    ],
)
def test_options_that_cannot_work_are_named(
    engine: HttpEngine, options: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidConfig) as caught:
        engine.check(TargetKind.EXTRACTOR, with_engine(EXTRACTOR, **options))

    assert caught.value.field == f"config.engine.{field}"
    assert "pw@" not in caught.value.message


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "Proxy-Authorization",
        "Cookie",
        "X-Api-Key",
        "x-apikey",
        "Ocp-Apim-Subscription-Key",
        "X-Auth-Token",
        "X-Amz-Security-Token",
        "X-Password",
        "X-Goog-Signature",
    ],
)
def test_secrets_in_headers_are_refused_in_favour_of_a_provider(
    engine: HttpEngine, name: str
) -> None:
    with pytest.raises(InvalidConfig, match="declare a provider") as caught:
        engine.check(TargetKind.EXTRACTOR, with_engine(EXTRACTOR, headers={name: "s3cret"}))

    assert "s3cret" not in caught.value.message


def test_a_secret_under_a_harmless_name_is_recognised_by_its_value(engine: HttpEngine) -> None:
    headers = {"X-Custom": "Bearer abc"}

    with pytest.raises(InvalidConfig, match="declare a provider"):
        engine.check(TargetKind.EXTRACTOR, with_engine(EXTRACTOR, headers=headers))


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "other"},
        {"content-length": "0"},
        {"Transfer-Encoding": "chunked"},
        {"Idempotency-Key": "1"},
        {"X\r\nY": "1"},
        {"X": "1\r\nY: 2"},
        {"X": "ü"},
        {"": "1"},
    ],
)
def test_headers_that_frame_or_forge_the_message_are_refused(
    engine: HttpEngine, headers: dict[str, str]
) -> None:
    with pytest.raises(InvalidConfig):
        engine.check(TargetKind.EXTRACTOR, with_engine(EXTRACTOR, headers=headers))


@pytest.mark.parametrize(
    "name", ["X-Tenant", "X-Monkey", "Keyboard", "X-Keynote", "Accept-Language"]
)
def test_other_headers_pass(engine: HttpEngine, name: str) -> None:
    engine.check(TargetKind.EXTRACTOR, with_engine(EXTRACTOR, headers={name: "a"}))


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/extract",
        "http://own.example/extract",
        "https://own.example:444/extract",
        "https://own.example.evil.example/",
    ],
)
def test_a_key_goes_to_its_own_provider_only(engine: HttpEngine, pdf: File, url: str) -> None:
    config = {**EXTRACTOR, "engine": {"kind": "http", "url": url, "provider": "own"}}
    caller = saying({"total": 4})

    with pytest.raises(InvalidConfig, match="only sent to addresses below"):
        engine.check(TargetKind.EXTRACTOR, config)
    assert said(ask(engine, caller, pdf, config=config))[0] == "invalid_config"
    assert caller.asked == []


def test_what_is_frozen_spells_out_the_defaults(engine: HttpEngine) -> None:
    frozen = engine.freeze(TargetKind.EXTRACTOR, EXTRACTOR)

    assert frozen["engine"] == {"kind": "http", "url": URL, "send": "multipart", "timeoutS": 120.0}
    assert engine.freeze(TargetKind.EXTRACTOR, frozen) == frozen


@pytest.mark.parametrize(
    ("kind", "config"),
    [(TargetKind.EXTRACTOR, {}), (TargetKind.CLASSIFIER, {"classifications": []})],
)
def test_a_run_needs_schema_or_classes(
    engine: HttpEngine, kind: TargetKind, config: dict[str, Any]
) -> None:
    with pytest.raises(InvalidConfig):
        engine.freeze(kind, with_engine(config))
