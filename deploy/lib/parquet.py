"""`quotewire export --format parquet`: the JSON lines of the exporter as a table of Apache Parquet, through pyarrow."""
import json
import os
import subprocess
import sys

ROWS = 2000         # of a row group, at most
BYTES = 32 << 20    # of JSON in a row group, about
USAGE, SYSTEM = 2, 3


def _schema(pyarrow):
    text, number, span = pyarrow.string(), pyarrow.uint32(), [("start", pyarrow.uint32()), ("end", pyarrow.uint32())]

    def spans(*members):
        return pyarrow.list_(pyarrow.struct([*span, *members]))
    pair = pyarrow.struct(span)
    return pyarrow.schema([
        ("position", pyarrow.uint64()), ("id", text), ("title", text), ("published", text), ("outlet", text), ("byline", text),
        ("url", text), ("language", text), ("path", text), ("failed", text), ("metadata", text), ("text", text),
        ("structure", spans(("role", text))), ("tokens", spans()), ("sentences", spans()),
        ("entities", spans(("type", text), ("entity", text), ("name", text))),
        ("quotes", spans(("type", text), ("text", text), ("speaker", text), ("entity", text), ("cue", pair),
                         ("speaker_mention", pair), ("via", pair), ("speech", pyarrow.bool_()), ("how", text),
                         ("confidence", number), ("statement", text)))])


def _pair(span):
    return {"start": span[0], "end": span[1]} if span else None


def _row(document):
    """The document as a row; metadata that have no column of their own, and layers of others, as JSON."""
    taken = {"position", "sequence", "source", "id", "text", "structure", "tokens", "sentences", "entities", "clusters",
             "quotes", "failed", "supersedes", "dropped"}
    names, text = document.get("clusters", {}), document["text"]
    rest = {name: value for name, value in document.items() if name not in taken}
    facts = {name: value if isinstance(value, str) else None for name, value in
             ((name, rest.get(name)) for name in ("title", "published", "outlet", "byline", "url", "language"))}
    return {
        "position": document["position"], "id": document["id"], "text": text, **facts,
        "path": document.get("source", {}).get("path"), "failed": document.get("failed", {}).get("reason"),
        "metadata": json.dumps(rest, ensure_ascii=False) if rest else None, "structure": document.get("structure"),
        "tokens": [_pair(span) for span in document.get("tokens", [])],
        "sentences": [_pair(span) for span in document.get("sentences", [])],
        "entities": [{**mention, "name": names.get(mention["entity"], {}).get("name")}
                     for mention in document.get("entities", [])],
        "quotes": [{**quote, "text": text[quote["start"]:quote["end"]], "cue": _pair(quote["cue"]),
                    "speaker_mention": _pair(quote["speaker_mention"]), "via": _pair(quote.get("via"))}
                   for quote in document.get("quotes", [])]}


def _write(pyarrow, lines, out):
    schema, rows, size = _schema(pyarrow), [], 0
    with pyarrow.parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        def flush():
            if rows:
                writer.write_table(pyarrow.Table.from_pylist(rows, schema=schema))
                rows.clear()
        for line in lines:
            rows.append(_row(json.loads(line)))
            size += len(line)
            if len(rows) >= ROWS or size >= BYTES:
                flush()
                size = 0
        flush()


def export(program, arguments):
    """Runs the exporter with these arguments, and writes its documents to standard output as Parquet. Returns the exit code."""
    if sys.stdout.isatty():
        sys.stderr.write("quotewire export: parquet is no text: redirect the output to a file\n")
        return USAGE
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        sys.stderr.write("quotewire export: parquet needs the Python package pyarrow: pip install pyarrow\n")
        return SYSTEM
    command = [program, "export", "--place", "--format", "jsonl", *arguments]
    try:
        with subprocess.Popen(command, stdout=subprocess.PIPE) as exporter:
            _write(pyarrow, exporter.stdout, pyarrow.PythonFile(sys.stdout.buffer, mode="w"))
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or the interpreter complains at its end
        return SYSTEM
    except OSError as error:
        sys.stderr.write(f"quotewire export: standard output cannot be written: {error}\n")
        return SYSTEM
    return exporter.returncode
