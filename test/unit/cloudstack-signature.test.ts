import { afterEach, describe, expect, test, vi } from "vitest";
import { signatureOf } from "../../provider/cloudstack/signature.ts";
import { SignedRequests } from "../../provider/cloudstack/signed.ts";
import type { Outgoing } from "../../provider/core/transport.ts";

const apiKey = "Test-Api_Key.001";
const secretKey = "Test-Secret_Key.001";
const usual = { apikey: apiKey, expires: "2030-01-02T03:04:05+0000", response: "json", signatureversion: "3" };

function addition(secretOfStore: string): Record<string, string> {
  return {
    ...usual,
    command: "addImageStore",
    name: "Cloudian S3 (main)",
    provider: "S3",
    "details[0].key": "accesskey",
    "details[0].value": "AKIA+Test/Key=01",
    "details[1].key": "secretkey",
    "details[1].value": secretOfStore,
    "details[2].key": "bucket",
    "details[2].value": "cs-secondary",
    "details[3].key": "endpoint",
    "details[3].value": "https://s3.example.test:443",
    "details[4].key": "usehttps",
    "details[4].value": "true",
  };
}

// Vectors 1 to 4 of the reference, which four implementations agree upon.
describe("the signature", () => {
  test("of a list", () => {
    const parameters = { ...usual, command: "listImageStores", page: "1", pagesize: "500", provider: "S3" };
    expect(signatureOf(parameters, secretKey)).toBe("XHrDIG1lgQNdVLiJ//4PcHj3vGs=");
  });

  test("of values with marks, blanks and letters outside ASCII", () => {
    expect(signatureOf(addition("s3cr3t/+!*() é"), secretKey)).toBe("QSVclEchPvNzIkYej/3i1NjEai4=");
  });

  test("of a tilde is not the one of clients that leave it as it is", () => {
    const signature = signatureOf(addition("s3cr3t/+~!*() é"), secretKey);
    expect(signature).toBe("rAbibG0+54X3CL+p+GHpkH7+po0=");
    expect(signature).not.toBe("OB99zGHEJ5BcQfAsUqyjvKsrURU=");
  });

  test("of names in mixed case is over their order as sent, not over that in lower case", () => {
    const parameters = { apiKey, apiZone: "a", apifoo: "b", command: "listZones", response: "json" };
    const signature = signatureOf(parameters, secretKey);
    expect(signature).toBe("eSb2OOVY1avSs/Hv6IZ0JZyrCe8=");
    expect(signature).not.toBe("Q4frwxyP3effKmBRoim+KV0uFJM=");
  });

  test("does not depend on the order in which parameters were given", () => {
    const reversed = Object.fromEntries(Object.entries(addition("s3cr3t/+!*() é")).reverse());
    expect(signatureOf(reversed, secretKey)).toBe("QSVclEchPvNzIkYej/3i1NjEai4=");
  });
});

describe("a request", () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  const settings = {
    endpoint: "https://cloud.example.test/client/api",
    apiKey,
    secretKey,
    aliases: [],
    tls: { insecure: false },
    transport: { requestTimeoutSeconds: 5, operationTimeoutSeconds: 10, maxConnections: 2, retryBudget: 100 },
  };
  const sentFor = async (request: Partial<Outgoing>): Promise<Outgoing> => {
    const sent: Outgoing[] = [];
    const outgoing = { method: "GET", path: "", query: "", headers: {}, ...request };
    await new SignedRequests(settings).offer({ what: "ask", effect: "read" }, async (prove) => {
      sent.push(prove(outgoing));
      return { answer: { status: 200, body: "", date: undefined, headers: {} } };
    });
    expect(sent).toHaveLength(1);
    return sent[0] as Outgoing;
  };

  test("expires ten minutes from now, in the form with +0000", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2030, 0, 2, 2, 54, 5, 678) });
    const { query, body } = await sentFor({
      query: "command=listImageStores&page=1&pagesize=500&provider=S3&response=json",
    });
    expect(query).toBe(
      "command=listImageStores&page=1&pagesize=500&provider=S3&response=json&apikey=Test-Api_Key.001&signatureversion=3" +
        "&expires=2030-01-02T03%3A04%3A05%2B0000&signature=XHrDIG1lgQNdVLiJ%2F%2F4PcHj3vGs%3D",
    );
    expect(body).toBeUndefined();
  });

  test("with a form has everything in the form, and nothing in the URL", async () => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.UTC(2030, 0, 2, 2, 54, 5) });
    const { expires, apikey, signatureversion, ...own } = addition("s3cr3t/+~!*() é");
    const { query, body } = await sentFor({ method: "POST", body: new URLSearchParams(own).toString() });
    expect(query).toBe("");
    expect(Object.fromEntries(new URLSearchParams(String(body)))).toEqual({
      ...own,
      expires,
      apikey,
      signatureversion,
      signature: "rAbibG0+54X3CL+p+GHpkH7+po0=",
    });
  });
});
