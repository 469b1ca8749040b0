import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { createServer } from "node:tls";
import { expect, test } from "vitest";
import { tlsFindings } from "../../provider/cli/doctor/endpoint-tls.ts";
import type { Context, Found } from "../../provider/cli/doctor/finding.ts";
import { openPort } from "../../provider/core/probe.ts";
import { type Made, makeCertificate } from "./certificates.ts";

const always = { from: "2020-01-01T00:00:00Z", to: "2120-06-30T12:00:00Z" };
const past = { from: "2000-01-01T00:00:00Z", to: "2021-09-30T00:00:00Z" };
const future = { from: "2119-01-01T00:00:00Z", to: "2120-06-30T12:00:00Z" };

const subject = [["CN", "Jar Root"]] as const;
const oldRoot = makeCertificate({ ...past, subject: [["CN", "Old Root"]] });
const root = makeCertificate({ ...always, subject });
const named = { subject: [["CN", "jars.example"]], dnsName: "jars.example" } as const;
const leaf = makeCertificate({ ...always, ...named, issuer: root });

/** The same authority, signed by one that is not trusted here. */
const crossSigned = (dates: typeof always) => makeCertificate({ ...dates, subject, keysOf: root, issuer: oldRoot });

interface Wishes {
  readonly trusted?: Made;
  readonly insecure?: boolean;
  /** What the clock says, where it is not the time. */
  readonly now?: string;
}

async function found(sent: readonly [Made, ...Made[]], wishes: Wishes = {}): Promise<Found[]> {
  const { trusted = root, insecure = false, now } = wishes;
  const listener = createServer({ key: sent[0].key, cert: sent.map(({ cert }) => cert).join("") });
  await once(listener.listen(0, "127.0.0.1"), "listening");
  const { port } = listener.address() as AddressInfo;
  const patience = { milliseconds: 5000, signal: new AbortController().signal };
  const transport = { requestTimeoutSeconds: 30, operationTimeoutSeconds: 300, maxConnections: 16, retryBudget: 500 };
  const endpoint = {
    name: "cloudian-s3",
    subject: "S3",
    connection: {
      endpoint: `https://jars.example:${port}`,
      tls: { insecure, caPem: trusted.cert },
      transport,
    },
    settingPrefix: "s3",
    setting: "cloudianS3Endpoint",
    usualPorts: "443",
  };
  const context = { now: () => (now === undefined ? Date.now() : Date.parse(now)) } as Context;
  const all: Found[] = [];
  const open = () => openPort("127.0.0.1", port, patience);
  for await (const each of tlsFindings(endpoint, open, context, patience)) all.push(each);
  listener.close();
  return all;
}

const trusted = [
  { check: "tls", verdict: "ok", text: "The certificate is issued by Jar Root, which is trusted here." },
  { check: "tls-name", verdict: "ok", text: "The certificate is for jars.example." },
];

const next = "Take it out of what the server sends: older clients than this one give up at it.";

test.each([
  ["expired", past, "expired on 2021-09-30"],
  ["not yet valid", future, "is not valid before 2119-01-01"],
])("a certificate that trust does not need, %s, is a warning and stops nothing", async (_, dates, how) => {
  expect(await found([leaf, crossSigned(dates)])).toEqual([
    ...trusted,
    {
      check: "tls-expiry",
      verdict: "warning",
      text: `The server also sends the certificate of Jar Root by Old Root, which ${how}; it is not needed here.`,
      next,
    },
  ]);
});

test("the server's own certificate and those that are needed are told before one that is not", async () => {
  const all = await found([leaf, crossSigned(past)], { now: "2120-06-20T12:00:00Z" });
  expect(all.at(-1)).toEqual({
    check: "tls-expiry",
    verdict: "warning",
    text: "The certificate of jars.example expires on 2120-06-30, in 10 days.",
    next: "Renew it on the server.",
  });
});

test("all in order is ok", async () => {
  expect(await found([leaf, crossSigned(always)])).toEqual([
    ...trusted,
    { check: "tls-expiry", verdict: "ok", text: "The certificate of jars.example expires on 2120-06-30." },
  ]);
});

test.each([
  ["the server's own", makeCertificate({ ...past, ...named, issuer: root }), root, "jars.example"],
  ["the authority's", makeCertificate({ ...always, ...named, issuer: oldRoot }), oldRoot, "Old Root"],
])("%s expired certificate is the end of it", async (_, own, authority, whose) => {
  const all = await found([own, authority], { trusted: authority });
  expect(all.at(-1)).toMatchObject({
    check: "tls-expiry",
    verdict: "failed",
    text: expect.stringContaining(`The certificate of ${whose} expired on 2021-09-30.`),
    stops: true,
  });
});

test("where nobody looks at certificates, dates are warnings", async () => {
  const own = makeCertificate({ ...past, ...named, issuer: root });
  expect((await found([own], { insecure: true })).map(({ verdict, stops }) => [verdict, stops])).toEqual([
    ["warning", undefined],
    ["ok", undefined],
    ["warning", undefined],
  ]);
});
