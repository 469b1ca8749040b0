import { expect, test, vi } from "vitest";
import { CheckRunner } from "../../provider/cli/doctor/check-runner.ts";
import type { Check, Context, Found, SystemName } from "../../provider/cli/doctor/finding.ts";
import { SettingsError } from "../../provider/core/errors.ts";
import { Settings } from "../../provider/core/settings.ts";

const runner = () => new CheckRunner(5);

function contextOf(runner: CheckRunner, signal = new AbortController().signal): Context {
  const settings = new Settings({ get: () => undefined }, {});
  return { settings, options: {}, signal, now: Date.now, once: runner.once };
}

const said = (found: readonly Found[]) => found.map(({ check, verdict, text }) => `${verdict} ${check}: ${text}`);
const good: Found = { check: "good", verdict: "ok", text: "It is." };

async function runAll(checks: readonly Check[], system: SystemName = "ecs"): Promise<string[]> {
  const own = runner();
  const context = contextOf(own);
  const all: Found[] = [];
  for (const check of checks) all.push(...(await own.run(system, check, context)));
  return said(all);
}

test("what a check throws is its finding, and what it has found before stays", async () => {
  async function* run(): AsyncGenerator<Found> {
    yield good;
    throw new Error("The array is on fire.");
  }
  const next: Check = { name: "next", needs: ["first"], run: async () => [good] };
  const free: Check = { name: "free", run: async () => [good] };
  expect(await runAll([{ name: "first", run }, next, { ...next, name: "last", needs: ["next"] }, free])).toEqual([
    "ok good: It is.",
    "not known first: The array is on fire.",
    "not known next: Not asked. The array is on fire.",
    "not known last: Not asked. The array is on fire.",
    "ok good: It is.",
  ]);
});

test("settings that cannot be used are no doubt", async () => {
  const run = () => Promise.reject(new SettingsError("ecsPassword is missing."));
  expect(await runAll([{ name: "log-in", run }])).toEqual(["failed log-in: ecsPassword is missing."]);
});

test("only what stops keeps others from being made, and the failure is the reason", async () => {
  const failed: Found = { check: "chain", subject: "S3", verdict: "failed", text: "No." };
  const run = async (): Promise<Found[]> => [failed, { ...good, stops: true }];
  const next: Check = { name: "next", needs: ["first"], run: async () => [good] };
  expect(await runAll([{ name: "first", run }, next])).toEqual([
    "failed chain: No.",
    "ok good: It is.",
    "not known next: Not asked. S3: No.",
  ]);
  expect(await runAll([{ name: "first", run: async () => [failed] }, next])).toEqual([
    "failed chain: No.",
    "ok good: It is.",
  ]);
});

test("a check may need one of another system", async () => {
  const own = runner();
  const context = contextOf(own);
  await own.run("cloudstack", { name: "log-in", run: () => Promise.reject(new Error("Refused.")) }, context);
  const key: Check = { name: "key", needs: ["cloudstack/log-in"], run: async () => [good] };
  expect(said(await own.run("sso", key, context))).toEqual(["not known key: Not asked. CloudStack: Refused."]);
  expect(said(await own.run("sso", { ...key, needs: ["ecs/log-in", "log-in"] }, context))).toEqual(["ok good: It is."]);
});

test("the end of the time ends a check that does not", async () => {
  const own = runner();
  const end = new AbortController();
  const context = contextOf(own, end.signal);
  async function* run(): AsyncGenerator<Found> {
    yield good;
    end.abort();
    await new Promise(() => {});
  }
  const out = "not known slow: Not asked. The 5 s of --timeout are used up.";
  expect(said(await own.run("ecs", { name: "slow", run }, context))).toEqual(["ok good: It is.", out]);
  const never = vi.fn();
  expect(said(await own.run("ecs", { name: "slow", run: never }, context))).toEqual([out]);
  expect(never).not.toHaveBeenCalled();
});

test("what several ask is asked once, failures too", async () => {
  const own = runner();
  const ask = vi.fn(() => Promise.reject(new Error("No.")));
  for (let time = 0; time < 2; time += 1) await expect(own.once("that", ask)).rejects.toThrow("No.");
  expect(ask).toHaveBeenCalledTimes(1);
});
