import { expect, test } from "vitest";
import { distrustIn } from "../../provider/cli/doctor/tls-trust.ts";
import type { SentCertificate } from "../../provider/core/probe-tls.ts";

function sent(subject: string, issuer: string, namesIssuerUrl = false): SentCertificate {
  return { subject, issuer, validFrom: 0, validTo: 1, selfSigned: subject === issuer, namesIssuerUrl };
}

const leaf = sent("s3.example", "Example Intermediate");

test.each([
  [
    "self-signed",
    [sent("s3.example", "s3.example")],
    "DEPTH_ZERO_SELF_SIGNED_CERT",
    "The certificate is self-signed (DEPTH_ZERO_SELF_SIGNED_CERT), and not trusted here.",
  ],
  [
    "incomplete",
    [sent("s3.example", "Example Intermediate", true)],
    "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
    "The chain is incomplete (UNABLE_TO_VERIFY_LEAF_SIGNATURE): the server sends its own certificate without that of Example Intermediate, who has issued it.",
  ],
  [
    "an unknown authority, sent",
    [leaf, sent("Example Intermediate", "Example Root"), sent("Example Root", "Example Root")],
    "SELF_SIGNED_CERT_IN_CHAIN",
    "The certificate is issued by Example Root, an authority that is not trusted here (SELF_SIGNED_CERT_IN_CHAIN).",
  ],
  [
    "an unknown authority, not sent",
    [leaf, sent("Example Intermediate", "Example Root")],
    "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
    "The certificate is issued by Example Root, an authority that is not trusted here (UNABLE_TO_GET_ISSUER_CERT_LOCALLY).",
  ],
  [
    "signed by another key",
    [leaf],
    "CERT_SIGNATURE_FAILURE",
    "The certificate of s3.example is not accepted (CERT_SIGNATURE_FAILURE).",
  ],
])("%s", (_, chain, distrust, text) => {
  const found = distrustIn({ chain, distrust }, "cloudianS3");
  expect(found?.text).toBe(text);
  expect(found?.next).toContain("cloudianS3CaFile");
});

test("dates are no distrust, and trust is none", () => {
  expect(distrustIn({ chain: [leaf], distrust: "CERT_HAS_EXPIRED" }, "ecs")).toBeUndefined();
  expect(distrustIn({ chain: [leaf], distrust: "CERT_NOT_YET_VALID" }, "ecs")).toBeUndefined();
  expect(distrustIn({ chain: [leaf] }, "ecs")).toBeUndefined();
});
