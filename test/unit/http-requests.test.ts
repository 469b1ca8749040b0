import { describe, expect, test } from "vitest";
import type { Call } from "../../provider/core/http.ts";
import { ENDPOINT, httpStage } from "./http-stage.ts";

const stage = httpStage();

const read: Call = { what: "read it", method: "GET", path: "/thing", effect: "read", answers: [200] };
const make: Call = { what: "make it", method: "POST", path: "/thing", effect: "once", answers: [200] };

describe("what leaves", () => {
  test("has no body and no word of one where there is none", async () => {
    await stage.client().send(read);
    expect(stage.sent).toStrictEqual([
      { method: "GET", path: "/thing", query: "", headers: { accept: "application/json" } },
    ]);
  });

  test("carries a document as JSON", async () => {
    await stage.client().send({ ...make, json: { name: "é" } });
    expect(stage.sent).toStrictEqual([
      {
        method: "POST",
        path: "/thing",
        query: "",
        headers: { accept: "application/json", "content-type": "application/json; charset=utf-8" },
        body: '{"name":"é"}',
      },
    ]);
  });

  test("carries a form as a browser would send it, its blanks percent-encoded", async () => {
    await stage.client().send({ ...make, form: { name: "a b&c", plus: "1+1", empty: "" } });
    expect(stage.sent).toStrictEqual([
      {
        method: "POST",
        path: "/thing",
        query: "",
        headers: { accept: "application/json", "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
        body: "name=a%20b%26c&plus=1%2B1&empty=",
      },
    ]);
  });
});

describe("a secret in the URL", () => {
  const withSecret: Call = { ...make, query: { userId: "ada" }, secretQuery: { secretKey: "Canary-in-URL-1" } };

  test.each([ENDPOINT, "http://localhost:18081", "http://127.0.0.1:18081", "http://[::1]:18081"])(
    "goes to %s, where nobody on the way can read it",
    async (endpoint) => {
      expect(await stage.outcomeOf(stage.client(endpoint).send(withSecret))).toBe(200);
      expect(stage.sent).toMatchObject([{ query: "userId=ada&secretKey=Canary-in-URL-1" }]);
    },
  );

  test.each(["http://admin.example:18081", "http://https.example:18081"])(
    "does not go to %s, and neither does anything else of the request",
    async (endpoint) => {
      expect(await stage.outcomeOf(stage.client(endpoint).send(withSecret))).toBe(
        `Refused: Refused to make it: this API takes the secret in the URL, and ${endpoint} is plain HTTP, where it could be read on the way. Use the system's HTTPS port in cloudianEndpoint.`,
      );
      expect(stage.sent).toEqual([]);
    },
  );

  test("stops no request that carries none", async () => {
    expect(await stage.outcomeOf(stage.client("http://admin.example:18081").send(make))).toBe(200);
  });

  test("is not shown where the answer repeats it", async () => {
    stage.replies = [{ status: 400, body: "bad key Canary-in-URL-2" }];
    const call = { ...make, secretQuery: { secretKey: "Canary-in-URL-2" } };
    expect(await stage.outcomeOf(stage.client().send(call))).toBe(
      `UnexpectedAnswer: Could not make it: ${ENDPOINT} answered 400, "bad key [secret]".`,
    );
  });
});
