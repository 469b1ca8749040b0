import { UnexpectedAnswer } from "../core/errors.ts";
import { quoted } from "../core/http.ts";
import { same, type Values } from "../core/values.ts";
import { canonicalDocument, type PlainPolicy, type PolicyDocument } from "./policy-document.ts";

/** The JSON text to send; undefined: none. */
export function policyText(policy: PlainPolicy, bucketName: string): string | undefined {
  if (policy === "private") return undefined;
  return JSON.stringify(policy === "public" ? publicDocument(bucketName) : policy);
}

/**
 * A live policy in canonical form: `"private"` where there is none or one without statements, `"public"` where it means
 * just that. Services rewrite policies, so that one which means what is wanted is given back as it is wanted.
 */
export function policyFrom(live: string | undefined, bucketName: string, wanted: PlainPolicy | undefined): PlainPolicy {
  const document = live === undefined ? undefined : canonicalDocument(parsed(live, bucketName), "2008-10-17");
  if (!document || document.Statement.length === 0) return "private";
  const means = (policy: PolicyDocument) => same(meaningOf(document), meaningOf(policy));
  if (wanted === "public" || (wanted && wanted !== "private")) {
    const asked = wanted === "public" ? publicDocument(bucketName) : canonicalDocument(wanted, "2012-10-17");
    if (means(asked)) return wanted;
  }
  return means(publicDocument(bucketName)) ? "public" : document;
}

function publicDocument(bucketName: string): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "PublicReadGetObject",
        Effect: "Allow",
        Principal: "*",
        Action: ["s3:GetObject"],
        Resource: [`arn:aws:s3:::${bucketName}/*`],
      },
    ],
  };
}

/** Without names, which permit nothing, and without the version of the language where it makes no difference. */
function meaningOf({ Version, Statement }: PolicyDocument): Values {
  const statements = Statement.map(({ Sid: _sid, ...rest }) => rest);
  const texts = JSON.stringify(statements);
  const sorted = [...new Set(statements.map((statement) => JSON.stringify(statement)))].sort();
  // Only the newer version has variables.
  return { statements: sorted, ...(texts.includes("${") ? { version: Version } : {}) };
}

/** A policy as some services wrap it, or without a statement where they have none. */
export function policyIn(text: string): Values | undefined {
  try {
    const value = asObject(JSON.parse(text));
    const [member, ...others] = Object.values(value ?? {});
    const inner = others.length === 0 ? asObject(member) : undefined;
    const document = value && inner && "Statement" in inner ? inner : value;
    return document && ("Statement" in document || Object.keys(document).length === 0) ? document : undefined;
  } catch {
    return undefined;
  }
}

function asObject(value: unknown): Values | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Values) : undefined;
}

function parsed(text: string, bucketName: string): Values {
  const document = policyIn(text);
  if (document) return document;
  throw new UnexpectedAnswer(
    `The policy of bucket ${bucketName} is no policy document${quoted(text)}. Was the answer cut short? Run the same command again.`,
    200,
  );
}
