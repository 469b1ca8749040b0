import { once } from "node:events";
import { request } from "node:https";
import { connect } from "node:tls";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Lab, startLab } from "../../lab/index.ts";
import { LabControl } from "../harness/lab.ts";

let lab: Lab;
let other: Lab;
let control: LabControl;

beforeAll(async () => {
  [lab, other] = await Promise.all([startLab({ portBase: 0, tls: true }), startLab({ portBase: 0, tls: true })]);
  control = new LabControl(lab.addresses.control);
});
beforeEach(() => control.reset());
afterAll(() => Promise.all([lab.close(), other.close()]));

/** The status of a request on a connection of its own, or the code of its failure. */
async function get(url: string, ca: string | undefined): Promise<number | string | undefined> {
  return new Promise((resolve) => {
    const outgoing = request(url, { agent: false, ...(ca === undefined ? {} : { ca }) }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    });
    outgoing.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    outgoing.end();
  });
}

/** Milliseconds until the certificate that is shown expires. */
async function expiry(url: string): Promise<number> {
  const socket = connect({ host: "127.0.0.1", port: Number(new URL(url).port), rejectUnauthorized: false });
  await once(socket, "secureConnect");
  const { valid_to } = socket.getPeerCertificate();
  socket.destroy();
  return Date.parse(valid_to) - Date.now();
}

const admin = (ca: string | undefined = lab.addresses.cloudian.caPem) => get(lab.addresses.cloudian.endpoint, ca);

test("all systems speak TLS with the lab's authority, the control API does not", async () => {
  const { cloudian, cloudstack, control: url } = lab.addresses;
  expect(url).toMatch(/^http:/);
  expect(cloudian.caPem).toMatch(/^-----BEGIN CERTIFICATE-----/);
  expect(await admin()).toBe(401);
  expect(await get(cloudian.s3Endpoint, cloudian.caPem)).toBe(403);
  expect(await get(cloudian.cmcEndpoint, cloudian.caPem)).toBe(404);
  expect(await get(cloudstack.endpoint, cloudstack.caPem)).toBe(401);
  expect(await get(cloudian.endpoint.replace("127.0.0.1", "localhost"), cloudian.caPem)).toBe(401);
});

test("ECS speaks TLS in any case", async () => {
  const plain = await startLab({ portBase: 0 });
  const { cloudian, ecs } = plain.addresses;
  const statuses = [await get(`${ecs.endpoint}/login`, ecs.caPem), (await fetch(ecs.s3Endpoint)).status];
  const untrusted = await get(`${ecs.endpoint}/login`, undefined);
  const cleartext = await fetch(ecs.endpoint.replace("https:", "http:")).catch(() => "no answer");
  await plain.close();
  expect([cloudian.endpoint, ecs.endpoint, ecs.s3Endpoint]).toEqual([
    expect.stringMatching(/^http:/),
    expect.stringMatching(/^https:/),
    expect.stringMatching(/^http:/),
  ]);
  expect(cloudian.caPem).toBeUndefined();
  expect(statuses).toEqual([401, 403]);
  expect(untrusted).toMatch(/UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)/);
  expect(cleartext).toBe("no answer");
});

test("the certificates of ECS are chosen by its own option", async () => {
  const { ecs } = lab.addresses;
  await control.patch("ecs", { options: { certificate: "expired" } });
  expect(await get(ecs.endpoint, ecs.caPem)).toBe("CERT_HAS_EXPIRED");
  expect(await get(ecs.s3Endpoint, ecs.caPem)).toBe("CERT_HAS_EXPIRED");
  expect(await admin()).toBe(401);
});

test("without its authority, and with another, the certificate is not trusted", async () => {
  expect(await get(lab.addresses.cloudian.endpoint, undefined)).toMatch(
    /UNABLE_TO_(VERIFY_LEAF_SIGNATURE|GET_ISSUER_CERT_LOCALLY)/,
  );
  expect(other.addresses.cloudian.caPem).not.toBe(lab.addresses.cloudian.caPem);
  expect(await admin(other.addresses.cloudian.caPem)).not.toBe(401);
});

test.each([
  ["self-signed", "DEPTH_ZERO_SELF_SIGNED_CERT"],
  ["wrong-host", "ERR_TLS_CERT_ALTNAME_INVALID"],
  ["expired", "CERT_HAS_EXPIRED"],
  ["not-yet-valid", "CERT_NOT_YET_VALID"],
  ["incomplete", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
])("the %s certificate fails with %s", async (certificate, code) => {
  await control.patch("cloudian", { options: { certificate } });
  expect(await admin()).toBe(code);
  await control.reset();
  expect(await admin()).toBe(401);
});

test("the expiring certificate is good, for ten days", async () => {
  await control.patch("cloudian", { options: { certificate: "expiring" } });
  expect(await admin()).toBe(401);
  expect(Math.round((await expiry(lab.addresses.cloudian.endpoint)) / 86_400_000)).toBe(10);
});

test("connections are reset under TLS too", async () => {
  await control.fault({ system: "cloudian", kind: "reset-before-read" });
  expect(await admin()).toBe("ECONNRESET");
  await control.fault({ system: "cloudian", kind: "reset-after-commit" });
  expect(await admin()).toBe("ECONNRESET");
  expect((await control.requests()).map(({ status }) => status)).toEqual(["reset-before-read", "reset-after-commit"]);
  expect(await admin()).toBe(401);
});
