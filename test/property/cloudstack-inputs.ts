import fc from "fast-check";
import { INVISIBLE, type Properties, password, text } from "./support.ts";

const some = text.map((raw) => raw.replaceAll(INVISIBLE, "").slice(0, 200)).filter((value) => value.trim() !== "");
const wholeNumber = fc.constantFrom(0, 1, 5000, 2_147_483_647);

/** Every input of secondary storage that an update can change, as a program may write it. */
export const storeInputs = {
  readOnly: fc.boolean(),
  verifyBucket: fc.boolean(),
  requireStagingStores: fc.boolean(),
  waitForTemplates: fc.record(
    { set: fc.constantFrom("system", "all"), timeoutMinutes: fc.integer({ min: 1, max: 1440 }) },
    { requiredKeys: ["set"] },
  ),
  onDestroy: fc.constantFrom("delete", "readOnly"),
  adopt: fc.boolean(),
};
export const storeArgs = fc.record(
  {
    storeName: some,
    endpoint: fc.constantFrom("https://s3.example.test", "HTTPS://S3.example.test:8443/"),
    bucket: some.map((name) => name.replaceAll(/[/?#]/g, "-")),
    accessKeyId: some,
    secretAccessKey: password,
    s3Signer: fc.constantFrom("v2", "v4"),
    connectionTimeoutMs: wholeNumber,
    maxErrorRetry: wholeNumber,
    useTcpKeepAlive: fc.boolean(),
    ...storeInputs,
  },
  { requiredKeys: ["storeName", "endpoint", "bucket", "accessKeyId", "secretAccessKey"] },
) as fc.Arbitrary<Properties>;

export const stagingInputs = { adopt: fc.boolean() };
export const stagingArgs = fc.record(
  {
    zoneId: some,
    server: fc.constantFrom("nfs.example.test", "NFS.example.test", "192.0.2.1", "[2001:db8::1]"),
    path: fc.string({ minLength: 1, maxLength: 40, unit: fc.constantFrom(..."aZ0._-é&+=") }).map((path) => `/${path}/`),
    ...stagingInputs,
  },
  { requiredKeys: ["zoneId", "server", "path"] },
) as fc.Arbitrary<Properties>;

/** Every input of a pool that an update can change. */
export const poolInputs = {
  poolName: some,
  url: fc.constantFrom("https://a.example.test:9000", "http://B.example.test/base/"),
  adopt: fc.boolean(),
};
const details = fc.oneof(
  fc.record({
    providerName: fc.constantFrom("MinIO", "Ceph"),
    s3: fc.record({ accessKeyId: some, secretAccessKey: password }),
  }),
  fc.record({
    providerName: fc.constant("ECS"),
    ecs: fc.record(
      { managementUrl: some, username: some, password, namespace: some, userPrefix: text, insecure: fc.boolean() },
      { requiredKeys: ["managementUrl", "username", "password"] },
    ),
  }),
  fc.record({
    providerName: fc.constant("Cloudian HyperStore"),
    cloudian: fc.record({ username: some, password, s3Url: some, iamUrl: some, validateSsl: fc.boolean() }),
  }),
);
export const poolArgs = fc
  .tuple(fc.record(poolInputs, { requiredKeys: ["poolName", "url"] }), details)
  .map((parts) => Object.assign({}, ...parts) as Properties);

/** No everyday words: the process hides what was the value of a secret setting. */
export const settingInputs = {
  value: fc.oneof(password, fc.boolean(), fc.constantFrom(8443, "8443", " Zq9~padded ", "null", "")),
  onDestroy: fc.constantFrom("reset", "restore", "keep"),
};
export const settingArgs = fc.record(
  {
    settingName: fc.oneof(
      fc.string({ minLength: 1, maxLength: 30, unit: fc.constantFrom(..."aZ0._-") }),
      fc.constantFrom("cloudian.admin.password", "cloudian.admin.host"),
    ),
    ...settingInputs,
  },
  { requiredKeys: ["settingName", "value"] },
) as fc.Arbitrary<Properties>;

export const rosterInputs = {
  members: fc.dictionary(fc.uuid(), text, { maxKeys: 5 }),
  maxRemovals: fc.nat(),
};
export const rosterArgs = fc.record(
  { rosterName: some, ...rosterInputs },
  { requiredKeys: ["rosterName", "members"] },
) as fc.Arbitrary<Properties>;
