import { type Canary, Scanner } from "./scanner.ts";

/**
 * What no run of the suite may show: the beginning of every canary, and the log-ins of a lab that has no others. The
 * password of the lab's HyperStore is a common word, so that only the pair with its user name is looked for.
 */
const wellKnown: readonly Canary[] = [
  { name: "a canary", value: "Canary" },
  { name: "the lab's ECS password", value: "lab-ecs-password" },
  { name: "the lab's secret key of CloudStack", value: "lab-secret-key-Root_Admin.01" },
  { name: "the lab's single-sign-on key", value: "lab-sso-key" },
  { name: "the lab's log-in of Cloudian", value: "sysadmin:public" },
];

const scanner = new Scanner(wellKnown);

/** Answers what a command or an engine run has printed; throws where it shows a secret that the suite knows, or one of its lab. */
export function watched(output: string, place: string, made: readonly Canary[] = []): string {
  const hits = [scanner, ...(made.length === 0 ? [] : [new Scanner(made)])].flatMap((each) => each.scan(output, place));
  if (hits.length === 0) return output;
  const found = hits.map(({ canary, encoding }) => `${canary} (${encoding})`);
  throw new Error(`${place} shows ${[...new Set(found)].join(", ")}.`);
}

/** Long enough to be nobody's word. */
const shortestKey = 16;

/** The keys and passwords that a lab's state holds, by where they are there. */
export function secretsIn(state: unknown, path = ""): Canary[] {
  if (typeof state !== "object" || state === null) return [];
  return Object.entries(state).flatMap(([name, value]) => {
    const place = `${path}/${name}`;
    const isSecret = /^(secret|secretkey|password)$/i.test(name);
    if (typeof value !== "string") return secretsIn(value, place);
    return isSecret && value.length >= shortestKey ? [{ name: `the lab's ${place}`, value }] : [];
  });
}
