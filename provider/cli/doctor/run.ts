import { SettingsError } from "../../core/errors.ts";
import { withinOperation } from "../../core/operation.ts";
import { redact } from "../../core/redact.ts";
import type { Settings } from "../../core/settings.ts";
import { CheckRunner } from "./check-runner.ts";
import type { Check, DoctorOptions, Finding, Found, SystemName } from "./finding.ts";
import { checksOf } from "./systems.ts";

export interface Examination {
  readonly settings: Settings;
  readonly options: DoctorOptions;
  /** For each system. */
  readonly timeoutSeconds: number;
}

/** Looks at the systems: at all at once, except that single sign-on builds on what the others show. */
export async function examine(systems: readonly SystemName[], examination: Examination): Promise<Finding[]> {
  const runner = new CheckRunner(examination.timeoutSeconds);
  const one = (system: SystemName) => examineSystem(system, examination, runner);
  const first = await Promise.all(systems.filter((system) => system !== "sso").map(one));
  const last = systems.includes("sso") ? await one("sso") : [];
  const all = [...first.flat(), ...last];
  return systems.flatMap((system) => all.filter((finding) => finding.system === system));
}

async function examineSystem(
  system: SystemName,
  { settings, options, timeoutSeconds }: Examination,
  runner: CheckRunner,
): Promise<Finding[]> {
  const signal = AbortSignal.timeout(timeoutSeconds * 1000);
  const context = { settings, options, signal, now: Date.now, once: runner.once };
  const checks = checksIn(system, settings);
  // Requests get a second more, so that it is the signal that says that the time is up.
  const found = await withinOperation(timeoutSeconds + 1, async () => {
    const all: Found[] = [];
    for (const check of checks) all.push(...(await runner.run(system, check, context)));
    return all;
  });
  return found.map(({ stops: _, ...finding }) => ({ system, ...readable(finding) }));
}

/** Settings that cannot be used are a finding, too; then there is nothing to ask. */
function checksIn(system: SystemName, settings: Settings): readonly Check[] {
  try {
    return checksOf(system, settings);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const next = "Complete or correct what it names.";
    const found: Found = { check: "settings", verdict: "failed", text: error.message, next };
    return [{ name: "settings", run: async () => [found] }];
  }
}

/** No secret, and one line: lists in the messages of errors have lines of their own. */
function readable<Part extends Omit<Found, "stops">>(finding: Part): Part {
  const folded = (text: string) => redact(text).replace(/\s*\n\s*(- )?/g, " ");
  return {
    ...finding,
    text: folded(finding.text),
    ...(finding.next === undefined ? {} : { next: folded(finding.next) }),
  };
}
