import { beforeEach, expect, test } from "vitest";
import { BasicAuthentication, type Refusals } from "../../provider/core/basic.ts";
import { redact } from "../../provider/core/redact.ts";
import type { Answer, Attempt } from "../../provider/core/transport.ts";

const system = {
  endpoint: "https://admin.example.test:19443",
  aliases: [],
  username: "sysadmin",
  password: "Canary-basic",
  tls: { insecure: false },
  transport: { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 100 },
};
const purpose = { what: "read it", effect: "read" } as const;

const answered = (status: number, body = ""): Attempt => ({ answer: { status, body, headers: {} } as Answer });
const lost: Attempt = { failure: "unknown", error: new Error("lost") as never };

/** What is under way, and how each is brought to an end. */
let under: ((result: Attempt) => void)[] = [];
let asked = 0;

beforeEach(() => {
  under = [];
  asked = 0;
});

const offerTo = (authentication: BasicAuthentication) =>
  authentication
    .offer(purpose, () => {
      asked += 1;
      return new Promise((resolve) => under.push(resolve));
    })
    .catch((error: Error) => error);

/** Everything that can go on without an answer has gone on. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

const answerNext = async (result: Attempt) => {
  under.shift()?.(result);
  await settled();
};

test("one attempt goes alone until the password is proven; then all go at once", async () => {
  const authentication = new BasicAuthentication(system, "cloudian");
  const work = [1, 2, 3].map(() => offerTo(authentication));
  await settled();
  expect(asked).toBe(1);
  await answerNext(answered(404));
  expect(asked).toBe(3);
  await answerNext(answered(200));
  await answerNext(answered(200));
  expect(await Promise.all(work)).toEqual([answered(404), answered(200), answered(200)]);
});

test.each<[string, Attempt]>([
  ["a lost reply", lost],
  ["an error of the server", answered(500)],
])("%s proves nothing: the next one goes alone as well", async (_, result) => {
  const authentication = new BasicAuthentication(system, "cloudian");
  const work = [1, 2, 3].map(() => offerTo(authentication));
  await settled();
  await answerNext(result);
  expect(asked).toBe(2);
  await answerNext(answered(200));
  expect(asked).toBe(3);
  await answerNext(answered(200));
  expect(await Promise.all(work)).toEqual([result, answered(200), answered(200)]);
});

test("what was proven stays proven, whatever comes later", async () => {
  const authentication = new BasicAuthentication(system, "cloudian");
  const first = offerTo(authentication);
  await answerNext(answered(200));
  await first;
  const second = offerTo(authentication);
  await answerNext(lost);
  await second;
  const more = [1, 2].map(() => offerTo(authentication));
  await settled();
  expect(asked).toBe(4);
  await answerNext(answered(200));
  await answerNext(answered(200));
  await Promise.all(more);
});

test("a refused password is offered once, by whatever many, and the error says what to do", async () => {
  const authentication = new BasicAuthentication(system, "cloudian");
  const work = [1, 2].map(() => offerTo(authentication));
  await settled();
  await answerNext(answered(401, "no such user"));
  const [first, second] = await Promise.all(work);
  expect(first).toMatchObject({
    name: "Unauthorized",
    message:
      'Could not read it: https://admin.example.test:19443 answered 401, "no such user". Check cloudianUsername and cloudianPassword; they are not tried again in this run. ' +
      "refresh and destroy use the configuration that the last pulumi up has recorded: after a password change give --run-program, or use cloudianPasswordEnv, which is read live.",
  });
  expect(second).toBe(first);
  expect(await offerTo(authentication)).toBe(first);
  expect(asked).toBe(1);
});

test("a system whose 401 means more says which of them refuses the password", async () => {
  const refusals: Refusals = {
    refusesPassword: ({ body }) => body === "password",
    said: ({ body }) => `401 because of the ${body}`,
  };
  const authentication = new BasicAuthentication(system, "cmc", refusals);
  const first = offerTo(authentication);
  await answerNext(answered(401, "clock"));
  expect(await first).toEqual(answered(401, "clock"));
  const second = offerTo(authentication);
  await answerNext(answered(401, "password"));
  expect(String((await second) as Error)).toBe("Unauthorized");
  expect(((await second) as Error).message).toContain("answered 401 because of the password. Check cmcUsername and");
});

test("the pair is in the header, and in no message", async () => {
  const authentication = new BasicAuthentication(system, "cloudian");
  const work = authentication.offer(purpose, async (prove) => {
    const { headers } = prove({ method: "GET", path: "/thing", query: "", headers: { accept: "text/plain" } });
    expect(headers).toEqual({
      accept: "text/plain",
      authorization: "Basic c3lzYWRtaW46Q2FuYXJ5LWJhc2lj",
    });
    return answered(200);
  });
  await work;
  expect(redact("it said sysadmin:Canary-basic and c3lzYWRtaW46Q2FuYXJ5LWJhc2lj")).toBe(
    "it said [secret] and [secret]",
  );
});
