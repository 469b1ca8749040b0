import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { DynamicServer } from "../harness/dynamic-server.ts";
import { SDKS } from "../harness/sdks.ts";
import { failureOf, group, PAIR, Stage, startStub, user } from "./support.ts";

describe.each(SDKS)("TLS in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;
  const folder = mkdtempSync(join(tmpdir(), "cloudstack-storage-tls-"));

  beforeAll(async () => {
    stage = await Stage.open(sdk, { tls: true });
  });
  afterAll(async () => {
    await stage.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const certificate = (name: string) => stage.control.patch("cloudian", { options: { certificate: name } });
  const read = (server: DynamicServer) => server.read("absent", group("absent"));
  const messageOf = async (server: DynamicServer) => (await failureOf(read(server))).message;

  test("a certificate that nobody vouches for is refused, and the error names the setting that helps", async () => {
    const server = await stage.serve({ retryBudget: "0" });
    await certificate("self-signed");
    const message = await messageOf(server);
    expect(message).toContain(
      `Could not read Cloudian group absent: TLS to ${stage.endpoint} failed (DEPTH_ZERO_SELF_SIGNED_CERT).`,
    );
    expect(message).toContain("set cloudianCaFile to its path");
    await certificate("ca");
    expect(await messageOf(server)).toContain("set cloudianCaFile to its path");
  });

  test("with the authority given, its certificates are good, others, foreign and expired ones are not", async () => {
    const server = await stage.serve({ retryBudget: "0", cloudianCaPem: stage.caPem });
    await certificate("self-signed");
    expect(await messageOf(server)).toContain("set cloudianCaFile to its path");
    await certificate("wrong-host");
    expect(await messageOf(server)).toContain(
      "failed (ERR_TLS_CERT_ALTNAME_INVALID). The certificate is for another host name;",
    );
    await certificate("expired");
    expect(await messageOf(server)).toContain(
      "failed (CERT_HAS_EXPIRED). The certificate has expired; renew it on the server.",
    );
    await certificate("ca");
    expect((await read(server)).id).toBe("");
  });

  test("the authority may be a file, and one that cannot be read is named", async () => {
    await certificate("ca");
    const file = join(folder, "ca.pem");
    writeFileSync(file, stage.caPem ?? "");
    expect((await read(await stage.serve({ cloudianCaFile: file }))).id).toBe("");
    const missing = await stage.serve({ cloudianCaFile: join(folder, "missing.pem") });
    expect(await messageOf(missing)).toContain("cloudianCaFile cannot be read: ENOENT");
  });

  test("insecure works, and warns once a run", async () => {
    await certificate("self-signed");
    const server = await stage.serve({ cloudianInsecure: "true" });
    await read(server);
    await server.read("absent/ada", user("absent", "ada"));
    await expect
      .poll(() => server.warnings)
      .toEqual([
        `cloudianInsecure is set: the certificate of ${stage.endpoint} is not verified, so anyone on the way can read the password. Use cloudianCaFile instead.`,
      ]);
  });

  test("a port that does not speak TLS is told apart from an outage", async () => {
    const plain = await startStub(() => ({ status: 204 }));
    const server = await stage.serve({ retryBudget: "0", cloudianEndpoint: plain.endpoint.replace("http:", "https:") });
    expect(await messageOf(server)).toContain("The TLS handshake failed; check that the port speaks HTTPS.");
    await plain.close();
  });
});

describe.each(SDKS)("the way to the system in the $sdk SDK's server", ({ sdk }) => {
  let stage: Stage;

  beforeAll(async () => {
    stage = await Stage.open(sdk);
  });
  afterAll(() => stage.close());

  test("a redirect is refused: the credentials never follow it", async () => {
    const elsewhere = await startStub(() => ({ status: 200, body: "{}" }));
    const stub = await startStub(() => ({
      status: 302,
      headers: { location: `${elsewhere.endpoint}/group?token=Canary-Token` },
    }));
    const server = await stage.serve({ cloudianEndpoint: stub.endpoint });
    for (const call of [() => server.read("blue", group("blue")), () => server.create(group("blue"))]) {
      const { message } = await failureOf(call());
      expect(message).toContain(
        `answered 302. It redirects to ${elsewhere.endpoint}; credentials are never sent on. Set cloudianEndpoint to the final address.`,
      );
      expect(message).not.toContain("Canary-Token");
    }
    expect(elsewhere.seen).toEqual([]);
    await Promise.all([stub.close(), elsewhere.close()]);
  });

  test("Retry-After as an HTTP date is honored", async () => {
    let asked = 0;
    const stub = await startStub(() => {
      asked += 1;
      // A date has whole seconds, so two of them are at least one away.
      const headers = { "retry-after": new Date(Date.now() + 2000).toUTCString() };
      return asked === 1 ? { status: 429, headers } : { status: 204 };
    });
    const server = await stage.serve({ cloudianEndpoint: stub.endpoint });
    const started = performance.now();
    expect((await server.read("blue", group("blue"))).id).toBe("");
    expect(performance.now() - started).toBeGreaterThan(990);
    expect(stub.seen).toHaveLength(2);
    await stub.close();
  });

  test("a secret in a URL is refused over plain HTTP before anything is sent", async () => {
    // Not loopback by name; the request never leaves, so nobody need answer there.
    const far = "http://admin.example.invalid:18081";
    const server = await stage.serve({ cloudianEndpoint: far, retryBudget: "0" });
    const password = await failureOf(server.create(user("blue", "ada", { password: "Canary-Passw0rd" })));
    expect(password.message).toBe(
      `Refused to set the password of Cloudian user blue/ada: this API takes the secret in the URL, and ${far} is plain HTTP, where it could be ` +
        "read on the way. Use the system's HTTPS port in cloudianEndpoint.",
    );
    expect(password.initFailure).toBeUndefined();
    const olds = user("blue", "ada", { ...PAIR, __keyGeneration: 1, systemEndpoint: far });
    const changed = await failureOf(
      server.update("blue/ada", olds, user("blue", "ada", { password: "Canary-Passw0rd" })),
    );
    expect(changed.message).toContain("Refused to set the password");
  });

  test("a key is not imported over plain HTTP", async () => {
    const stub = await startStub(({ method }) => ({ status: method === "GET" ? 204 : 200 }));
    const port = new URL(stub.endpoint).port;
    // A name that resolves to this machine, but does not say so: the check goes by the name.
    const far = `http://0.0.0.0:${port}`;
    const server = await stage.serve({ cloudianEndpoint: far });
    const olds = user("blue", "ada", { ...PAIR, __keyGeneration: 1, systemEndpoint: far });
    const { message } = await failureOf(server.update("blue/ada", { ...olds, keyGeneration: 0 }, user("blue", "ada")));
    expect(message).toContain(`Refused to restore key pair ${PAIR.accessKeyId} of Cloudian user blue/ada`);
    expect(message).not.toContain(PAIR.secretAccessKey);
    expect(stub.seen.filter((line) => !line.startsWith("GET /user/credentials/list"))).toEqual([]);
    await stub.close();
  });
});
