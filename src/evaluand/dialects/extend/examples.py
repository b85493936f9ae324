"""Examples for the API's reference, from one invented workspace."""

from __future__ import annotations

from typing import Any

Example = dict[str, Any]

_AT = "2026-03-02T09:00:00Z"
_TIMES: Example = {"createdAt": _AT, "updatedAt": _AT}
CREATED_BY: Example = {"type": "api_key", "name": "ci"}
SCHEMA: Example = {
    "type": "object",
    "properties": {
        "invoice_number": {"type": ["string", "null"], "description": "as printed"},
        "line_items": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "description": {"type": ["string", "null"]},
                    "amount": {"type": ["number", "null"]},
                },
            },
        },
    },
}
_USAGE: Example = {"credits": 0, "totalCredits": 0, "costUsd": 0.0}
_CLASSES = [
    {"id": "cls_invoice", "type": "invoice", "description": "Bills for goods or services"},
    {"id": "cls_other", "type": "other", "description": "Everything else"},
]
CONFIGS: dict[str, Example] = {
    "extractor": {"baseProcessor": "extraction_performance", "schema": SCHEMA},
    "classifier": {"baseProcessor": "classification_standard", "classifications": _CLASSES},
    "splitter": {"baseProcessor": "splitting_performance", "splitClassifications": _CLASSES},
}
EXPECTED: Example = {
    "value": {
        "invoice_number": "INV-001",
        "line_items": [{"description": "Gadget", "amount": 40}],
    }
}
FILE: Example = {
    "object": "file",
    "id": "file_4tXw0BqKz8RmYc1LsVd7P",
    "name": "a.pdf",
    "type": "PDF",
    "parentFileId": None,
    "metadata": {"pageCount": 2},
    **_TIMES,
}
PROCESSOR: Example = {
    "object": "extractor",
    "id": "ex_3Yt0sPq8KfWzB1uJcR5aM",
    "name": "Invoices",
    **_TIMES,
}
VERSION: Example = {
    "object": "extractor_version",
    "id": "exv_1d4Rz8TqYw1NbX6jLm0Vs",
    "description": "first",
    "version": "1.0",
    "extractorId": PROCESSOR["id"],
    "createdAt": _AT,
    "createdBy": CREATED_BY,
}
SET: Example = {
    "object": "evaluation_set",
    "id": "ev_0cJw9XbQ2mRz7KsLd1PfT",
    "name": "Q1 invoices",
    "description": "",
    "entity": PROCESSOR,
    "createdBy": CREATED_BY,
    **_TIMES,
}
ITEM_SUMMARY: Example = {
    "object": "evaluation_set_item",
    "id": "evi_2pQ7vNw4ZkT9cRmB0dHxY",
    "file": FILE,
    "files": None,
    "createdBy": CREATED_BY,
}
ITEM: Example = {**ITEM_SUMMARY, "evaluationSetId": SET["id"], "expectedOutput": EXPECTED}
RUN: Example = {
    "object": "evaluation_set_run",
    "id": "bpr_1vNq6YxLw8ZkTc4RmB0dH",
    "evaluationSetId": SET["id"],
    "entity": PROCESSOR,
    "entityVersion": VERSION,
    "metrics": {"type": "EXTRACT", "numFilesTotal": 1, "numFilesProcessed": 0, "numFiles": 0},
    "status": "PENDING",
    "options": {"fuzzyMatchFields": [], "excludeFields": []},
    **_TIMES,
}
_FIELD = {"countTotal": 1, "countPresent": 1, "countExpected": 1}
FINISHED_RUN: Example = {
    **RUN,
    "status": "PROCESSED",
    "metrics": {
        "type": "EXTRACT",
        "accuracy": 0.833333333333,
        "accuracyInterval": [0.7, 0.93],
        "fieldMetrics": {
            "invoice_number": {**_FIELD, "countAccurate": 1, "accuracy": 1},
            "line_items.description": {**_FIELD, "countAccurate": 1, "accuracy": 1},
            "line_items.amount": {**_FIELD, "countAccurate": 0.5, "accuracy": 0.5},
        },
        "numFilesTotal": 1,
        "numFilesProcessed": 1,
        "numFiles": 1,
        "numPages": 2,
        "meanLatencyMs": 1840,
        "p50LatencyMs": 1840,
        "p90LatencyMs": 1840,
        "p95LatencyMs": 1840,
        "p99LatencyMs": 1840,
    },
}
BATCH: Example = {
    "object": "batch_run",
    "id": RUN["id"],
    "status": "PENDING",
    "runCount": 1,
    "createdAt": _AT,
}
LEGACY_BATCH: Example = {
    "success": True,
    "batchProcessorRun": {
        "object": "batch_processor_run",
        "id": RUN["id"],
        "processorId": PROCESSOR["id"],
        "processorVersionId": VERSION["id"],
        "processorName": "Invoices",
        "metrics": {"numFiles": 1, "numPages": 2},
        "status": "PROCESSED",
        "source": "EVAL_SET",
        "sourceId": SET["id"],
        "runCount": 1,
        "options": RUN["options"],
        **_TIMES,
    },
}
_OUTPUTS: dict[str, Example] = {
    "extractor": {
        "value": EXPECTED["value"],
        "metadata": {
            "invoice_number": {
                "ocrConfidence": 0.97,
                "citations": [
                    {
                        "fileId": FILE["id"],
                        "page": {"number": 1},
                        "referenceText": "INV-001",
                        "polygon": [{"x": 72, "y": 72}, {"x": 120, "y": 72}],
                    }
                ],
            }
        },
    },
    "classifier": {"id": "cls_invoice", "type": "invoice", "confidence": 0.93, "insights": []},
    "splitter": {
        "splits": [
            {
                "id": "split_2vNq6YxLw8ZkTc4RmB0dH_1",
                "classificationId": "cls_invoice",
                "type": "invoice",
                "startPage": 1,
                "endPage": 2,
                "identifier": "INV-001",
                "observation": "",
                "fileId": FILE["id"],
            }
        ]
    },
}


def listed(example: Example) -> Example:
    """A page with one row."""
    return {"object": "list", "data": [example], "nextPageToken": "WzE3NzI0NDIwMDAwMDAwMDAsMV0="}


def processor(noun: str, prefix: str) -> Example:
    """A processor of a kind, without its draft."""
    return {**PROCESSOR, "object": noun, "id": f"{prefix}_3Yt0sPq8KfWzB1uJcR5aM"}


def version(noun: str, prefix: str) -> Example:
    """A version of a kind, without its configuration."""
    example = {key: value for key, value in VERSION.items() if key != "extractorId"}
    return {
        **example,
        "object": f"{noun}_version",
        "id": f"{prefix}v_1d4Rz8TqYw1NbX6jLm0Vs",
        f"{noun}Id": f"{prefix}_3Yt0sPq8KfWzB1uJcR5aM",
    }


def processor_run(noun: str, prefix: str, verb: str, run_prefix: str) -> Example:
    """A processed run of a kind, as lists show it."""
    return {
        "object": f"{verb}_run",
        "id": f"{run_prefix}_2vNq6YxLw8ZkTc4RmB0dH",
        "status": "PROCESSED",
        "failureReason": None,
        "failureMessage": None,
        "metadata": {"customer": "42"},
        "reviewed": False,
        "edited": False,
        noun: processor(noun, prefix),
        f"{noun}Version": version(noun, prefix),
        "file": FILE,
        "parseRunId": None,
        "dashboardUrl": "http://127.0.0.1:8080/runs/1vNq6YxLw8ZkTc4RmB0dH?item=0",
        "usage": {**_USAGE, "inputTokens": None, "outputTokens": None},
        **_TIMES,
    }


def output(noun: str) -> Example:
    """The output of a run of a kind."""
    return _OUTPUTS[noun]
