// Every class of error the SDK has for what can go wrong here.

import assert from "node:assert/strict";
import { test } from "node:test";
import { ExtendClient, Extend } from "extend-ai";
import { baseUrl, client, token, upload } from "./fixtures.js";

test("an unknown id", async () => {
    await assert.rejects(client.evaluationSets.retrieve("ev_1/../../x"), (error) => {
        assert.ok(error instanceof Extend.NotFoundError);
        assert.equal(error.body.code, "NOT_FOUND");
        assert.equal(error.body.retryable, false);
        assert.match(error.body.requestId, /^req_/);
        return true;
    });
});

test("a wrong key", async () => {
    const stranger = new ExtendClient({ token: "sk_wrong", baseUrl });
    await assert.rejects(stranger.files.list(), Extend.UnauthorizedError);
});

test("a configuration that breaks a rule", async () => {
    const schema = { type: "object", properties: { name: { type: "string" } } };
    await assert.rejects(client.extractors.create({ name: "x", config: { schema } }), (error) => {
        assert.ok(error instanceof Extend.BadRequestError);
        assert.match(error.body.message, /Path: schema\.properties\.name$/);
        return true;
    });
});

test("a workspace of somebody else", async () => {
    await assert.rejects(
        client.files.list({ "x-extend-workspace-id": "ws_1" }),
        Extend.ForbiddenError,
    );
});

test("samples without fields", async () => {
    const file = await upload(Buffer.from("one two three"), "blank.txt");
    await assert.rejects(
        client.extractors.create({ name: "x", generate: { files: [{ id: file.id }] } }),
        Extend.UnprocessableEntityError,
    );
});

test("a prefix in the base URL", async () => {
    const prefixed = new ExtendClient({ token, baseUrl: `${baseUrl}/extend` });
    const made = await prefixed.extractors.create({ name: "prefix" });
    assert.equal((await client.extractors.retrieve(made.id)).name, "prefix");
});
