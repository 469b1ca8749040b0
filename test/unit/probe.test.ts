import { lookup } from "node:dns/promises";
import { once } from "node:events";
import { createServer, type Server as HttpServer, type IncomingHttpHeaders } from "node:http";
import { type AddressInfo, createServer as createPortServer, type Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { afterEach, describe, expect, test, vi } from "vitest";
import {
  addressesOf,
  isAddress,
  opened,
  openPort,
  openTunnel,
  type ProbeFailure,
  speaksPlainHttp,
  speaksTls,
} from "../../provider/core/probe.ts";
import { makeCertificate } from "./certificates.ts";

vi.mock("node:dns/promises", () => ({ lookup: vi.fn() }));

const never = new AbortController().signal;
/** More than anybody could wait for. */
const patient = { milliseconds: 600_000, signal: never };
const hasty = { milliseconds: 100, signal: never };

let servers: Server[] = [];
/** The ends of the connections on the servers' side. */
let sockets: Socket[] = [];

afterEach(() => {
  vi.resetAllMocks();
  for (const socket of sockets) socket.destroy();
  for (const server of servers) server.close();
  servers = [];
  sockets = [];
});

/** The port at which a server listens until the test is over. */
async function listening<Listener extends Server>(server: Listener): Promise<number> {
  servers.push(server);
  server.on("connection", (socket: Socket) => sockets.push(socket.on("error", () => {})));
  await once(server.listen(0, "127.0.0.1"), "listening");
  return (server.address() as AddressInfo).port;
}

/** A port where something accepts connections and does this. */
const port = (serve: (socket: Socket) => void = () => {}) =>
  listening(
    createPortServer((socket) => {
      serve(socket);
      // Nobody learns of the end of what he does not read.
      socket.resume();
    }),
  );

/** Nobody listens there any more. */
async function deadPort(): Promise<number> {
  const server = createPortServer();
  const dead = await listening(server);
  server.close();
  await once(server, "close");
  return dead;
}

const certificate = () =>
  makeCertificate({
    subject: [["CN", "jars.example"]],
    from: "2026-01-01T00:00:00Z",
    to: "2126-01-01T00:00:00Z",
    dnsName: "jars.example",
  });

/** Aborted while it is being waited for. */
function abortedSoon() {
  const controller = new AbortController();
  setTimeout(() => controller.abort(), 10);
  return { ...patient, signal: controller.signal };
}

/** Resolves once the other side has ended every connection that there was. */
const allEnded = () => expect.poll(() => sockets.map((socket) => socket.closed)).toEqual([true]);

const failure = (text: string): ProbeFailure => ({ failure: text });

test.each([
  ["10.0.0.1", true],
  ["fd00::1", true],
  ["[fd00::1]", false],
  ["s3.example.com", false],
  ["", false],
])("%j is an address: %s", (host, expected) => {
  expect(isAddress(host)).toBe(expected);
});

describe("the addresses of a name", () => {
  const resolves = (answer: Promise<unknown>) => vi.mocked(lookup).mockReturnValue(answer as never);

  test("are all that the resolver of this machine has", async () => {
    resolves(
      Promise.resolve([
        { address: "10.0.0.1", family: 4 },
        { address: "fd00::1", family: 6 },
      ]),
    );
    expect(await addressesOf("s3.example.com", patient)).toEqual(["10.0.0.1", "fd00::1"]);
    expect(vi.mocked(lookup).mock.calls).toEqual([["s3.example.com", { all: true }]]);
  });

  test("are missing for a reason that has a code, or else words", async () => {
    resolves(Promise.reject(Object.assign(new Error("getaddrinfo ENOTFOUND"), { code: "ENOTFOUND" })));
    expect(await addressesOf("s3.example.com", patient)).toEqual(failure("ENOTFOUND"));
    resolves(Promise.reject(new Error("no resolver")));
    expect(await addressesOf("s3.example.com", patient)).toEqual(failure("no resolver"));
  });

  test("are not waited for longer than patience goes", async () => {
    resolves(new Promise(() => {}));
    expect(await addressesOf("s3.example.com", hasty)).toEqual(failure("TIMEOUT"));
    expect(await addressesOf("s3.example.com", abortedSoon())).toEqual(failure("TIMEOUT"));
    expect(await addressesOf("s3.example.com", { ...patient, signal: AbortSignal.abort() })).toEqual(
      failure("TIMEOUT"),
    );
  });
});

describe("a port", () => {
  test("that is open gives a connection, which is the caller's", async () => {
    const socket = await openPort("127.0.0.1", await port((peer) => peer.pipe(peer)), patient);
    if (!(socket instanceof Socket)) throw new Error(socket.failure);
    socket.write("still there");
    expect(String((await once(socket, "data"))[0])).toBe("still there");
    socket.destroy();
  });

  test("where nobody listens is told as the system names it", async () => {
    expect(await openPort("127.0.0.1", await deadPort(), patient)).toEqual(failure("ECONNREFUSED"));
  });
});

describe("a connection that does not become ready", () => {
  test.each([
    ["in time", hasty],
    ["before all ends", { ...patient, signal: AbortSignal.abort() }],
  ])("%s is given up", async (_, patience) => {
    const socket = new Socket();
    expect(await opened(() => socket, "connect", patience)).toEqual(failure("TIMEOUT"));
    expect(socket.destroyed).toBe(true);
  });

  test("because it is closed without a word", async () => {
    const socket = new Socket();
    const outcome = opened(() => socket, "connect", patient);
    socket.destroy();
    expect(await outcome).toEqual(failure("CLOSED"));
  });

  test("is told by the code of what is wrong, else by its words", async () => {
    for (const [error, expected] of [
      [Object.assign(new Error("connect EHOSTUNREACH"), { code: "EHOSTUNREACH" }), "EHOSTUNREACH"],
      [Object.assign(new Error("odd"), { code: 7 }), "odd"],
      [new Error("bad"), "bad"],
    ] as const) {
      const socket = new Socket();
      const outcome = opened(() => socket, "connect", patient);
      socket.destroy(error);
      expect(await outcome).toEqual(failure(expected));
    }
  });

  test("lets the process end: nothing is waited for any more", async () => {
    const timers = () => process.getActiveResourcesInfo().filter((kind) => kind === "Timeout").length;
    const before = timers();
    await openPort("127.0.0.1", await deadPort(), patient);
    expect(timers()).toBe(before);
  });
});

describe("a tunnel through a proxy", () => {
  interface Asked {
    readonly line: string;
    readonly headers: IncomingHttpHeaders;
  }
  let asked: Asked[] = [];

  /** Answers a request for a tunnel so; then whatever comes through goes back. */
  function proxy(answer: string): HttpServer {
    asked = [];
    return createServer().on("connect", ({ method, url, headers }, socket) => {
      asked.push({ line: `${method} ${url}`, headers });
      socket.write(answer);
      socket.pipe(socket);
    });
  }
  const at = async (answer: string, logIn = "") =>
    new URL(`http://${logIn}127.0.0.1:${await listening(proxy(answer))}/ignored`);
  const granted = "HTTP/1.1 200 Connection established\r\n\r\n";

  test("is asked for by the target's name, and is the caller's", async () => {
    const socket = await openTunnel(await at(granted), "s3.example.com:443", patient);
    if (!(socket instanceof Socket)) throw new Error("no tunnel");
    expect(asked).toEqual([
      { line: "CONNECT s3.example.com:443", headers: { host: "s3.example.com:443", connection: "close" } },
    ]);
    socket.write("through");
    expect(String((await once(socket, "data"))[0])).toBe("through");
    socket.destroy();
  });

  test.each([
    ["ada:Canary%21%40@", "Basic YWRhOkNhbmFyeSFA"],
    ["ad%61@", "Basic YWRhOg=="],
    [":Canary%21%40@", "Basic OkNhbmFyeSFA"],
  ])("proves who asks, as its URL says: %s", async (logIn, authorization) => {
    const socket = await openTunnel(await at(granted, logIn), "s3.example.com:443", patient);
    if (socket instanceof Socket) socket.destroy();
    expect(asked[0]?.headers["proxy-authorization"]).toBe(authorization);
  });

  test.each(["ada:100%@", "50%off:word@"])("is not asked for with a log-in that cannot be read: %s", async (logIn) => {
    const why = "the address of the proxy has a % in its log-in that begins no escape; write it as %25";
    expect(await openTunnel(await at(granted, logIn), "s3.example.com:443", patient)).toEqual(failure(why));
    expect(asked).toEqual([]);
  });

  test("that the proxy refuses is told by its status, and nothing stays open", async () => {
    const refusing = await at("HTTP/1.1 403 Forbidden\r\n\r\n");
    expect(await openTunnel(refusing, "s3.example.com:443", patient)).toEqual(failure("the proxy answers 403"));
    await allEnded();
  });

  test("is not waited for longer than patience goes", async () => {
    expect(await openTunnel(await at(""), "s3.example.com:443", hasty)).toEqual(failure("TIMEOUT"));
    expect(await openTunnel(await at(""), "s3.example.com:443", abortedSoon())).toEqual(failure("TIMEOUT"));
  });

  test("where no proxy listens is told as the system names it", async () => {
    const nobody = new URL(`http://127.0.0.1:${await deadPort()}`);
    expect(await openTunnel(nobody, "s3.example.com:443", patient)).toEqual(failure("ECONNREFUSED"));
  });

  test("needs a proxy that is trusted, where its URL begins with https:", async () => {
    const secured = new URL(`https://127.0.0.1:${await listening(createTlsServer(certificate()))}`);
    expect(await openTunnel(secured, "s3.example.com:443", patient)).toEqual(failure("DEPTH_ZERO_SELF_SIGNED_CERT"));
  });
});

describe("plain HTTP", () => {
  test("is recognized by an answer in its words, whatever the status; then the connection is ended", async () => {
    const heard: string[] = [];
    const web = await port((socket) =>
      socket.once("data", (data) => {
        heard.push(String(data));
        socket.write("HTTP/1.1 400 Bad Request\r\n\r\n");
      }),
    );
    expect(await speaksPlainHttp("127.0.0.1", web, patient)).toBe(true);
    expect(heard).toEqual(["HEAD / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"]);
    await allEnded();
  });

  test.each<[string, (socket: Socket) => void]>([
    ["speaks in other words", (socket) => socket.write("SSH-2.0-jars HTTP/1.1\r\n")],
    ["ends without an answer", (socket) => socket.once("data", () => socket.end())],
    ["breaks off", (socket) => socket.once("data", () => socket.resetAndDestroy())],
  ])("is not spoken by what %s", async (_, serve) => {
    expect(await speaksPlainHttp("127.0.0.1", await port(serve), patient)).toBe(false);
  });

  test("is not spoken where nothing answers in time, or nobody listens", async () => {
    expect(await speaksPlainHttp("127.0.0.1", await port(), hasty)).toBe(false);
    await allEnded();
    expect(await speaksPlainHttp("127.0.0.1", await deadPort(), patient)).toBe(false);
  });
});

describe("TLS", () => {
  test("is recognized by its handshake, trusted or not; then the connection is ended", async () => {
    const secured = await listening(createTlsServer(certificate()));
    expect(await speaksTls("127.0.0.1", secured, patient)).toBe(true);
    await allEnded();
  });

  test("is not spoken by plain HTTP, by nothing, or where nobody listens", async () => {
    const plain = await port((socket) => socket.write("HTTP/1.1 400 Bad Request\r\n\r\n"));
    expect(await speaksTls("127.0.0.1", plain, patient)).toBe(false);
    expect(await speaksTls("127.0.0.1", await port(), hasty)).toBe(false);
    expect(await speaksTls("127.0.0.1", await deadPort(), patient)).toBe(false);
  });
});
