import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { request } from "node:http";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";

const main = fileURLToPath(new URL("../../provider/cli/main.ts", import.meta.url));
let lab: Lab;
let child: ChildProcess;
/** What the command prints: the addresses of its lab. */
let printed = "";

beforeAll(async () => {
  lab = await startLab({ portBase: 0, tls: true });
  child = spawn(process.execPath, [main, "lab", "--json", "--port-base", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  if (child.stdout === null) throw new Error("the lab has no output");
  [printed] = (await once(createInterface({ input: child.stdout }), "line")) as [string];
});
afterAll(async () => {
  child.kill("SIGTERM");
  await Promise.all([once(child, "close"), lab.close()]);
});

function portsIn(addresses: string): number[] {
  return [...addresses.matchAll(/"https?:\/\/127\.0\.0\.1:(\d+)/g)].map(([, port]) => Number(port));
}

/** "open", or the code with which the connection failed. */
async function knock(host: string, port: number): Promise<string> {
  const socket = connect({ host, port });
  const answer = await new Promise<string>((resolve) => {
    socket.once("connect", () => resolve("open"));
    socket.once("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
  });
  socket.destroy();
  return answer;
}

describe("listeners", () => {
  test("every one answers on 127.0.0.1, and on no other address, of the loopback network included", async () => {
    const ports = [...portsIn(JSON.stringify(lab.addresses)), ...portsIn(printed)];
    expect(ports).toHaveLength(14);
    for (const port of ports) {
      expect(await knock("127.0.0.1", port)).toBe("open");
      // A listener for all addresses would answer on these as well.
      for (const host of ["127.0.0.2", "::1"]) expect(await knock(host, port)).toMatch(/^E(CONNREFUSED|ADDRNOTAVAIL)$/);
    }
  });

  // The tables are there on Linux alone; elsewhere the test above is all that can be told.
  if (process.platform === "linux")
    test("the kernel shows the command's listeners on 127.0.0.1 alone", () => {
      const ports = portsIn(printed).map((port) => `127.0.0.1:${port}`);
      expect(listenersOf(child.pid ?? 0).sort()).toEqual(ports.sort());
    });
});

/** Every TCP address on which a process listens, from the kernel's own tables. */
function listenersOf(pid: number): string[] {
  const folder = `/proc/${pid}/fd`;
  const sockets = new Set(readdirSync(folder).flatMap((name) => socketBehind(`${folder}/${name}`) ?? []));
  return ["tcp", "tcp6"].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, "utf8")
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter((fields) => fields[3] === "0A" && sockets.has(fields[9] ?? ""))
      .map((fields) => addressIn(fields[1] ?? "")),
  );
}

/** The number of a socket; undefined for a file, and for what was closed meanwhile. */
function socketBehind(descriptor: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(descriptor))?.[1];
  } catch {
    return undefined;
  }
}

/** IPv4 is written backwards; another address is shown as it is. */
function addressIn(text: string): string {
  const [address = "", port = ""] = text.split(":");
  const octets = /^(..)(..)(..)(..)$/.exec(address)?.slice(1) ?? [];
  const shown = octets.map((octet) => Number.parseInt(octet, 16)).reverse();
  return `${shown.length === 4 ? shown.join(".") : address}:${Number.parseInt(port, 16)}`;
}

/** As a browser would send it for a page. */
async function ask(
  method: string,
  path: string,
  headers: Record<string, string>,
  body = "",
): Promise<{ status: number; body: string }> {
  const outgoing = request(new URL(path, lab.addresses.control), { method, headers, agent: false }).end(body);
  const [incoming] = await once(outgoing, "response");
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk);
  return { status: incoming.statusCode, body: Buffer.concat(chunks).toString() };
}

/** Every route of the control API, with a body that it takes. */
const routes = [
  ["GET", "/addresses", ""],
  ["GET", "/requests", ""],
  ["DELETE", "/requests", ""],
  ["GET", "/state", ""],
  ["GET", "/state?secrets=true", ""],
  ["PATCH", "/state/cloudian", "{}"],
  ["PATCH", "/state/ecs", "{}"],
  ["PATCH", "/state/cloudstack", "{}"],
  ["GET", "/faults", ""],
  ["POST", "/faults", '{"system":"cloudian","kind":"status","status":503}'],
  ["DELETE", "/faults", ""],
  ["GET", "/clock", ""],
  ["POST", "/clock", '{"advanceSeconds":1}'],
  ["POST", "/reset", ""],
  ["GET", "/", ""],
] as const;

describe.each(routes)("the control API's %s %s", (method, path, body) => {
  const own = () => new URL(lab.addresses.control).host;

  test("is nothing to a page whose own name leads to this machine", async () => {
    for (const host of [
      "evil.example",
      `evil.example:${new URL(lab.addresses.control).port}`,
      "127.0.0.1.evil.example",
    ])
      expect(await ask(method, path, { host }, body)).toEqual({
        status: 403,
        body: JSON.stringify({
          error: `The control API answers under 127.0.0.1 and localhost only, not as "${host}".`,
        }),
      });
  });

  test("is nothing to a page of another origin, whatever its form is", async () => {
    for (const origin of ["https://evil.example", "null", "http://localhost:3000", "http://127.0.0.1"]) {
      const { status, body: said } = await ask(method, path, { origin, "content-type": "text/plain" }, body);
      expect(status).toBe(403);
      expect(JSON.parse(said)).toEqual({
        error: `The control API takes nothing from pages of another origin, such as "${origin}".`,
      });
    }
  });

  test("is there for this machine, under either name", async () => {
    const expected = path === "/" ? 404 : body === "" && method !== "GET" ? 204 : 200;
    for (const host of [own(), own().replace("127.0.0.1", "localhost")]) {
      expect((await ask(method, path, { host }, body)).status).toBe(expected);
      expect((await ask(method, path, { host, origin: `http://${host}` }, body)).status).toBe(expected);
    }
  });
});

test("a refused request changes nothing", async () => {
  const json = { "content-type": "application/json" };
  const before = await ask("GET", "/state?secrets=true", {});
  const group = '{"groups":{"planted":{}}}';
  for (const headers of [{ host: "evil.example" }, { origin: "https://evil.example" }])
    expect((await ask("PATCH", "/state/cloudian", { ...json, ...headers }, group)).status).toBe(403);
  expect(await ask("GET", "/state?secrets=true", {})).toEqual(before);
});
