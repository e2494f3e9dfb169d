"""Reads exports with readers that others wrote, and compares what they find with the same documents as JSON lines.
`export_checks.py FORMAT REFERENCE.jsonl EXPORT`; run by test_export.py in an environment that has these readers."""
import bisect
import csv
import importlib.util
import json
import pathlib
import re
import sys

TYPES = ["PERSON", "ORG", "LOC", "FAC", "NORP", "PRODUCT", "EVENT", "MISC", "DATE", "TIME", "MONEY", "PERCENT"]
BREAKS = re.compile("[\t-\r\x1c-\x1e\x85\u2028\u2029]")  # what may end a line, or a field
TEI = "{http://www.tei-c.org/ns/1.0}"
XML_ID = "{http://www.w3.org/XML/1998/namespace}id"


def same(found, expected, what):
    if found != expected:
        raise AssertionError(f"{what}:\nfound    {str(found)[:1500]}\nexpected {str(expected)[:1500]}")


def one_line(text):
    return BREAKS.sub(" ", text)


def spans(document, member):
    return [(item["start"], item["end"]) for item in document.get(member, [])]


# ---- CoNLL-U -----------------------------------------------------------------------------------------------------------

UNESCAPED = {"\\s": " ", "\\t": "\t", "\\r": "\r", "\\n": "\n", "\\p": "|", "\\\\": "\\"}


def spaces(text):
    return re.sub(r"\\(?:[strnp\\]|u[0-9A-F]{4})", lambda match: UNESCAPED.get(match[0]) or chr(int(match[0][2:], 16)), text)


def bracketed(sentences, attribute):
    """Opened and closed spans of an attribute: {name: (what stands behind the name, first token, last token)}."""
    found, running, at = {}, {}, 0
    for sentence in sentences:
        for token in sentence:
            marks = (token["misc"] or {}).get(attribute, "")
            for opening, name, rest, closing in re.findall(r"(\(?)([a-z]\d+)((?:-\w+)*)(\)?)", marks):
                if opening:
                    running[name] = (rest, at)
                if closing:
                    rest, first = running.pop(name)
                    found.setdefault(name, []).append((rest, first, at))
            at += 1
    same(running, {}, f"{attribute} that is never closed")
    return found


def check_conllu(reference, path):
    import conllu
    documents = {document["id"]: document for document in reference if document.get("tokens")}
    with open(path, encoding="utf-8", newline="\n") as file:
        sentences = list(conllu.parse_incr(file))
    groups = []
    for sentence in sentences:
        if "newdoc id" in sentence.metadata:
            groups.append((sentence.metadata["newdoc id"], []))
        groups[-1][1].append(sentence)
    same([name for name, _ in groups], [one_line(name).strip() for name in documents], "documents in CoNLL-U")
    for (_, group), document in zip(groups, documents.values()):
        tokens = [token for sentence in group for token in sentence]
        text = document["text"]
        same([(int(token["misc"]["start_char"]), int(token["misc"]["end_char"])) for token in tokens],
             [tuple(token) for token in document["tokens"]], "tokens")
        same([token["form"] for token in tokens], [" ".join(text[start:end].split()) or "_" for start, end in document["tokens"]],
             "forms")
        starts = {start for start, _ in document["sentences"]}
        same([int(sentence[0]["misc"]["start_char"]) for sentence in group], sorted(starts), "sentences")
        built = spaces(tokens[0]["misc"].get("SpacesBefore", ""))
        for token, (start, end) in zip(tokens, document["tokens"]):
            misc = token["misc"]
            built += text[start:end] + ("" if misc.get("SpaceAfter") == "No" else spaces(misc.get("SpacesAfter", "\\s")))
        same(built, text, "the text")

        begins, ends = [token[0] for token in document["tokens"]], [token[1] for token in document["tokens"]]

        def touched(start, end, begins=begins, ends=ends):
            first, last = bisect.bisect_right(ends, start), bisect.bisect_left(begins, end) - 1
            return (first, last) if first <= last else None

        keys = {}
        for m in document["entities"]:
            keys.setdefault(touched(m["start"], m["end"]), []).append(one_line(m["entity"] or "").split(" ")[0].strip())
        entities = [(name, *item) for name, items in bracketed(group, "Entity").items() for item in items]
        expected = sorted((touched(m["start"], m["end"]), m["type"]) for m in document["entities"]
                          if touched(m["start"], m["end"]))
        same(sorted(((first, last), rest[1:]) for _, rest, first, last in entities), expected, "entities")
        for name, _, first, last in entities:
            if name[0] == "e":
                glossary = group[0].metadata[f"entity_{name}"].split(" ")
                assert glossary[1].strip() in keys[(first, last)], (name, glossary, keys)
        quotes = bracketed(group, "Quote")
        for i, quote in enumerate(document["quotes"]):
            where = touched(quote["start"], quote["end"])
            got = quotes.pop(f"q{i + 1}", None)
            same(got and got[0][1:], where, f"quotation {i}")
            if where:
                same(got[0][0].split("-")[1], quote["type"], "its type")
        same(quotes, {}, "quotations too many")


# ---- brat --------------------------------------------------------------------------------------------------------------

def check_brat(reference, folder):
    from pybrat.parser import BratParser

    class Parser(BratParser):
        def _check_entities(self, entities):
            """pybrat wants no two annotations of the same span; brat has nothing against them."""
    folder = pathlib.Path(folder)
    texts = sorted(folder.glob("*.txt"))
    same(len(texts), len(reference), "documents")
    examples = {pathlib.Path(file).name: file for file in sorted(folder.glob("*.ann"))}
    for path, document in zip(texts, reference):
        text = path.read_bytes().decode()
        same(text, document["text"], "the text")
        for line in examples[path.stem + ".ann"].read_bytes().decode().split("\n")[:-1]:
            if not line.startswith("T"):
                continue
            _, kind, words = line.split("\t")
            name, *ranges = re.split("[ ;]", kind)
            pairs = list(zip(map(int, ranges[::2]), map(int, ranges[1::2])))
            same(words, " ".join(text[start:end] for start, end in pairs), f"{path.name}: {line}")
            assert name in TYPES + ["Direct", "Indirect", "Mixed", "Cue", "Speaker"], name
            assert not BREAKS.search(words), line
    parsed = Parser(error="raise").parse(folder)
    same(len(parsed), len(reference), "documents that pybrat reads")
    by_id = {pathlib.Path(example.id).name: example for example in parsed}
    for path, document in zip(texts, reference):
        example = by_id[path.stem]
        visible = [mention for mention in document.get("entities", []) if trimmed(document["text"], mention)]
        entities = [entity for entity in example.entities if entity.type in TYPES]
        same(sorted((e.type, min(s.start for s in e.spans), max(s.end for s in e.spans)) for e in entities),
             sorted((m["type"], *trimmed(document["text"], m)) for m in visible), "entities")
        quotes = [quote for quote in document.get("quotes", []) if trimmed(document["text"], quote)]
        same(sorted((e.type.lower(), min(s.start for s in e.spans), max(s.end for s in e.spans)) for e in example.entities
                    if e.type in ("Direct", "Indirect", "Mixed")),
             sorted((q["type"], *trimmed(document["text"], q)) for q in quotes), "quotations")
        said = sorted((min(s.start for s in r.arg1.spans), min(s.start for s in r.arg2.spans)) for r in example.relations
                      if r.type == "Said_by")
        pairs = [(trimmed(document["text"], q), trimmed(document["text"], place(q["speaker_mention"]))) for q in quotes
                 if q["speaker_mention"]]
        same(said, sorted((words[0], speaker[0]) for words, speaker in pairs if speaker), "speakers")


def place(pair):
    return {"start": pair[0], "end": pair[1]}


def trimmed(text, span):
    """From the first to the last line of a span that has more than white space; None when none has."""
    lines = [match.span() for match in re.finditer(f"[^{BREAKS.pattern[1:-1]}]+", text[span["start"]:span["end"]])]
    lines = [line for line in lines if text[span["start"] + line[0]:span["start"] + line[1]].strip()]
    return (span["start"] + lines[0][0], span["start"] + lines[-1][1]) if lines else None


# ---- TEI ---------------------------------------------------------------------------------------------------------------

def text_of(element):
    """The characters, with those that XML cannot have."""
    parts = []

    def walk(node):
        if node.tag == TEI + "g":
            parts.append(chr(int(node.get("n")[2:], 16)))
        else:
            parts.append(node.text or "")
            for child in node:
                walk(child)
        if node is not element:
            parts.append(node.tail or "")
    walk(element)
    return "".join(parts)


def pieces_of(div):
    """{(tag, id of the first piece or a number): [start, end] of what its pieces hold together, with its attributes}"""
    found, at, anonymous = {}, 0, 0

    def walk(node):
        nonlocal at, anonymous
        key, begin = None, at
        if node.tag == TEI + "g":
            at += 1
        else:
            at += len(node.text or "")
            for child in node:
                walk(child)
                at += len(child.tail or "")
        if node.tag.removeprefix(TEI) in ("said", "persName", "orgName", "placeName", "name", "date", "time", "measure", "num"):
            anonymous += 1
            name = node.get(XML_ID)
            if node.get("prev"):
                same(node.get("prev"), "#" + name.split(".")[0] + "." + str(int(name.split(".")[1]) - 1), "prev")
            key = name.split(".")[0] if name else anonymous
            found.setdefault((node.tag.removeprefix(TEI), key), []).append((begin, at, dict(node.attrib)))
    walk(div)
    for pieces in found.values():
        same([bool(piece[2].get("next")) for piece in pieces], [True] * (len(pieces) - 1) + [False], "next")
    return found


def check_tei(reference, path):
    from lxml import etree
    schema_file = pathlib.Path(importlib.util.find_spec("schemas").submodule_search_locations[0], "tei_all.rng")
    schema = etree.RelaxNG(etree.parse(str(schema_file)))
    tree = etree.parse(str(path), etree.XMLParser(huge_tree=True))
    if not schema.validate(tree):
        raise AssertionError("\n".join(str(error) for error in list(schema.error_log)[:10]))
    documents = tree.getroot().findall(TEI + "TEI")
    same(len(documents), len(reference), "documents")
    ids = {node.get(XML_ID) for node in tree.iter() if node.get(XML_ID)}
    for node in tree.iter():
        for name in ("who", "ref", "next", "prev"):
            if node.get(name):
                assert node.get(name)[1:] in ids, f"{name}={node.get(name)} points nowhere"
    for tei, document in zip(documents, reference):
        div = tei.find(f"{TEI}text/{TEI}body/{TEI}div")
        text = document["text"]
        same(text_of(div), text, "the text")
        found = pieces_of(div)
        entities = sorted((pieces[0][0], pieces[-1][1]) for (tag, _), pieces in found.items() if tag != "said")
        expected = [inside(document, span) for span in spans(document, "entities")]
        same(entities, sorted(span for span in expected if span), "entities")
        said = sorted((pieces[0][0], pieces[-1][1], pieces[0][2]["direct"]) for (tag, _), pieces in found.items()
                      if tag == "said")
        direct = {"direct": "true", "indirect": "false", "mixed": "unknown"}
        same(said, sorted((*inside(document, (q["start"], q["end"])), direct[q["type"]]) for q in document.get("quotes", [])
                          if inside(document, (q["start"], q["end"]))), "quotations")
        names = {node.get(XML_ID): text_of(node[0]) for tag in ("person", "org", "place") for node in tei.iter(TEI + tag)}
        speakers = sorted(names["".join(pieces[0][2]["who"][1:])] for (tag, _), pieces in found.items()
                          if tag == "said" and "who" in pieces[0][2])
        same(speakers, sorted(legal(q["speaker"]) for q in document.get("quotes", []) if q["speaker"]
                              and inside(document, (q["start"], q["end"]))), "speakers")


def legal(text):
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "\ufffd", text)


def inside(document, span):
    """The span, without what of its ends lies between paragraphs."""
    text, blocks, at = document["text"], [], 0
    for paragraph in [*document.get("structure", []), {"start": len(text), "end": len(text)}]:
        if text[at:paragraph["start"]].strip(" \t\r\n"):
            blocks.append((at, paragraph["start"]))
        blocks.append((paragraph["start"], paragraph["end"]))
        at = paragraph["end"]
    parts = [(max(span[0], start), min(span[1], end)) for start, end in blocks if max(span[0], start) < min(span[1], end)]
    return (parts[0][0], parts[-1][1]) if parts else None


# ---- W3C Web Annotation --------------------------------------------------------------------------------------------------

def _context():
    """The terms of the W3C's context that the exports use, as the recommendation (section 3 of the vocabulary) has them."""
    oa, act = "http://www.w3.org/ns/oa#", "http://www.w3.org/ns/activitystreams#"
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    terms = {"id": "@id", "type": "@type", "oa": oa, "rdf": rdf, "as": act, "dc": "http://purl.org/dc/elements/1.1/",
             "value": "rdf:value", "format": "dc:format", "exact": "oa:exact", "prefix": "oa:prefix", "suffix": "oa:suffix",
             "Annotation": "oa:Annotation", "TextualBody": "oa:TextualBody", "SpecificResource": "oa:SpecificResource",
             "TextPositionSelector": "oa:TextPositionSelector", "TextQuoteSelector": "oa:TextQuoteSelector",
             "AnnotationPage": "as:OrderedCollectionPage", "items": {"@type": "@id", "@id": "as:items", "@container": "@list"}}
    number = "http://www.w3.org/2001/XMLSchema#nonNegativeInteger"
    terms |= {name: {"@id": f"oa:{name}", "@type": number} for name in ("start", "end")}
    terms |= {name: {"@id": f"oa:has{name.title()}", "@type": "@id"} for name in ("body", "target", "source", "selector")}
    terms |= {name: f"oa:{name}" for name in ("identifying", "describing", "classifying")}
    terms["motivation"] = {"@id": "oa:motivatedBy", "@type": "@vocab"}
    terms["purpose"] = {"@id": "oa:hasPurpose", "@type": "@vocab"}
    return {"@context": terms}


def check_webanno(reference, path):
    from pyld import jsonld
    context, oa = _context(), "http://www.w3.org/ns/oa#"

    def load(url, options):
        same(url, "http://www.w3.org/ns/anno.jsonld", "the context")
        return {"contentType": "application/ld+json", "contextUrl": None, "documentUrl": url, "document": context}
    jsonld.set_document_loader(load)
    with open(path, encoding="utf-8", newline="\n") as file:
        pages = [json.loads(line) for line in file]
    same(len(pages), len(reference), "pages")
    for page, document in zip(pages, reference):
        text, expanded = document["text"], jsonld.expand(page)[0]
        about = expanded["https://schema.org/about"][0]
        same(about["https://schema.org/articleBody"][0]["@value"], text, "the text")
        items = expanded["http://www.w3.org/ns/activitystreams#items"][0]["@list"]
        same(len(items), len(document.get("entities", [])) + len(document.get("quotes", [])), "annotations")
        names = set()
        for item, part in zip(items, [*document.get("entities", []), *document.get("quotes", [])]):
            same(item["@type"], [oa + "Annotation"], "type")
            target = item[oa + "hasTarget"][0]
            same(target[oa + "hasSource"], [{"@id": about["@id"]}], "source")
            position, quoted = target[oa + "hasSelector"]
            where = int(position[oa + "start"][0]["@value"]), int(position[oa + "end"][0]["@value"])
            same(where, (part["start"], part["end"]), "position")
            exact = quoted[oa + "exact"][0]["@value"]
            same(exact, text[where[0]:where[1]], "exact")
            assert text[:where[0]].endswith(quoted[oa + "prefix"][0]["@value"]) and text[where[1]:].startswith(
                quoted[oa + "suffix"][0]["@value"]), "prefix or suffix"
            kind, *identity = item[oa + "hasBody"]
            same(kind["http://www.w3.org/1999/02/22-rdf-syntax-ns#value"][0]["@value"], part["type"], "class")
            same(bool(identity), bool(part["entity"]), "identity")
            if identity:
                resource = identity[0][oa + "hasSource"][0]
                same(resource["https://schema.org/name"][0]["@value"], document["clusters"][part["entity"]]["name"], "name")
            if "confidence" in part:
                same(item["urn:quotewire:confidence"][0]["@value"], part["confidence"], "confidence")
            names.add(item["@id"])
        same(len(names), len(items), "ids")
    if pages:
        assert jsonld.to_rdf(pages[0]), "no triples"


# ---- CSV ---------------------------------------------------------------------------------------------------------------

def guarded(text):
    text = (text or "").replace("\0", "\ufffd")
    return "'" + text if text[:1] in tuple("=+-@\t\r\n＝＋－＠") else text


def check_csv(reference, path):
    csv.field_size_limit(1 << 30)
    data = pathlib.Path(path).read_bytes().decode()
    with open(path, encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, strict=True))
    assert data.endswith("\r\n"), "the last line has no end"
    expected = []
    for document in reference:
        for quote in document.get("quotes", []):
            def words(pair):
                return guarded(document["text"][pair[0]:pair[1]]) if pair else ""
            expected.append((guarded(quote["speaker"]), words((quote["start"], quote["end"])), quote["type"],
                             guarded(document["id"]), str(quote["start"]), str(quote["end"]), words(quote["cue"]), words(quote["speaker_mention"]),
                             words(quote.get("via")), guarded(quote["entity"]), str(quote["speech"]).lower(), quote["how"],
                             str(quote["confidence"])))
    columns = ("speaker", "quote", "type", "document", "start", "end", "cue", "mention", "via", "entity", "speech", "how",
               "confidence")
    same([tuple(row[column] for column in columns) for row in rows], expected, "rows")


# ---- Parquet -----------------------------------------------------------------------------------------------------------

def check_parquet(reference, path):
    import pyarrow.parquet
    table = pyarrow.parquet.read_table(path)
    same(table.num_rows, len(reference), "rows")
    for row, document in zip(table.to_pylist(), reference):
        for name in ("id", "text", "position"):
            same(row[name], document[name], name)
        same([(token["start"], token["end"]) for token in row["tokens"] or []],
             [tuple(token) for token in document.get("tokens", [])], "tokens")
        same([(m["start"], m["end"], m["type"], m["entity"]) for m in row["entities"] or []],
             [(m["start"], m["end"], m["type"], m["entity"]) for m in document.get("entities", [])], "entities")
        same([(q["start"], q["end"], q["speaker"], q["text"], q["confidence"]) for q in row["quotes"] or []],
             [(q["start"], q["end"], q["speaker"], document["text"][q["start"]:q["end"]], q["confidence"])
              for q in document.get("quotes", [])], "quotes")


def main():
    name, reference, export = sys.argv[1:]
    with open(reference, encoding="utf-8", newline="\n") as file:
        documents = [json.loads(line) for line in file]
    globals()["check_" + name](documents, export)
    print(len(documents), "documents agree")


if __name__ == "__main__":
    main()
