"""``/extractors/{id}/versions`` and its like: published snapshots, and the draft."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Response

from evaluand.dialects.extend import examples, render, views, wire
from evaluand.dialects.extend.body import json_body
from evaluand.dialects.extend.documentation import documented
from evaluand.dialects.extend.request import Here, ListingByCreation, reply
from evaluand.dialects.extend.words import Words, read, read_version

_PUBLISH = Annotated[wire.PublishVersion, Depends(json_body(wire.PublishVersion))]


def versions(words: Words) -> APIRouter:
    """The endpoints of the versions of processors of one kind."""
    router = APIRouter(
        prefix=f"/{words.collection}/{{id}}/versions", tags=[words.collection.capitalize()]
    )
    summary = examples.version(words.noun, words.prefix)
    whole = {**summary, "config": examples.CONFIGS[words.noun]}

    @router.get(
        "",
        **documented(
            f"List versions of {words.article} {words.noun}",
            answer=views.ListView[views.VersionSummary],
            example=examples.listed(summary),
        ),
    )
    def list_versions(call: Here, id: str, listing: ListingByCreation) -> Response:
        """The draft first, then the published versions, newest first unless sorted otherwise."""
        found = call.services.targets.versions(
            call.principal, words.kind, read(words.prefix, id), listing
        )
        return reply(render.page(found, render.version_summary))

    @router.post(
        "",
        **documented(
            f"Publish a version of {words.article} {words.noun}",
            body=wire.PublishVersion,
            body_example={"releaseType": "major", "description": "first"},
            answer=views.Version,
            example=whole,
        ),
    )
    def publish_version(call: Here, id: str, body: _PUBLISH) -> Response:
        """A snapshot of the draft, or of `config`, that never changes."""
        published = call.services.targets.publish(
            call.principal,
            words.kind,
            read(words.prefix, id),
            major=body.release_type == "major",
            description=body.description,
            config=body.config,
        )
        return reply(render.version(published))

    @router.get(
        "/{version_id}",
        **documented(
            f"Get a version of {words.article} {words.noun}", answer=views.Version, example=whole
        ),
    )
    def get_version(call: Here, id: str, version_id: str) -> Response:
        """By version id, by number, or as `draft` or `latest`."""
        target = call.services.targets.get(call.principal, words.kind, read(words.prefix, id))
        found = call.services.targets.version(
            call.principal, target.summary.id, read_version(version_id)
        )
        return reply(render.version(found))

    return router
