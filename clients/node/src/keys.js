// Key files, as `quotewire keys` makes them: CZMQ's certificates, with the sink's public key beside one's own.

import fs from "node:fs";

/** Throws TypeError when the file is no reader's key, or others may read it. */
export function load(name) {
  if (process.platform !== "win32" && fs.statSync(name).mode & 0o007)
    throw new TypeError(`others may read the key ${name}: chmod o= it`);
  const found = {};
  let values = {};
  for (const line of fs.readFileSync(name, "utf8").split("\n")) {
    const [, indent, key, value] = /^(\s*)([^=#]*?)\s*(?:=\s*"?([^"]*)"?\s*)?$/.exec(line) ?? [];
    if (!key) continue;
    if (!indent) values = found[key] = {};
    else values[key] = value;
  }
  const key = { name: found.metadata?.name ?? "", publicKey: found.curve?.["public-key"], secretKey: found.curve?.["secret-key"],
    sink: found.metadata?.sink };
  if (![key.publicKey, key.secretKey, key.sink].every((part) => part?.length === 40))
    throw new TypeError(`${name} is no secret key that knows its sink`);
  return key;
}
