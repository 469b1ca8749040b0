import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, type MockInstance, test, vi } from "vitest";
import { type Certificates, makeCertificates } from "../../lab/certificates.ts";
import type { Lab } from "../../lab/index.ts";
import { type Front, type FrontOptions, startFront } from "../harness/transport/front.ts";
import {
  credentialsIn,
  type Outcome,
  outcomeOf,
  type Settings,
  startTarget,
  type Way,
  ways,
} from "../harness/transport/ways.ts";

let lab: Lab;
let own: Certificates;
let foreign: Certificates;
let warnings: MockInstance<typeof console.error>;
const fronts: Front[] = [];

beforeAll(async () => {
  [{ lab }, own, foreign] = await Promise.all([startTarget(), makeCertificates(), makeCertificates()]);
});
afterAll(() => lab.close());
beforeEach(() => {
  // Where no engine listens, warnings go there.
  warnings = vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(async () => {
  warnings.mockRestore();
  await Promise.all(fronts.splice(0).map((front) => front.close()));
});

/** The way's system behind a listener of ours. */
async function behind(way: Way, options: FrontOptions): Promise<Front> {
  const target = { url: way.target(lab.addresses), caPem: lab.addresses.ecs.caPem };
  const front = await startFront({ target, ...options });
  fronts.push(front);
  return front;
}

/** A reading and a writing call, each as by a process of its own. */
async function callsOver(way: Way, origin: string, tls: Settings) {
  const settings = { ...way.settings(lab.addresses, origin), ...tls };
  return [await outcomeOf(way.read(settings, origin)), await outcomeOf(way.write(settings, origin))];
}

function expectRefusal(outcome: Outcome, advice: string | RegExp): void {
  expect(outcome?.name).toBe("Unreachable");
  expect(outcome?.message).toMatch(/^Could not .+: TLS to https:\/\/127\.0\.0\.1:\d+\S* failed \([A-Z_0-9]+\)\. /);
  expect(outcome?.message).toMatch(advice);
}

async function expectRefused(way: Way, front: Front, tls: Settings, advice: string | RegExp): Promise<void> {
  for (const outcome of await callsOver(way, front.origin, tls)) expectRefusal(outcome, advice);
  expect(front.connections).toBeGreaterThan(0);
  expect([front.heard, front.bytes]).toEqual([[], ""]);
}

async function expectAccepted(way: Way, front: Front, tls: Settings): Promise<void> {
  const before = front.heard.length;
  expect(await callsOver(way, front.origin, tls)).toEqual([undefined, undefined]);
  expect(front.heard.length).toBeGreaterThan(before);
  expect(credentialsIn(front.bytes)).not.toEqual([]);
}

const oldTls = { minVersion: "TLSv1.1", maxVersion: "TLSv1.1", ciphers: "DEFAULT@SECLEVEL=0" } as const;

describe.each(ways)("TLS to $name", (way) => {
  const trusting = (authority = own) => ({ [`${way.prefix}CaPem`]: authority.caPem });
  const insecure = { [`${way.prefix}Insecure`]: "true" };
  const untrusted = `set ${way.prefix}CaFile to its path`;

  test("a self-signed certificate is refused, and accepted where it is given as the authority", async () => {
    const tls = own.byName["self-signed"];
    await expectRefused(way, await behind(way, { tls }), {}, untrusted);
    await expectRefused(way, await behind(way, { tls }), trusting(), untrusted);
    await expectAccepted(way, await behind(way, { tls }), { [`${way.prefix}CaPem`]: tls.cert });
  });

  test("a private authority is trusted where it is given, and only there", async () => {
    const tls = own.byName.ca;
    await expectAccepted(way, await behind(way, { tls }), trusting());
    await expectRefused(way, await behind(way, { tls }), {}, untrusted);
    await expectRefused(way, await behind(way, { tls }), trusting(foreign), untrusted);
  });

  test("an expired certificate is refused", async () => {
    const front = await behind(way, { tls: own.byName.expired });
    await expectRefused(way, front, trusting(), "The certificate has expired; renew it on the server.");
  });

  test("a certificate for another host is refused", async () => {
    const front = await behind(way, { tls: own.byName["wrong-host"] });
    const advice = `is for another host name; use the name it was made for in ${way.endpointNamed}.`;
    await expectRefused(way, front, trusting(), advice);
  });

  test("TLS 1.1 is refused, even without a look at the certificate", async () => {
    const advice =
      /no version of TLS from 1\.2 on.*Switch TLS 1\.2 on at the server, or name in \w+ something in front/;
    for (const settings of [trusting(), insecure])
      await expectRefused(way, await behind(way, { tls: { ...own.byName.ca, ...oldTls } }), settings, advice);
  });

  test("plain HTTP on the TLS port gets nothing but the greeting of TLS", async () => {
    const origin = (await behind(way, {})).origin.replace("http:", "https:");
    for (const settings of [trusting(), insecure]) {
      for (const outcome of await callsOver(way, origin, settings)) {
        expect(outcome?.name).toBe("Unreachable");
        expect(outcome?.message).toContain("The TLS handshake failed; check that the port speaks HTTPS.");
      }
    }
    const [front] = fronts;
    expect(front?.heard).toEqual([]);
    // A record of a handshake, version 3.x.
    expect([...Buffer.from(front?.bytes ?? "", "latin1").subarray(0, 2)]).toEqual([22, 3]);
    expect(front?.bytes.includes(" HTTP/1")).toBe(false);
    expect(credentialsIn(front?.bytes ?? "")).toEqual([]);
  });

  test("a certificate that changes is looked at anew: of the same authority it is accepted, of another refused", async () => {
    // One connection at a time: two requests at once would each make one.
    const trustingOnce = { ...trusting(), maxConnections: "1" };
    const first = await behind(way, { tls: own.byName.ca });
    await expectAccepted(way, first, trustingOnce);
    const { port } = first;
    await first.retire();
    const second = await behind(way, { tls: own.byName.expiring, port });
    await expectAccepted(way, second, trustingOnce);
    await second.retire();
    const third = await behind(way, { tls: foreign.byName.ca, port });
    const settings = { ...way.settings(lab.addresses, third.origin), ...trustingOnce };
    // What is read once in a process is known by now; a change is always sent.
    expectRefusal(await outcomeOf(way.write(settings, third.origin)), untrusted);
    expect(third.connections).toBe(1);
    expect([third.heard, third.bytes]).toEqual([[], ""]);
  });

  test("insecure accepts any certificate of this way, and says so", async () => {
    const front = await behind(way, { tls: own.byName["self-signed"] });
    await expectAccepted(way, front, insecure);
    const endpoint = way.prefix === "cloudstack" ? `${front.origin}/client/api` : front.origin;
    const danger = way.prefix.toLowerCase().endsWith("s3") ? "read and change what is sent" : "read the password";
    expect(warnings.mock.calls).toEqual([
      [
        `warning: ${way.prefix}Insecure is set: the certificate of ${endpoint} is not verified, so anyone on the way can ${danger}. Use ${way.prefix}CaFile instead.`,
      ],
    ]);
  });

  test("insecure, or an authority, for every other way is nothing to this one", async () => {
    const others = ways.map(({ prefix }) => prefix).filter((prefix) => prefix !== way.prefix);
    for (const given of [["Insecure", "true"] as const, ["CaPem", own.caPem] as const]) {
      const [suffix, value] = given;
      // The lab's own authority goes with the settings of the way itself.
      const names = others.filter((prefix) => suffix === "Insecure" || !(way.prefix === "ecsS3" && prefix === "ecs"));
      const settings = Object.fromEntries(names.map((prefix) => [`${prefix}${suffix}`, value]));
      await expectRefused(way, await behind(way, { tls: own.byName.ca }), settings, untrusted);
    }
  });
});
