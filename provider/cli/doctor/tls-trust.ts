import type { TlsLook } from "../../core/probe-tls.ts";

/** Codes about dates, which have a finding of their own: the chain itself holds. */
const aboutDates = new Set(["CERT_HAS_EXPIRED", "CERT_NOT_YET_VALID"]);

const issuerMissing = new Set([
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

/** Why no trusted authority stands behind a certificate, and what to do; undefined where one does. */
export function distrustIn(
  { chain, distrust }: TlsLook,
  settingPrefix: string,
): { text: string; next: string } | undefined {
  if (distrust === undefined || aboutDates.has(distrust)) return undefined;
  const [own] = chain;
  const last = chain.at(-1);
  const file = `save it as a PEM file and set ${settingPrefix}CaFile to its path`;
  if (own?.selfSigned)
    return {
      text: `The certificate is self-signed (${distrust}), and not trusted here.`,
      next: `If it is the one that the server shall show, ${file}.`,
    };
  if (chain.length === 1 && own?.namesIssuerUrl && issuerMissing.has(distrust))
    return {
      text: `The chain is incomplete (${distrust}): the server sends its own certificate without that of ${own.issuer}, who has issued it.`,
      next:
        "Have the server send the whole chain: its certificate, then those of the intermediate authorities. " +
        `If ${own.issuer} is no intermediate one, get its certificate, ${file}.`,
    };
  if (last?.selfSigned || issuerMissing.has(distrust))
    return {
      text: `The certificate is issued by ${last?.issuer}, an authority that is not trusted here (${distrust}).`,
      next:
        `Get that authority's certificate, ${file}. ` +
        `If ${settingPrefix}CaFile or ${settingPrefix}CaPem is set, it holds another one` +
        `${chain.length === 1 ? ", or the server does not send an intermediate authority's" : ""}.`,
    };
  return {
    text: `The certificate of ${own?.subject} is not accepted (${distrust}).`,
    next: `Have it issued anew by ${own?.issuer}, or check what ${settingPrefix}CaFile and ${settingPrefix}CaPem hold.`,
  };
}
