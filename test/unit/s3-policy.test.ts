import { describe, expect, test } from "vitest";
import { dnsName } from "../../provider/s3/bucket-name.ts";
import { corsSchema, rulesFrom } from "../../provider/s3/cors.ts";
import { policyFrom, policyText } from "../../provider/s3/policy.ts";
import type { PlainPolicy } from "../../provider/s3/policy-document.ts";
import { policySchema } from "../../provider/s3/policy-schema.ts";
import { tagsSchema } from "../../provider/s3/tags.ts";

const READ = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "box/*" } as const;

const canonical = (policy: unknown) => policySchema.parse(policy as PlainPolicy);
const complaints = (policy: unknown) => {
  const result = policySchema.safeParse(policy as PlainPolicy);
  return result.success ? [] : result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
};

describe("a declared policy", () => {
  test("is brought to one form", () => {
    const declared = {
      Id: "",
      Statement: [
        {
          ...READ,
          Effect: "Deny",
          Sid: "",
          Principal: { AWS: ["zoe", "ada", "zoe"] },
          Action: ["s3:PutObject", "s3:GetObject"],
        },
        { ...READ, Principal: { AWS: ["ada", "*"] }, Condition: {} },
        {
          ...READ,
          NotResource: "*",
          Resource: undefined,
          Condition: {
            StringLike: { "aws:Referer": "https://b/*" },
            IpAddress: { "aws:SourceIp": ["2.0.0.0/8", "1.0.0.0/8"] },
          },
        },
        READ,
      ].map((statement) => JSON.parse(JSON.stringify(statement))),
    };
    expect(canonical(declared)).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Effect: "Allow",
          Principal: "*",
          Action: ["s3:GetObject"],
          NotResource: ["*"],
          Condition: {
            IpAddress: { "aws:SourceIp": ["1.0.0.0/8", "2.0.0.0/8"] },
            StringLike: { "aws:Referer": ["https://b/*"] },
          },
        },
        { Effect: "Allow", Principal: "*", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::box/*"] },
        {
          Effect: "Deny",
          Principal: { AWS: ["ada", "zoe"] },
          Action: ["s3:GetObject", "s3:PutObject"],
          Resource: ["arn:aws:s3:::box/*"],
        },
      ],
    });
  });

  test("is refused in words, with the path of what is wrong", () => {
    expect(complaints("Private")).toEqual([
      ': must be "private", "public" or a policy document (an object, not JSON text)',
    ]);
    expect(complaints({ Statement: [] })).toEqual([
      'Statement: must hold at least one statement; no policy at all is "private"',
    ]);
    expect(complaints({ Version: "2020-01-01", Statement: [READ] })).toEqual([
      'Version: must be "2012-10-17" or "2008-10-17"',
    ]);
    expect(complaints({ Statement: [{ ...READ, Effect: "allow" }] })).toEqual([
      'Statement.0.Effect: must be "Allow" or "Deny"',
    ]);
    expect(complaints({ Statement: [{ ...READ, Action: [] }] })).toEqual([
      "Statement.0.Action: must be a text or a list of at least one, none empty",
    ]);
    expect(complaints({ Statement: [{ ...READ, Principal: "ada" }] })).toEqual([
      'Statement.0.Principal: must be "*" or { AWS: … } with one user or ARN, or a list of them',
    ]);
    expect(complaints({ Statement: [{ ...READ, NotAction: "s3:*" }] })).toEqual([
      "Statement.0: must hold either Action or NotAction",
    ]);
    expect(complaints({ Statement: [{ Effect: "Allow", Action: "s3:*", Resource: "*" }] })).toEqual([
      "Statement.0: must hold either Principal or NotPrincipal",
    ]);
    expect(complaints({ Statement: [{ ...READ, Actions: "s3:*" }] })[0]).toMatch(/^Statement\.0: .*Actions/);
  });
});

describe("what is sent", () => {
  test('for "private" is nothing, for "public" one statement that lets nobody list', () => {
    expect(policyText("private", "box")).toBeUndefined();
    expect(JSON.parse(policyText("public", "box") ?? "")).toEqual({
      Version: "2012-10-17",
      Statement: [
        {
          Sid: "PublicReadGetObject",
          Effect: "Allow",
          Principal: "*",
          Action: ["s3:GetObject"],
          Resource: ["arn:aws:s3:::box/*"],
        },
      ],
    });
  });
});

describe("a live policy", () => {
  const live = (document: unknown, wanted?: PlainPolicy) =>
    policyFrom(document === undefined ? undefined : JSON.stringify(document), "box", wanted);

  test("that permits nothing is private", () => {
    expect(live(undefined)).toBe("private");
    expect(live({})).toBe("private");
    expect(live({ Version: "2012-10-17", Statement: [] })).toBe("private");
  });

  test("is public where it means that, however the service spells it", () => {
    expect(live({ Version: "2008-10-17", Id: "", Statement: { Sid: "", ...READ } })).toBe("public");
    expect(live({ Statement: [{ ...READ, Principal: { AWS: ["*"] }, Resource: ["arn:aws:s3:::box/*"] }] })).toBe(
      "public",
    );
    expect(live({ Statement: [{ ...READ, Action: ["s3:GetObject", "s3:ListBucket"] }] })).not.toBe("public");
    expect(live({ Statement: [{ ...READ, Resource: "other/*" }] })).not.toBe("public");
    expect(live({ Statement: [READ, { ...READ, Effect: "Deny", Principal: "ada" }] })).not.toBe("public");
  });

  test("which means what is wanted is given back as it is wanted", () => {
    const wanted = canonical({ Id: "mine", Statement: [{ ...READ, Sid: "One", Principal: { AWS: "ada" } }] });
    // As ECS rewrites it.
    const rewritten = {
      Version: "2012-10-17",
      Id: "",
      Statement: [{ Sid: "", Effect: "Allow", Principal: "ada", Action: ["s3:GetObject"], Resource: "box/*" }],
    };
    expect(live(rewritten, wanted)).toBe(wanted);
    expect(live({ ...rewritten, Statement: [...rewritten.Statement, READ] }, wanted)).not.toBe(wanted);
    const spelledOut = canonical({ Statement: [READ] });
    expect(live({ Statement: [READ] }, spelledOut)).toBe(spelledOut);
    expect(live({ Statement: [READ] }, "public")).toBe("public");
    expect(live({ Statement: [READ] }, "private")).toBe("public");
  });

  test("differs by its version where it has variables", () => {
    const statement = { ...READ, Resource: `box/$${"{aws:username}"}/*` };
    const wanted = canonical({ Statement: [statement] });
    expect(live({ Version: "2012-10-17", Statement: [statement] }, wanted)).toBe(wanted);
    expect(live({ Statement: [statement] }, wanted)).toMatchObject({ Version: "2008-10-17" });
  });

  test("is shown with what this provider does not know", () => {
    const odd = { Effect: "Allow", Principal: { CanonicalUser: "abc" }, Action: "s3:*", Resource: "box", Extra: 1 };
    expect(live({ Version: "2012-10-17", Statement: [odd], Tail: true })).toEqual({
      Version: "2012-10-17",
      Tail: true,
      Statement: [
        {
          Effect: "Allow",
          Principal: { CanonicalUser: "abc" },
          Action: ["s3:*"],
          Resource: ["arn:aws:s3:::box"],
          Extra: 1,
        },
      ],
    });
    expect(live({ Statement: [null, "x", { Principal: 1, Condition: 2 }] })).toMatchObject({ Version: "2008-10-17" });
  });

  test.each(["", "{", "[]", "null", "<ListBucketResult/>"])("that is no document is an error: %j", (text) => {
    expect(() => policyFrom(text, "box", undefined)).toThrow(
      /^The policy of bucket box is no policy document.*\. Was the answer cut short\? Run the same command again\.$/,
    );
  });
});

describe("CORS rules", () => {
  test("are brought to one form; their order stays", () => {
    const declared = [
      {
        allowedMethods: ["PUT", "GET", "GET"],
        allowedOrigins: ["https://b", "https://a"],
        allowedHeaders: [],
        maxAgeSeconds: 0,
      },
      { allowedMethods: ["DELETE"], allowedOrigins: ["*"], exposeHeaders: ["x", "etag"] },
    ];
    const rules = [
      { allowedMethods: ["GET", "PUT"], allowedOrigins: ["https://a", "https://b"], maxAgeSeconds: 0 },
      { allowedMethods: ["DELETE"], allowedOrigins: ["*"], exposeHeaders: ["etag", "x"] },
    ];
    expect(corsSchema.parse(declared)).toEqual(rules);
    expect(corsSchema.parse(rules)).toEqual(rules);
    expect(
      rulesFrom([
        { ID: "x", AllowedMethods: ["PUT", "GET"], AllowedOrigins: ["https://b", "https://a"], MaxAgeSeconds: 0 },
        { AllowedMethods: ["DELETE"], AllowedOrigins: ["*"], ExposeHeaders: ["x", "etag"] },
      ]),
    ).toEqual(rules);
  });

  test("without methods or origins, or with two stars, are refused", () => {
    const rule = { allowedMethods: ["GET"], allowedOrigins: ["*"] };
    for (const wrong of [
      { allowedMethods: [] },
      { allowedOrigins: [] },
      { allowedOrigins: ["https://*.*"] },
      { allowedMethods: ["PATCH"] },
      { maxAgeSeconds: 1.5 },
    ])
      expect(corsSchema.safeParse([{ ...rule, ...wrong }]).success).toBe(false);
  });
});

test.each([
  ["box", true],
  ["a.b-c.9", true],
  ["ab", false],
  ["a".repeat(63), true],
  ["a".repeat(64), false],
  ["Box", false],
  ["under_score", false],
  ["-box", false],
  ["box-", false],
  ["bo..x", false],
  ["10.0.0.1", false],
  ["10.0.0.1x", true],
  ["box--x-s3", false],
  ["", false],
])("bucket name %j: %s", (name, allowed) => {
  expect(dnsName.safeParse(name).success).toBe(allowed);
});

test("tags have keys of 1 to 128 and values of up to 256 characters, and none begins with aws:", () => {
  expect(tagsSchema.parse({ a: "", ["k".repeat(128)]: "v".repeat(256) })).toHaveProperty("a", "");
  for (const wrong of [
    { "": "x" },
    { ["k".repeat(129)]: "x" },
    { a: "v".repeat(257) },
    { "aws:x": "y" },
    { "AWS:x": "y" },
  ])
    expect(tagsSchema.safeParse(wrong).success).toBe(false);
});
