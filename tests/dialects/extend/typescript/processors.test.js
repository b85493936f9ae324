// Files, processors and single runs.

import assert from "node:assert/strict";
import { createReadStream } from "node:fs";
import { test } from "node:test";
import { classes, client, config, every, finished, invoicePdf, lockedPdf, upload } from "./fixtures.js";

test("an upload without a declared length, password last", async () => {
    const stream = createReadStream(process.env.EVALUAND_LOCKED);
    const file = await client.files.upload(stream, { password: "right" });
    assert.equal(file.type, "PDF");
    assert.equal(file.metadata.pageCount, 1);
    await assert.rejects(upload(lockedPdf, "locked.pdf"), { statusCode: 400 });
});

test("a file is found, linked and deleted", async () => {
    const file = await upload(invoicePdf, "ts-files.pdf");
    const listed = await every((page) => client.files.list({ ...page, nameContains: "ts-files" }));
    assert.ok(listed.some((row) => row.id === file.id));
    const { presignedUrl } = await client.files.retrieve(file.id);
    const bytes = Buffer.from(await (await fetch(presignedUrl)).arrayBuffer());
    assert.deepEqual(bytes, invoicePdf);
    assert.deepEqual(await client.files.delete(file.id), { id: file.id });
});

test("an extract run is polled by the client", async () => {
    const file = await upload(invoicePdf, "single.pdf");
    const run = await client.extractRuns.createAndPoll({ config, file: { id: file.id } });
    assert.equal(run.status, "PROCESSED");
    assert.equal(run.output.value.invoice_number, "TS-1");
});

test("classifiers and splitters run", async () => {
    const file = await upload(invoicePdf, "kinds.pdf");
    const classifier = await client.classifiers.create({
        name: "c",
        config: { classifications: classes },
    });
    const classified = await finished(
        client.classifyRuns,
        await client.classifyRuns.create({
            classifier: { id: classifier.id },
            file: { id: file.id },
            metadata: { a: 1 },
        }),
    );
    assert.equal(classified.output.type, "invoice");
    assert.deepEqual(classified.metadata, { a: 1 });
    const splitter = await client.splitters.create({
        name: "s",
        config: { splitClassifications: classes },
    });
    const split = await finished(
        client.splitRuns,
        await client.splitRuns.create({ splitter: { id: splitter.id }, file: { id: file.id } }),
    );
    assert.equal(split.output.splits[0].startPage, 1);
    assert.deepEqual(await client.splitRuns.delete(split.id), { id: split.id });
});

test("a batch has a run for each input", async () => {
    const file = await upload(invoicePdf, "batch.pdf");
    const extractor = await client.extractors.create({ name: "b", config });
    const batch = await client.extractRuns.createBatch({
        extractor: { id: extractor.id },
        inputs: [{ file: { id: file.id } }, { file: { id: file.id } }],
    });
    assert.equal(batch.runCount, 2);
    const children = await every((page) => client.extractRuns.list({ ...page, batchId: batch.id }));
    assert.equal(children.length, 2);
});

test("a processor is renamed, cloned and listed with its versions", async () => {
    const made = await client.splitters.create({ name: "old" });
    assert.equal((await client.splitters.update(made.id, { name: "new" })).name, "new");
    const clone = await client.splitters.create({ name: "clone", cloneSplitterId: made.id });
    assert.notEqual(clone.id, made.id);
    await client.splitterVersions.create(made.id, { releaseType: "minor" });
    const versions = await every((page) => client.splitterVersions.list(made.id, page));
    assert.deepEqual(versions.map((version) => version.version), ["draft", "0.1"]);
    const latest = await client.splitterVersions.retrieve(made.id, "latest");
    assert.equal(latest.version, "0.1");
});
