import { afterEach, expect, test, vi } from "vitest";
import {
  Conflict,
  FailedHalfway,
  messageOf,
  NoAnswer,
  OutcomeUnknown,
  PartialFailure,
  Refused,
  SettingsError,
  StorageError,
  Unauthorized,
  UnexpectedAnswer,
  Unreachable,
} from "../../provider/core/errors.ts";
import { rememberSecret } from "../../provider/core/redact.ts";

afterEach(() => vi.unstubAllEnvs());

test.each<[name: string, error: StorageError]>([
  ["StorageError", new StorageError("text")],
  ["SettingsError", new SettingsError("text")],
  ["UnexpectedAnswer", new UnexpectedAnswer("text", 418)],
  ["Unauthorized", new Unauthorized("text")],
  ["Unreachable", new Unreachable("text")],
  ["NoAnswer", new NoAnswer("text")],
  ["OutcomeUnknown", new OutcomeUnknown("text")],
  ["FailedHalfway", new FailedHalfway("text")],
  ["Conflict", new Conflict("text")],
  ["Refused", new Refused("text")],
  ["PartialFailure", new PartialFailure("an-id", {}, "text")],
])(
  "%s is called by its name, says its text, and has nothing that Pulumi's server would take for its own",
  (name, error) => {
    expect(error.name).toBe(name);
    expect(`${error}`).toBe(name);
    expect(error.message).toBe("text");
    expect(error.stack).toBe("see the error of the resource.");
    expect(error).not.toHaveProperty("code");
    expect(error).not.toHaveProperty("details");
  },
);

test("while somebody debugs, the stack is there", () => {
  vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "1");
  expect(new Refused("text").stack).toContain("errors.test.ts");
});

test("an answer's status and a partial failure's state can be read", () => {
  expect(new UnexpectedAnswer("text", 418).status).toBe(418);
  expect(new PartialFailure("an-id", { a: 1 }, "text")).toMatchObject({
    id: "an-id",
    properties: { a: 1 },
    reasons: ["text"],
  });
});

test("no secret stays in message, stack or reasons", () => {
  vi.stubEnv("CLOUDSTACK_STORAGE_DEBUG", "1");
  rememberSecret("Canary-of-errors");
  const error = new PartialFailure("an-id", {}, "it said Canary-of-errors");
  expect(error.stack).toContain("it said Canary-of-errors");
  error.redacted();
  expect(error.message).toBe("it said [secret]");
  expect(error.stack).toMatch(/^\w+: it said \[secret\]\n/);
  expect(error.reasons).toEqual(["it said [secret]"]);
  expect(error).toBeInstanceOf(PartialFailure);
});

test("an error without a stack stays without one", () => {
  const error = new Refused("text");
  delete error.stack;
  expect(error.redacted().stack).toBeUndefined();
});

test("whatever is thrown has a sentence", () => {
  expect(messageOf(new Error("a sentence"))).toBe("a sentence");
  expect(messageOf("a sentence")).toBe("a sentence");
  expect(messageOf(undefined)).toBe("undefined");
});
