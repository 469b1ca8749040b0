import { DeleteObjectsCommand } from "@aws-sdk/client-s3";
import { ask, withHeaders, withMd5 } from "./asking.ts";
import type { Check } from "./check.ts";

const only = "only";
const noChecksum = { "x-amz-checksum-crc32": undefined, "x-amz-sdk-checksum-algorithm": undefined };

const deleteMany = (Bucket: string, keys: readonly string[]) =>
  new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } });

export const multiDeletes: readonly Check[] = [
  {
    name: "delete of many: with the SDK's CRC32, with an MD5 alone; keys that are not there",
    async run(scene) {
      const bucket = await scene.bucket();
      await scene.put(bucket, "a", "b");
      const md5 = withMd5(withHeaders(scene.client({}), noChecksum));
      const withCrc = await scene.owner.send(deleteMany(bucket, ["a", "not there"]));
      const { Deleted = [] } = await md5.send(deleteMany(bucket, ["b"]));
      return [
        (withCrc.Deleted ?? [])
          .map(({ Key }) => Key)
          .sort()
          .join(", "),
        `${Deleted.length}`,
      ];
    },
    expected: ["a, not there", "1"],
  },
  {
    name: "delete of many: no checksum, a wrong MD5, a wrong CRC32",
    async run(scene) {
      const bucket = await scene.bucket();
      await scene.put(bucket, only);
      const bad = [
        noChecksum,
        { ...noChecksum, "content-md5": "1B2M2Y8AsgTpgAmY7PhCfg==" },
        { "x-amz-checksum-crc32": "AAAAAA==" },
      ];
      const clients = bad.map((headers) => withHeaders(scene.client({}), headers));
      const answers: string[] = [];
      for (const client of clients) answers.push(await ask(client, deleteMany(bucket, [only])));
      return answers;
    },
    expected: ["400 InvalidRequest", "400 BadDigest", "400 BadDigest"],
    differs: { rgw: { answer: ["200", "200", "200"], why: "checksums are not looked at" } },
  },
  {
    name: "delete of many: 1000 keys, 1001 keys",
    async run(scene) {
      const bucket = await scene.bucket();
      const keys = Array.from({ length: 1001 }, (_, index) => `key-${index}`);
      const many = await ask(scene.owner, deleteMany(bucket, keys.slice(1)));
      return [many, await ask(scene.owner, deleteMany(bucket, keys))];
    },
    expected: ["200", "400 MalformedXML"],
    differs: {
      rgw: { answer: ["200", "400 Unknown"], why: "no code" },
      versitygw: { answer: ["200", "200"], why: "no limit" },
    },
  },
];
