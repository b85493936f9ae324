"""Documents read by somebody's own HTTP endpoint."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

import msgspec

from evaluand.domain.model import Answer, File, ItemContent, Json, TargetKind
from evaluand.errors import DocumentUnreadable, FileTooLarge
from evaluand.models.providers import Providers
from evaluand.models.replies import Sender, check_status, decode_json
from evaluand.models.urls import checked_url, place
from evaluand.ports import Blobs, Caller, Request
from evaluand.targets.documents.checks import check_config
from evaluand.targets.documents.class_list import classes_of
from evaluand.targets.documents.failures import ItemFault, failure_of
from evaluand.targets.documents.http.answers import output_of
from evaluand.targets.documents.http.multipart import Part, content_type_of, encode
from evaluand.targets.documents.http.options import HttpOptions
from evaluand.targets.documents.schema_check import schema_of

# A form is built in memory, once for every item under way.
_MAX_FORM_BYTES = 50 * 2**20


class HttpEngine:
    """Fits :class:`evaluand.ports.TargetEngine`: one POST per item, answered in JSON.

    ``config["engine"]`` is ``{"kind": "http", "url", "send": "multipart" | "url", "provider"?,
    "headers"?, "timeoutS"?}``. With ``multipart`` the files go as parts ``file`` (``file[0]``,
    ``file[1]``, … for several) beside a part ``config``, the configuration without its engine; with
    ``url`` a JSON object ``{"files": [{"url", "name", "type"}], "config"}`` goes.

    ``link`` makes the address under which the endpoint finds a file. It may be another one each
    time: a question that is already paid for is recognised by the contents of its files.
    """

    name = "http"
    kinds = frozenset({TargetKind.EXTRACTOR, TargetKind.CLASSIFIER, TargetKind.SPLITTER})
    # Enough to hide the latency of one endpoint; each lane may hold a form in memory.
    lanes = 16

    def __init__(self, *, providers: Providers, blobs: Blobs, link: Callable[[File], str]) -> None:
        self._providers = providers
        self._blobs = blobs
        self._link = link

    def check(self, kind: TargetKind, config: Json) -> None:
        """Raises InvalidConfig when address, headers, provider, schema or classes cannot work."""
        check_config(kind, config)
        HttpOptions.of(config, self._providers)

    def freeze(self, kind: TargetKind, config: Json) -> Json:
        """The configuration with its defaults spelt out. Raises InvalidConfig."""
        _check_complete(kind, config)
        options = HttpOptions.of(config, self._providers)
        spelt = {"send": options.send, "timeoutS": options.timeout_s}
        return {**config, "engine": {**config["engine"], **spelt}}

    async def run(
        self, kind: TargetKind, config: Json, content: ItemContent, caller: Caller
    ) -> Answer:
        """The endpoint's answer to one item; what goes wrong with it is a Failure."""
        pages = _page_count(content.files)
        try:
            _check_complete(kind, config)
            options = HttpOptions.of(config, self._providers)
            request = await self._request(options, config, content.files)
            response = await caller.call(request)
            secrets = options.provider.sender.secrets if options.provider else ()
            sender = Sender(name=place(checked_url(options.url)), secrets=secrets)
            check_status(response, sender)
            reply = decode_json(response.body, sender)
            return Answer(output=output_of(kind, config, reply, pages), pages=pages)
        except ItemFault as fault:
            return Answer(failure=failure_of(fault), pages=pages)

    async def _request(self, options: HttpOptions, config: Json, files: Sequence[File]) -> Request:
        if not files:
            raise DocumentUnreadable("the item has no file: add one, or take it out of the set")
        shown = msgspec.json.encode({k: v for k, v in config.items() if k != "engine"})
        identity = None
        if options.send == "url":
            content_type, body = "application/json", _by_link(files, shown, self._link)
            identity = _by_link(files, shown, lambda file: file.sha256)
        else:
            content_type, body = await asyncio.to_thread(self._form, files, shown)
        provider = options.provider
        return Request(
            method="POST",
            url=options.url,
            headers={
                **options.headers,
                **(provider.headers if provider else {}),
                "Accept": "application/json",
                "Content-Type": content_type,
            },
            body=body,
            timeout_s=options.timeout_s,
            provider=provider.name if provider else "",
            identity=identity,
        )

    def _form(self, files: Sequence[File], config: bytes) -> tuple[str, bytes]:
        if sum(file.size for file in files) > _MAX_FORM_BYTES:
            raise FileTooLarge(
                f"the item's files have more than the {_MAX_FORM_BYTES // 2**20} MB that go into"
                " one form: set engine.send to 'url'"
            )
        parts = [
            Part(
                name="file" if len(files) == 1 else f"file[{place_}]",
                data=self._blobs.path(file.sha256).read_bytes(),
                content_type=content_type_of(file.name),
                filename=file.name,
            )
            for place_, file in enumerate(files)
        ]
        return encode([Part(name="config", data=config, content_type="application/json"), *parts])


def _check_complete(kind: TargetKind, config: Json) -> None:
    if kind is TargetKind.EXTRACTOR:
        schema_of(config)
    else:
        classes_of(kind, config)


def _by_link(files: Sequence[File], config: bytes, link: Callable[[File], str]) -> bytes:
    listed = [{"url": link(file), "name": file.name, "type": file.kind} for file in files]
    return msgspec.json.encode({"files": listed, "config": msgspec.Raw(config)})


def _page_count(files: Sequence[File]) -> int | None:
    counts = [file.page_count for file in files]
    return sum(count or 0 for count in counts) if all(counts) else None
