// What every test needs: a client for the server named in the environment, and small documents.

import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import { ExtendClient } from "extend-ai";

export const baseUrl = process.env.EVALUAND_URL;
export const token = process.env.EVALUAND_KEY;
export const invoicePdf = readFileSync(process.env.EVALUAND_INVOICE);
export const lockedPdf = readFileSync(process.env.EVALUAND_LOCKED);

export const client = new ExtendClient({ token, baseUrl });

const nullable = (type) => ({ type: [type, "null"] });
export const config = {
    schema: {
        type: "object",
        properties: { invoice_number: nullable("string"), total: nullable("number") },
    },
};
export const classes = [
    { id: "cls_invoice", type: "invoice", description: "Invoices that ask for payment" },
    { id: "cls_other", type: "other", description: "Everything else" },
];

const FINAL = ["PROCESSED", "FAILED", "CANCELLED"];
const PATIENCE_MS = 60_000;

export async function finished(resource, run) {
    const end = Date.now() + PATIENCE_MS;
    while (!FINAL.includes(run.status)) {
        if (Date.now() > end) throw new Error(`${run.id} is still ${run.status}`);
        await setTimeout(100);
        run = await resource.retrieve(run.id);
    }
    return run;
}

export async function every(fetch) {
    const rows = [];
    let nextPageToken;
    do {
        const page = await fetch({ nextPageToken, maxPageSize: 2 });
        rows.push(...page.data);
        nextPageToken = page.nextPageToken ?? undefined;
    } while (nextPageToken);
    return rows;
}

export const upload = (data, name) => client.files.upload(new File([data], name), {});
