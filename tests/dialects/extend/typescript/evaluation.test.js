// The main job: an extractor, a set with truth, a run, and its score.

import assert from "node:assert/strict";
import { before, test } from "node:test";
import { client, config, every, finished, invoicePdf, upload } from "./fixtures.js";

let extractor, set, file;

before(async () => {
    extractor = await client.extractors.create({ name: "TypeScript", config });
    file = await upload(invoicePdf, "invoice.pdf");
    set = await client.evaluationSets.create({ name: "TypeScript", entityId: extractor.id });
    const { evaluationSetItems } = await client.evaluationSetItems.create(set.id, {
        items: [
            { fileId: file.id, expectedOutput: { value: { invoice_number: "TS-1", total: 1 } } },
            { fileId: file.id, expectedOutput: { value: { invoice_number: "TS-1" } } },
            { fileId: file.id, expectedOutput: { value: { invoice_number: null } } },
        ],
    });
    assert.equal(evaluationSetItems.length, 3);
});

test("a run is polled to its metrics", async () => {
    const pending = await client.evaluationSetRuns.create({ evaluationSetId: set.id });
    assert.equal(pending.status, "PENDING");
    assert.deepEqual(pending.metrics, {
        type: "EXTRACT",
        numFilesTotal: 3,
        numFilesProcessed: 0,
        numFiles: 0,
    });
    const run = await finished(client.evaluationSetRuns, pending);
    assert.equal(run.status, "PROCESSED");
    assert.equal(run.metrics.type, "EXTRACT");
    assert.equal(run.metrics.numFilesProcessed, 3);
    assert.equal(run.metrics.fieldMetrics.invoice_number.countAccurate, 2);
    assert.equal(run.metrics.fieldMetrics.total.countAccurate, 0);
    assert.equal(run.metrics.accuracy, 2 / 4);
    assert.ok(run.metrics.p50LatencyMs > 0);
    assert.equal(run.entityVersion.version, "draft");
});

test("child runs say how each document did", async () => {
    const pending = await client.evaluationSetRuns.create({ evaluationSetId: set.id });
    await finished(client.evaluationSetRuns, pending);
    const children = await every((page) => client.extractRuns.list({ ...page, batchId: pending.id }));
    assert.equal(children.length, 3);
    const child = await client.extractRuns.retrieve(children[0].id);
    assert.equal(child.output.value.invoice_number, "TS-1");
    assert.equal(child.extractor.id, extractor.id);
    assert.equal((await client.batchRuns.get(pending.id)).runCount, 3);
    const legacy = await client.batchProcessorRun.get(pending.id);
    assert.equal(legacy.batchProcessorRun.sourceId, set.id);
});

test("newest version with an entity, draft without", async () => {
    const owner = await client.extractors.create({ name: "Versions", config });
    const unpublished = await client.evaluationSetRuns.create({
        evaluationSetId: set.id,
        entity: { id: owner.id },
    });
    assert.equal(unpublished.entityVersion.version, "draft");
    const version = await client.extractorVersions.create(owner.id, { releaseType: "major" });
    assert.equal(version.version, "1.0");
    const run = await client.evaluationSetRuns.create({
        evaluationSetId: set.id,
        entity: { id: owner.id },
    });
    assert.equal(run.entityVersion.id, version.id);
});

test("items are listed to the end, changed and deleted", async () => {
    const items = await every((page) => client.evaluationSetItems.list(set.id, page));
    assert.equal(new Set(items.map((item) => item.id)).size, 3);
    const mine = await client.evaluationSets.create({ name: "mine", entityId: extractor.id });
    const made = await client.evaluationSetItems.create(mine.id, {
        items: [{ fileId: file.id, expectedOutput: { value: {} } }],
    });
    const [item] = made.evaluationSetItems;
    const changed = await client.evaluationSetItems.update(mine.id, item.id, {
        expectedOutput: { value: { total: 2 } },
    });
    assert.deepEqual(changed.expectedOutput, { value: { total: 2 } });
    assert.deepEqual(await client.evaluationSetItems.delete(mine.id, item.id), { id: item.id });
});
