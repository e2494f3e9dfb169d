// Reads a ScaledObject as JSON from standard input, and ends with 1 and the reason when KEDA's schema does not allow it.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";

const require = createRequire(join(process.argv[2], "package.json"));
const { ScaledObject } = require("@kubernetes-models/keda/keda.sh/v1alpha1/ScaledObject");
new ScaledObject(JSON.parse(readFileSync(0, "utf8"))).validate();
