import { liveCloudian } from "./cloudian.ts";
import { liveCloudStack } from "./cloudstack.ts";
import { liveEcs } from "./ecs.ts";
import { Environment, type SystemName, systemNames } from "./environment.ts";
import { runLifecycle } from "./lifecycle.ts";
import { LiveStack } from "./stack.ts";
import type { LiveSystem } from "./system.ts";

const makers: Readonly<Record<SystemName, (env: Environment) => LiveSystem>> = {
  cloudian: liveCloudian,
  ecs: liveEcs,
  cloudstack: liveCloudStack,
};

/** What a killed run has left is shown and left alone: another run may be under way. */
async function showLeftovers(system: LiveSystem, env: Environment): Promise<void> {
  const left = await system.objectsWith(`${env.family}-`);
  if (left.length > 0) console.log(`LEFT OVER from other runs on ${system.name}, not touched: ${left.join(", ")}`);
}

async function testSystem(system: LiveSystem, env: Environment): Promise<void> {
  for (const each of system.leftOut) console.log(`LEFT OUT on ${system.name}: ${each}`);
  if (system.kinds.length === 0) throw new Error(`Nothing of ${system.name} can be tested with what is set.`);
  await showLeftovers(system, env);
  const own = { prefix: env.prefix, setting: env.optional("CLOUDSTACK_STORAGE_LIVE_SETTING") };
  const stack = await LiveStack.open(env.prefix, env.settings(), own);
  try {
    await runLifecycle(system, stack, env.prefix);
  } finally {
    stack.close();
  }
}

/** The life of every kind on real systems, each by objects whose names this run has made. */
async function main(): Promise<void> {
  const env = new Environment(process.env);
  const chosen = env.systems();
  for (const name of systemNames.filter((each) => !chosen.includes(each)))
    console.log(`LEFT OUT: ${name} is not named`);
  console.log(`Everything that this run makes begins with ${env.prefix}`);
  let failed = 0;
  for (const name of chosen) {
    try {
      await testSystem(makers[name](env), env);
    } catch (error) {
      failed += 1;
      console.error(`FAILED on ${name}: ${error instanceof Error ? error.message : String(error)}`);
      console.error(`Look for objects whose names begin with ${env.prefix} before the next run.`);
    }
  }
  console.log(`${chosen.length - failed} of ${chosen.length} systems passed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

await main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 2;
});
