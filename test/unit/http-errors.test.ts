import { describe, expect, test, vi } from "vitest";
import { brokenAnswer, type Call, withoutObject } from "../../provider/core/http.ts";
import { ENDPOINT, httpStage, type Reply } from "./http-stage.ts";

vi.mock("node:timers/promises", () => ({ setTimeout: vi.fn(() => Promise.resolve()) }));

const stage = httpStage();

const read: Call = { what: "read it", method: "GET", path: "/thing", effect: "read", answers: [200] };
const make: Call = { what: "make it", method: "PUT", path: "/thing", effect: "once", answers: [200] };

/** Without retries. */
function outcomeOf(call: Call, reply: Reply, settingPrefix?: string): Promise<string | number> {
  stage.replies = [reply];
  return stage.outcomeOf(stage.client(ENDPOINT, 0, settingPrefix).send(call));
}

const answered = `Could not read it: ${ENDPOINT} answered`;
const later = "Run the same command again; if it stays so, see what the system's own log says.";

describe("the error for an answer that a read cannot use", () => {
  test.each([
    { status: 200, body: "Canary-New-Key", says: "200." },
    { status: 299, body: "Canary-New-Key", says: "299." },
    { status: 400, body: "no", says: '400, "no".' },
    { status: 403, body: "no", says: '403, "no". Check that the user of the cloudian settings may do this.' },
    { status: 404, body: "", says: "404." },
    { status: 429, body: "", says: `429. ${later}` },
    { status: 499, body: "", says: "499." },
    { status: 500, body: "torn", says: `500, "torn". ${later}` },
    { status: 503, body: "", says: `503. ${later}` },
  ])("$status", async ({ status, body, says }) => {
    expect(await outcomeOf({ ...read, answers: [] }, { status, body })).toBe(`UnexpectedAnswer: ${answered} ${says}`);
  });

  test("has the status", async () => {
    for (const status of [302, 404, 500]) {
      stage.replies = [{ status }];
      await expect(stage.client(ENDPOINT, 0).send(read)).rejects.toMatchObject({ status });
    }
  });
});

describe("the error for an answer after which something may have been made", () => {
  const text = `Could not make it: ${ENDPOINT} answered`;

  test.each([
    [400, `UnexpectedAnswer: ${text} 400.`],
    [429, `UnexpectedAnswer: ${text} 429. ${later}`],
    [499, `UnexpectedAnswer: ${text} 499.`],
    [500, `OutcomeUnknown: ${text} 500. The request may have been carried out. Run the same command again.`],
  ])("%d", async (status, expected) => {
    expect(await outcomeOf(make, { status })).toBe(expected);
  });
});

describe("a redirection is not followed", () => {
  const kept = "credentials are never sent on. Set cloudianEndpoint to the final address.";

  test.each([
    [300, undefined, `300. It redirects; ${kept}`],
    [302, "https://log-in.example/form?token=1", `302. It redirects to https://log-in.example; ${kept}`],
    [307, ["http://first.example/", "http://second.example/"], `307. It redirects to http://first.example; ${kept}`],
    [308, "/elsewhere", `308. It redirects to ${ENDPOINT}; ${kept}`],
    [399, "http://[", `399. It redirects to another address; ${kept}`],
  ])("%d to %j", async (status, location, says) => {
    expect(await outcomeOf(read, { status, headers: { location } })).toBe(`UnexpectedAnswer: ${answered} ${says}`);
    expect(stage.sent).toHaveLength(1);
  });

  test("and what comes with it is told", async () => {
    expect(await outcomeOf(read, { status: 300, body: "choose" }, "ecs")).toBe(
      `UnexpectedAnswer: ${answered} 300, "choose". It redirects; credentials are never sent on. Set ecsEndpoint to the final address.`,
    );
  });
});

describe("a page in place of an answer", () => {
  const page = { status: 200, body: "<html><body>Please log in</body></html>" };
  const says = `${ENDPOINT} answered with an HTML page, "Please log in". Is there a proxy or another service at this address?`;

  test("is no answer to a read, although its status is the expected one", async () => {
    expect(await outcomeOf(read, page)).toBe(`UnexpectedAnswer: Could not read it: ${says}`);
    stage.replies = [page];
    await expect(stage.client().send(read)).rejects.toMatchObject({ status: 200 });
  });

  test("leaves open what a creation has done", async () => {
    expect(await outcomeOf(make, page)).toBe(`OutcomeUnknown: Could not make it: ${says}`);
  });
});

test("an answer that cannot be understood: what was wanted, how it is broken, what to do", () => {
  expect(brokenAnswer("read it", "the answer is empty", 206)).toMatchObject({
    name: "UnexpectedAnswer",
    message:
      "Could not read it: the answer is empty. Run the same command again; if it stays so, see whether something on the way changes the answers.",
    status: 206,
  });
});

test("a success that does not show what it has made", () => {
  expect(withoutObject("make it", `${ENDPOINT} answered 200`)).toMatchObject({
    name: "OutcomeUnknown",
    message: `Could not make it for certain: ${ENDPOINT} answered 200 without the object. It may have been carried out. Run the same command again.`,
  });
});
