import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { getCACertificates } from "node:tls";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { tlsAdvice, tlsOptions } from "../../provider/core/tls.ts";
import { makeCertificate } from "./certificates.ts";

const made = (name: string) =>
  makeCertificate({ subject: [["CN", name]], from: "2026-01-01T00:00:00Z", to: "2126-01-01T00:00:00Z" }).cert;
const givenPem = made("Example CA given as text");
const filePem = made("Example CA in a file");

let directory: string;
let caFile: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "cloudstack-storage-tls-"));
  caFile = join(directory, "ca.pem");
  writeFileSync(caFile, filePem);
});
afterAll(() => rmSync(directory, { recursive: true }));

describe("options of a connection", () => {
  const always = { rejectUnauthorized: true, minVersion: "TLSv1.2" };
  const usual = getCACertificates("default");

  test("without a CA of one's own leave the choice to Node.js", () => {
    expect(tlsOptions({ insecure: false }, "ecs")).toStrictEqual(always);
  });

  test("with CAs of one's own trust them beside the usual ones", () => {
    expect(usual.length).toBeGreaterThan(0);
    const ca = (tls: object) => tlsOptions({ insecure: false, ...tls }, "ecs");
    expect(ca({ caPem: givenPem })).toStrictEqual({ ca: [...usual, givenPem], ...always });
    expect(ca({ caFile })).toStrictEqual({ ca: [...usual, filePem], ...always });
    expect(ca({ caPem: givenPem, caFile })).toStrictEqual({ ca: [...usual, givenPem, filePem], ...always });
  });

  test("verify nothing where the settings say so, and need TLS 1.2 all the same", () => {
    expect(tlsOptions({ insecure: true }, "ecs")).toStrictEqual({ rejectUnauthorized: false, minVersion: "TLSv1.2" });
  });
});

describe("a CA that cannot be used is named by its setting", () => {
  const wrong = (tls: object) => () => tlsOptions({ insecure: false, ...tls }, "ecs");
  const says = (message: string) => expect.objectContaining({ name: "SettingsError", message });

  test("a file that cannot be read", () => {
    expect(wrong({ caFile: "/no/such/ca.pem" })).toThrow(
      says("ecsCaFile cannot be read: ENOENT: no such file or directory, open '/no/such/ca.pem'."),
    );
  });

  test.each([
    ["ecsCaFile", () => ({ caFile: import.meta.filename })],
    ["ecsCaPem", () => ({ caPem: "no certificate" })],
  ])("a text without a certificate in %s", (setting, tls) => {
    expect(wrong(tls())).toThrow(
      says(`${setting} holds no certificate in PEM form (it begins with -----BEGIN CERTIFICATE-----).`),
    );
  });
});

describe("advice where TLS fails", () => {
  const otherName = "The certificate is for another host name; use the name it was made for in";
  const untrusted =
    "The certificate is not signed by a CA that is trusted here. Save the CA's certificate (or the self-signed one) as a PEM file and set cloudianCaFile to its path.";
  const old =
    "The server speaks no version of TLS from 1.2 on, and older ones are not safe. Switch TLS 1.2 on at the server, or name in cloudianEndpoint something in front of it that speaks it.";
  const handshake = "The TLS handshake failed; check that the port speaks HTTPS.";

  test.each([
    ["ERR_TLS_CERT_ALTNAME_INVALID", `${otherName} cloudianEndpoint.`],
    ["CERT_HAS_EXPIRED", "The certificate has expired; renew it on the server."],
    ["CERT_NOT_YET_VALID", untrusted],
    ["CERT_SIGNATURE_FAILURE", untrusted],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", untrusted],
    ["SELF_SIGNED_CERT_IN_CHAIN", untrusted],
    ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", untrusted],
    ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", untrusted],
    ["ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION", old],
    ["ERR_SSL_UNSUPPORTED_PROTOCOL", old],
    ["ERR_SSL_VERSION_TOO_LOW", old],
    ["ERR_SSL_WRONG_VERSION_NUMBER", handshake],
    ["ERR_TLS_HANDSHAKE_TIMEOUT", handshake],
    ["EPROTO", handshake],
  ])("%s", (code, advice) => {
    expect(tlsAdvice(code, "cloudian")).toBe(advice);
  });

  test("names the property of a resource where an S3 service has no setting", () => {
    expect(tlsAdvice("ERR_TLS_CERT_ALTNAME_INVALID", "s3")).toBe(`${otherName} endpoint.`);
  });

  test.each([undefined, "ECONNREFUSED", "EPROTOTYPE", "EPROTONOSUPPORT", "UND_ERR_SOCKET", "MY_ERR_TLS_LIBRARY"])(
    "%s has nothing to do with the TLS of Node.js",
    (code) => {
      expect(tlsAdvice(code, "cloudian")).toBeUndefined();
    },
  );
});
