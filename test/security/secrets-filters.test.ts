import { describe, expect, test } from "vitest";
import { Scanner } from "../harness/secret-scan/scanner.ts";
import { given } from "./secrets-canaries.ts";
import { isSearched } from "./secrets-engine-log.ts";
import { messagesIn } from "./secrets-grpc.ts";

// What stands before the scanner in secrets-run.test.ts: a filter that dropped too much would leave it nothing to find.

const canary = given.cmcPassword;
const scanner = new Scanner([{ name: "it", value: canary }]);
const marked = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", value: canary };

describe("messages between the engine and others", () => {
  const object = { groupId: "blue", userId: "ada" };
  /** Each with a place for a value, as the engine writes it into the file that PULUMI_DEBUG_GRPC names. */
  const sent: Readonly<Record<string, (value: unknown) => object>> = {
    "what a program registers": (password) => ({
      method: "/pulumirpc.ResourceMonitor/RegisterResource",
      request: { type: "pulumi-nodejs:dynamic:Resource", name: "user", object: { ...object, password } },
      progress: "request_started",
    }),
    "what a program gets back": (password) => ({
      method: "/pulumirpc.ResourceMonitor/RegisterResource",
      request: { type: "pulumi-nodejs:dynamic:Resource", name: "user", object },
      response: { urn: "urn:pulumi:dev::secrets::user", object: { ...object, password } },
      progress: "response_completed",
    }),
    "what a program exports": (value) => ({
      method: "/pulumirpc.ResourceMonitor/RegisterResourceOutputs",
      request: { outputs: { keys: [{ deep: { value } }] } },
    }),
    "what a provider answers to a creation": (password) => ({
      method: "/pulumirpc.ResourceProvider/Create",
      request: { properties: object },
      response: { id: "blue/ada", properties: { ...object, password } },
    }),
    "what a provider answers to a check": (password) => ({
      method: "/pulumirpc.ResourceProvider/Check",
      response: { inputs: object, failures: [{ property: "password", reason: password }] },
    }),
    "an error of a provider": (value) => ({
      method: "/pulumirpc.ResourceProvider/Update",
      request: { id: "blue/ada", olds: object, news: object },
      errors: ["rpc error: code = Unknown desc = ", value],
    }),
    "a message for the log": (message) => ({
      method: "/pulumirpc.Engine/Log",
      request: { severity: "WARNING", message },
    }),
    "the answer of a program": (value) => ({ method: "/pulumirpc.LanguageRuntime/Run", response: { error: value } }),
  };
  const found = (message: object) => {
    const file = `${JSON.stringify({ method: "/pulumirpc.Engine/GetRootResource", request: {} })}\n${JSON.stringify(message)}\n`;
    return messagesIn(file).flatMap(({ method, text }) => scanner.scan(text, method));
  };

  test.each(Object.entries(sent))("a secret is found in %s, and not where it is marked", (_what, messageWith) => {
    const inClear = messageWith(canary) as { method: string };
    expect([...new Set(found(inClear).map(({ place }) => place))]).toEqual([inClear.method]);
    expect(found(messageWith(marked))).toEqual([]);
  });

  test("a mark hides nothing but its own value", () => {
    const response = { id: "blue/ada", properties: { password: marked, fullName: canary } };
    expect(found({ method: "/pulumirpc.ResourceProvider/Create", response })).not.toEqual([]);
    const wrong = { ...marked, "4dabf18193072939515e22adb298388d": "some other mark" };
    expect(found({ method: "/pulumirpc.Engine/Log", request: { message: wrong } })).not.toEqual([]);
  });

  test.each([
    ["/pulumirpc.LanguageRuntime/Run", { config: { "cloudstack-storage:cloudianPassword": canary } }],
    ["/pulumirpc.ResourceProvider/Configure", { args: { "cloudstack-storage:cloudianPassword": canary } }],
    ["/pulumirpc.ResourceProvider/Create", { properties: { password: canary } }],
  ])("what the engine says in plain of its own accord is left out: %s", (method, request) => {
    expect(found({ method, request })).toEqual([]);
  });
});

describe("lines of the engine's log at --verbose=9", () => {
  const start = "I1128 22:52:12.123456    4711 log.go:81]";

  test.each([
    ["Marshaling property for RPC[ResourceMonitor.RegisterResource(user)]: password="],
    ["Unmarshaling property for RPC[Provider[dynamic, 0x1].Create(user)]: password="],
    ["RegisterResource RPC finished: t=pulumi-nodejs:dynamic:Resource, name=user; err: null, resp: "],
  ])("the engine's own kind is not searched: %s", (line) => {
    expect(isSearched(`${start} ${line}${canary}`)).toBe(false);
  });

  test.each([
    ["cloudstack-storage: POST /user/password 400 "],
    ["RegisterResource RPC prepared: t=pulumi-nodejs:dynamic:Resource, name=user: "],
    ["Provider[dynamic, 0x1].Create(user) failed: err="],
    ["Unmarshaling properties for RPC[Provider[dynamic, 0x1].Create(user)]: "],
    ["error: "],
  ])("any other is: %s", (line) => {
    expect(isSearched(`${start} ${line}${canary}`)).toBe(true);
    expect(isSearched(`${line}${canary}`)).toBe(true);
    expect(scanner.scan(`${start} ${line}${canary}`, "the log")).not.toEqual([]);
  });
});
