import { findEngine } from "./engine/find.ts";
import { lint } from "./layers/checks.ts";
import { failure, type Outcome } from "./layers/outcome.ts";
import { checkPackage } from "./layers/package.ts";
import { runTests } from "./layers/tests.ts";
import { firstSeed, soak } from "./soak.ts";

type Layer = (vitestOptions: readonly string[]) => Promise<Outcome>;

/** In the order in which they run: the quick and telling ones first. */
const LAYERS: Readonly<Record<string, Layer>> = {
  lint,
  package: checkPackage,
  unit: (options) => runTests("unit", options),
  property: (options) => runTests("property", options),
  contract: (options) => runTests("contract", options),
  faults: (options) => runWithEngine("faults", options),
  security: (options) => runWithEngine("security", options),
  docs: (options) => runWithEngine("docs", options),
  engine: (options) => runWithEngine("engine", options),
};

/** The engine is looked for here first: making one takes minutes, and its progress should be seen. */
async function runWithEngine(project: string, options: readonly string[]): Promise<Outcome> {
  try {
    const { version, source, hasLanguageHost } = await findEngine({ log: (line) => console.log(`  ${line}`) });
    if (!hasLanguageHost) return failure("The Pulumi CLI has no language host for Node.js beside it or on PATH.");
    return { ...(await runTests(project, options)), detail: `Pulumi ${version} from ${source}` };
  } catch (error) {
    return failure(error instanceof Error ? error.message : String(error));
  }
}

function chosen(names: readonly string[]): string[] {
  const unknown = names.filter((name) => !(name in LAYERS));
  const wanted = names.length > 0 ? names : soak ? ["faults", "security"] : Object.keys(LAYERS);
  if (unknown.length === 0) return Object.keys(LAYERS).filter((name) => wanted.includes(name));
  console.error(`No such layer: ${unknown.join(", ")}. There are: ${Object.keys(LAYERS).join(", ")}.`);
  process.exit(2);
}

/** `--shuffle`, or `--shuffle=SEED` to repeat: files, and tests that are no steps of one story, in another order. */
function shuffling(argument: string | undefined): string[] {
  if (argument === undefined) return [];
  const seed = argument.split("=")[1] ?? `${Date.now() % 1_000_000_000}`;
  console.log(`shuffled with --shuffle=${seed}`);
  return ["--sequence.shuffle.files", "--sequence.shuffle.tests", `--sequence.seed=${seed}`];
}

/** One seed for everything that the run leaves to chance. */
function repeatableBy(seed: number): void {
  process.env["SEED"] = `${seed}`;
  console.log(`SEED=${seed}`);
}

async function main(args: readonly string[]): Promise<void> {
  const names = args.filter((name) => !name.startsWith("--shuffle"));
  const options = shuffling(args.find((name) => name.startsWith("--shuffle")));
  if (soak) repeatableBy(firstSeed());
  let passed = 0;
  let failed = 0;
  for (const name of chosen(names)) {
    const started = performance.now();
    const outcome = (await LAYERS[name]?.(options).catch((error: unknown) => failure(String(error)))) ?? failure("");
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
