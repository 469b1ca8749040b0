import { once } from "node:events";
import { type AddressInfo, createServer as createPortServer, type Server, type Socket } from "node:net";
import { createServer } from "node:tls";
import { afterEach, describe, expect, test } from "vitest";
import { openPort } from "../../provider/core/probe.ts";
import { lookAtTls } from "../../provider/core/probe-tls.ts";
import { type Made, makeCertificate } from "./certificates.ts";

const patience = { milliseconds: 5000, signal: new AbortController().signal };

const always = { from: "2020-01-01T00:00:00Z", to: "2120-06-30T12:00:00Z" };
const from = 1_577_836_800_000;
const to = 4_749_192_000_000;

const root = makeCertificate({ ...always, subject: [["CN", "Jar Root"]] });
const middle = makeCertificate({
  ...always,
  subject: [
    ["O", "Makers of CN=Jars"],
    ["OU", "Lids"],
  ],
  issuer: root,
});
const leaf = { ...always, subject: [["CN", "jars.example"]], dnsName: "jars.example" } as const;

const server = { subject: "jars.example", issuer: "Jar Root", validFrom: from, validTo: to };
const neither = { selfSigned: false, namesIssuerUrl: false };
const rootSent = {
  subject: "Jar Root",
  issuer: "Jar Root",
  validFrom: from,
  validTo: to,
  selfSigned: true,
  namesIssuerUrl: false,
};

let servers: Server[] = [];
let sockets: Socket[] = [];
/** Those that were asked for. */
let names: string[] = [];

afterEach(() => {
  for (const socket of sockets) socket.destroy();
  for (const each of servers) each.close();
  servers = [];
  sockets = [];
  names = [];
});

async function listening(listener: Server): Promise<number> {
  servers.push(listener);
  listener.on("connection", (socket: Socket) => sockets.push(socket.on("error", () => {})));
  await once(listener.listen(0, "127.0.0.1"), "listening");
  return (listener.address() as AddressInfo).port;
}

/** A server that shows its own certificate and these others. */
const shows = (own: Made, ...others: Made[]) =>
  listening(
    createServer({
      key: own.key,
      cert: [own, ...others].map(({ cert }) => cert).join(""),
      SNICallback: (name, done) => {
        names.push(name);
        done(null);
      },
    }),
  );

type Trust = Parameters<typeof lookAtTls>[2];

const trusting = (authority: Made): Trust => ({
  tls: { insecure: false, caPem: authority.cert },
  settingPrefix: "ecs",
});
const trustingNobody: Trust = { tls: { insecure: false }, settingPrefix: "ecs" };

const look = (port: number, trust = trusting(root), host = "jars.example", within = patience) =>
  lookAtTls(() => openPort("127.0.0.1", port, within), host, trust, within);

test("a certificate of a trusted authority, for this host, with its names and dates", async () => {
  const port = await shows(makeCertificate({ ...leaf, issuer: root }));
  expect(await look(port)).toStrictEqual({ chain: [{ ...server, ...neither }, rootSent] });
});

test("the connection is ended after the look", async () => {
  await look(await shows(makeCertificate({ ...leaf, issuer: root })));
  await expect.poll(() => sockets.map((socket) => socket.closed)).toEqual([true]);
});

test("a host is asked for by its name, an address by none", async () => {
  const port = await shows(makeCertificate({ ...leaf, issuer: root }));
  await look(port);
  await look(port, trusting(root), "127.0.0.1");
  expect(names).toEqual(["jars.example"]);
});

describe("the chain", () => {
  test("is what the server sends, where nobody is trusted", async () => {
    const own = makeCertificate({ ...leaf, issuer: root, issuerUrl: "http://ca.example/root.crt" });
    expect(await look(await shows(own), trustingNobody)).toEqual({
      chain: [{ ...server, selfSigned: false, namesIssuerUrl: true }],
      distrust: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    });
  });

  test("goes over the intermediate authorities, which may have no common name", async () => {
    const own = makeCertificate({ ...leaf, issuer: middle });
    const named = "O=Makers of CN=Jars, OU=Lids";
    expect(await look(await shows(own, middle, root))).toEqual({
      chain: [{ ...server, issuer: named, ...neither }, { ...server, subject: named, ...neither }, rootSent],
    });
  });

  test("ends with what issues itself", async () => {
    const own = makeCertificate(leaf);
    expect(await look(await shows(own))).toEqual({
      chain: [{ ...server, issuer: "jars.example", selfSigned: true, namesIssuerUrl: false }],
      distrust: "DEPTH_ZERO_SELF_SIGNED_CERT",
    });
  });

  test("is not followed further than ten certificates", async () => {
    const authorities = [root];
    for (let depth = 1; depth < 12; depth += 1)
      authorities.unshift(
        makeCertificate({ ...always, subject: [["CN", `Jar ${depth}`]], issuer: authorities[0] as Made }),
      );
    const own = makeCertificate({ ...leaf, issuer: authorities[0] as Made });
    const seen = await look(await shows(own, ...authorities));
    if ("failure" in seen) throw new Error(seen.failure);
    expect(seen.chain.map(({ subject }) => subject)).toEqual([
      "jars.example",
      ...[11, 10, 9, 8, 7, 6, 5, 4, 3].map((depth) => `Jar ${depth}`),
    ]);
  });
});

test("a certificate for another host is told apart from one that is not trusted", async () => {
  const wrongHost =
    "Hostname/IP does not match certificate's altnames: Host: lids.example. is not in the cert's altnames: DNS:jars.example";
  const port = await shows(makeCertificate({ ...leaf, issuer: root }));
  expect(await look(port, trusting(root), "lids.example")).toEqual({
    chain: [{ ...server, ...neither }, rootSent],
    wrongHost,
  });
  expect(await look(port, trustingNobody, "lids.example")).toMatchObject({
    distrust: "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    wrongHost,
  });
});

test("a date that does not fit is OpenSSL's to tell", async () => {
  const expired = makeCertificate({ ...leaf, issuer: root, to: "2021-01-01T00:00:00Z" });
  expect(await look(await shows(expired))).toMatchObject({
    chain: [{ subject: "jars.example", validTo: 1_609_459_200_000 }, { subject: "Jar Root" }],
    distrust: "CERT_HAS_EXPIRED",
  });
});

describe("no look", () => {
  test("where there is no connection", async () => {
    expect(
      await lookAtTls(() => Promise.resolve({ failure: "ECONNREFUSED" }), "jars.example", trustingNobody, patience),
    ).toEqual({ failure: "ECONNREFUSED" });
  });

  test("where the other side closes, or says nothing in time", async () => {
    const closing = await listening(createPortServer((socket) => socket.once("data", () => socket.destroy())));
    expect(await look(closing)).toEqual({ failure: "ECONNRESET" });
    const silent = await listening(createPortServer((socket) => socket.resume()));
    expect(await look(silent, trustingNobody, "jars.example", { ...patience, milliseconds: 200 })).toEqual({
      failure: "TIMEOUT",
    });
    await expect.poll(() => sockets.map((socket) => socket.closed)).toEqual([true, true]);
  });

  test("with a setting that holds no certificate, and nobody is connected to", async () => {
    const port = await shows(makeCertificate(leaf));
    await expect(look(port, { tls: { insecure: false, caPem: "none" }, settingPrefix: "ecs" })).rejects.toThrow(
      "ecsCaPem holds no certificate in PEM form",
    );
    expect(sockets).toEqual([]);
  });
});
