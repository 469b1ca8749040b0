import fc from "fast-check";
import { INVISIBLE, type Properties, password, text } from "./support.ts";

const INVALID_IN_XML = /[\ufffe\uffff]/gu;
const some = text
  .map((raw) => raw.replaceAll(INVISIBLE, "").replaceAll(INVALID_IN_XML, ""))
  .filter((value) => value !== "");
const headerText = fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(...'aZ0/+=-_.:~!"#<&%') });
const bounded = (most: number) =>
  some.map((value) => [...value].slice(0, most).join("")).filter((value) => value.length <= most);

const pathWords = ["deactivate", "exist", "info", "lock", "query"];
export const userName = fc
  .string({
    minLength: 1,
    maxLength: 60,
    unit: fc.constantFrom(..."abcXYZ019!#$&'()*+,-./:;=?@_~"),
  })
  .map((name) => (name.includes("@") ? name.toLowerCase() : name))
  .filter((name) => name !== "." && name !== ".." && !/\.json$/i.test(name) && !pathWords.includes(name));
export const namespace = fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(..."abXY09_-") });
export const bucketName = fc
  .tuple(
    fc.constantFrom(..."ab09"),
    fc.string({ minLength: 1, maxLength: 61, unit: fc.constantFrom(..."abcxyz019-") }),
    fc.constantFrom(..."ab09"),
  )
  .map((parts) => parts.join(""));

const tagKey = bounded(100).filter((key) => !/^aws:/i.test(key) && key !== "__proto__");
const tagValue = fc.oneof(fc.constant(""), bounded(200));
const gib = fc.oneof(fc.integer({ min: 1, max: 1_000_000 }), fc.constant("none" as const));

const texts = fc.oneof(some, fc.array(some, { minLength: 1, maxLength: 3 }));
const statement = fc
  .tuple(
    fc.record({ Sid: some, Effect: fc.constantFrom("Allow", "Deny") }, { requiredKeys: ["Effect"] }),
    fc.oneof(fc.constant({ Principal: "*" }), fc.record({ Principal: fc.record({ AWS: texts }) })),
    fc.oneof(fc.record({ Action: texts }), fc.record({ NotAction: texts })),
    fc.oneof(fc.record({ Resource: texts }), fc.record({ NotResource: texts })),
  )
  .map((parts) => Object.assign({}, ...parts) as Properties);
const policy = fc.oneof(
  fc.constantFrom("private", "public"),
  fc.record({ Statement: fc.array(statement, { minLength: 1, maxLength: 3 }) }),
);

const origins = fc.array(
  fc.constantFrom("*", "https://cloud.example.test", "https://*.example.test", "http://a.example:8080"),
  { minLength: 1, maxLength: 3 },
);
const headerNames = fc.array(fc.constantFrom("*", "x-amz-*", "etag", "content-type"), { maxLength: 3 });
const cors = fc.array(
  fc.record(
    {
      allowedMethods: fc.array(fc.constantFrom("GET", "PUT", "POST", "DELETE", "HEAD"), { minLength: 1, maxLength: 6 }),
      allowedOrigins: origins,
      allowedHeaders: headerNames,
      exposeHeaders: headerNames,
      maxAgeSeconds: fc.nat(100_000),
    },
    { requiredKeys: ["allowedMethods", "allowedOrigins"] },
  ),
  { maxLength: 3 },
);

/** Every input of an object user but its ids, as a program may write it. */
export const ecsUserInputs = {
  locked: fc.boolean(),
  tags: fc.dictionary(tagKey, tagValue, { maxKeys: 4 }),
  keyGeneration: fc.integer({ min: 1, max: 1_000_000 }),
  previousKeyExpiryMinutes: fc.integer({ min: 1, max: 100_000 }),
  onDestroy: fc.constantFrom("delete", "lock"),
  adopt: fc.boolean(),
};

/** What can be changed of any bucket. */
const bucketAspects = {
  versioning: fc.boolean(),
  policy,
  cors,
  tags: fc.dictionary(tagKey, tagValue, { maxKeys: 5 }),
  forceDestroy: fc.boolean(),
  adopt: fc.boolean(),
};

/** Every input of an ECS bucket but its ids and its owner, as a program may write it. */
export const ecsBucketInputs = {
  ...bucketAspects,
  replicationGroup: some,
  encryption: fc.boolean(),
  quotaGiB: gib,
  notifyAtGiB: gib,
  retentionSeconds: fc.nat(),
  accessDuringOutage: fc.boolean(),
  allowNonDnsName: fc.boolean(),
};

/** Every input of an S3 bucket but its ids and its keys, as a program may write it. */
export const s3BucketInputs = {
  ...bucketAspects,
  region: fc.constantFrom("us-east-1", "eu-west-3", "lab"),
  pathStyle: fc.boolean(),
  storagePolicy: headerText,
};

export const ecsUserArgs = fc.record(
  { userName, namespace, ...ecsUserInputs },
  { requiredKeys: ["userName"] },
) as fc.Arbitrary<Properties>;
export const ecsBucketArgs = fc.record(
  { bucketName, namespace, owner: userName, ...ecsBucketInputs },
  { requiredKeys: ["bucketName", "owner"] },
) as fc.Arbitrary<Properties>;
export const s3BucketArgs = fc.record(
  {
    bucketName,
    endpoint: fc.constantFrom("http://127.0.0.1:1", "HTTPS://S3.example.test/", "https://s3.example.test:8443/base"),
    accessKeyId: headerText,
    secretAccessKey: password,
    ...s3BucketInputs,
  },
  { requiredKeys: ["bucketName", "endpoint", "accessKeyId", "secretAccessKey"] },
) as fc.Arbitrary<Properties>;
