// A reader with the Node.js client: reader.mjs (--from N | --state FILE) ENDPOINT. Lines of JSON on standard output.
import fs from "node:fs";
import { setTimeout } from "node:timers/promises";
import { parseArgs } from "node:util";
import { follow } from "quotewire";

const { values, positionals } = parseArgs({ allowPositionals: true, options: { from: { type: "string" }, state: { type: "string" } } });
const documents = follow(positionals[0], { position: Number(values.from ?? 0), state: values.state ?? null,
  key: process.env.KEY_FILE ?? null });
process.on("SIGTERM", () => documents.stop());
for await (const document of documents) {
  fs.writeSync(1, `${JSON.stringify(document)}\n`);
  await setTimeout(Number(process.env.PAUSE_MS));
}
