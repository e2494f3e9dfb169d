// A position in a file: decimal digits and a line end, as `quotewire follow --state` keeps it.

import fs from "node:fs";
import path from "node:path";
import { Damaged } from "./errors.js";

/** null: there is no such file yet. */
export function load(name) {
  if (!fs.existsSync(name)) return null;
  const text = fs.readFileSync(name, "latin1");
  if (!/^[0-9]{1,16}\n?$/.test(text) || !Number.isSafeInteger(Number(text)))
    throw new Damaged(`the state file ${name} does not hold a position`);
  return Number(text);
}

/** On disk when it returns: after any crash either the old position or the new one is there. */
export function store(name, position) {
  const fresh = `${name}.new`;
  sync(fresh, "w", (file) => fs.writeSync(file, `${position}\n`));
  fs.renameSync(fresh, name);
  if (process.platform !== "win32") sync(path.dirname(name), "r", () => {});
}

function sync(name, flags, write) {
  const file = fs.openSync(name, flags);
  try {
    write(file);
    fs.fsyncSync(file);
  } finally {
    fs.closeSync(file);
  }
}
