import { findEngine } from "./engine/find.ts";
import { lint } from "./layers/checks.ts";
import { failure, type Outcome } from "./layers/outcome.ts";
import { checkPackage } from "./layers/package.ts";
import { runTests } from "./layers/tests.ts";

/** In the order in which they run: the quick and telling ones first. */
const LAYERS: Readonly<Record<string, () => Promise<Outcome>>> = {
  lint,
  package: checkPackage,
  unit: () => runTests("unit"),
  property: () => runTests("property"),
  contract: () => runTests("contract"),
  faults: () => runWithEngine("faults"),
  security: () => runWithEngine("security"),
  docs: () => runWithEngine("docs"),
  engine: () => runWithEngine("engine"),
};

/** The engine is looked for here first: making one takes minutes, and its progress should be seen. */
async function runWithEngine(project: string): Promise<Outcome> {
  try {
    const { version, source, hasLanguageHost } = await findEngine({ log: (line) => console.log(`  ${line}`) });
    if (!hasLanguageHost) return failure("The Pulumi CLI has no language host for Node.js beside it or on PATH.");
    return { ...(await runTests(project)), detail: `Pulumi ${version} from ${source}` };
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

function chosen(names: readonly string[]): string[] {
  const unknown = names.filter((name) => !(name in LAYERS));
  if (unknown.length === 0) return Object.keys(LAYERS).filter((name) => names.length === 0 || names.includes(name));
  console.error(`No such layer: ${unknown.join(", ")}. There are: ${Object.keys(LAYERS).join(", ")}.`);
  process.exit(2);
}

async function main(names: readonly string[]): Promise<void> {
  let passed = 0;
  let failed = 0;
  for (const name of chosen(names)) {
    const started = performance.now();
    const outcome = (await LAYERS[name]?.().catch((error: unknown) => failure(String(error)))) ?? failure("");
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (outcome.failed > 0) console.log(outcome.output.trimEnd());
    const detail = outcome.detail === undefined ? "" : `  (${outcome.detail})`;
    console.log(`${name.padEnd(9)} ${outcome.passed} passed, ${outcome.failed} failed  ${seconds} s${detail}`);
    passed += outcome.passed;
    failed += outcome.failed;
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main(process.argv.slice(2));
