"""How a vector is written down: one JSON file each, bytes as {"bin": "hex"}."""

import json
import pathlib

import msgpack

HERE = pathlib.Path(__file__).parent


def plain(value):
    """The value as JSON can hold it."""
    if isinstance(value, (bytes, bytearray)):
        return {"bin": bytes(value).hex()}
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    if isinstance(value, list):
        return [plain(item) for item in value]
    if isinstance(value, int) and not isinstance(value, bool) and value >= 1 << 63:
        return {"uint64": str(value)}
    return value


def laid_out(value, indent=0):
    """JSON with short values on one line, so that a difference between two versions can be read."""
    line = json.dumps(value, ensure_ascii=False)
    if len(line) + indent < 120 or not isinstance(value, (dict, list)):
        return line
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        items = [json.dumps(key, ensure_ascii=False) + ": " + laid_out(item, indent + 1) for key, item in value.items()]
        return "{\n" + ",\n".join(inner + item for item in items) + "\n" + " " * indent + "}"
    if not any(isinstance(item, dict) for item in value):
        return line
    return "[\n" + ",\n".join(inner + laid_out(item, indent + 1) for item in value) + "\n" + " " * indent + "]"


def pack(value):
    return msgpack.packb(value, use_bin_type=True)


def write(folder, name, **members):
    if members.get("error") is None:
        members.pop("error", None)
    members["json"] = plain(members["json"])
    path = HERE / folder / (name + ".json")
    path.write_text(laid_out({"name": name, **members}) + "\n", encoding="utf-8")
