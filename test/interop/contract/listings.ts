import { ListObjectsCommand, ListObjectsV2Command } from "@aws-sdk/client-s3";
import { ask } from "./asking.ts";
import type { Check } from "./check.ts";

export const listings: readonly Check[] = [
  {
    name: "list (2): prefix, delimiter, start, pages",
    async run(scene) {
      const bucket = await bucketWithFolders(scene);
      const list = async (query: object) => {
        const page = await scene.owner.send(new ListObjectsV2Command({ Bucket: bucket, ...query }));
        return page;
      };
      const top = await list({ Delimiter: "/" });
      const inside = await list({ Prefix: "docs/", Delimiter: "/" });
      const after = await list({ StartAfter: "docs/b" });
      const first = await list({ MaxKeys: 2 });
      const second = await list({ MaxKeys: 2, ContinuationToken: first.NextContinuationToken });
      return [top, inside, after, first, second].map(contents);
    },
    expected: ["a z docs/", "docs/a docs/b docs/deep/", "docs/deep/c z", "a docs/a …", "docs/b docs/deep/c …"],
  },
  {
    name: "list (1): delimiter, marker, pages",
    async run(scene) {
      const bucket = await bucketWithFolders(scene);
      const list = (query: object) => scene.owner.send(new ListObjectsCommand({ Bucket: bucket, ...query }));
      const top = await list({ Delimiter: "/" });
      const after = await list({ Marker: "docs/b" });
      const first = await list({ MaxKeys: 2 });
      return [top, after, first].map(contents);
    },
    expected: ["a z docs/", "docs/deep/c z", "a docs/a …"],
  },
  {
    name: "list: a missing bucket, another's, an empty one, no keys wanted",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      const { KeyCount, IsTruncated } = await scene.owner.send(new ListObjectsV2Command(bucket));
      await scene.put(bucket.Bucket, "a");
      const none = await scene.owner.send(new ListObjectsV2Command({ ...bucket, MaxKeys: 0 }));
      return [
        await ask(scene.owner, new ListObjectsV2Command({ Bucket: scene.name() })),
        await ask(scene.other, new ListObjectsV2Command(bucket)),
        `${KeyCount} ${IsTruncated}`,
        `${none.KeyCount} ${none.IsTruncated}`,
      ];
    },
    expected: ["404 NoSuchBucket", "403 AccessDenied", "0 false", "0 false"],
  },
];

interface Page {
  Contents?: { Key?: string | undefined }[] | undefined;
  CommonPrefixes?: { Prefix?: string | undefined }[] | undefined;
  IsTruncated?: boolean | undefined;
}

function contents({ Contents = [], CommonPrefixes = [], IsTruncated }: Page): string {
  const names = [...Contents.map(({ Key }) => Key), ...CommonPrefixes.map(({ Prefix }) => Prefix)];
  return [...names, ...(IsTruncated ? ["…"] : [])].join(" ");
}

async function bucketWithFolders(scene: Parameters<Check["run"]>[0]): Promise<string> {
  const bucket = await scene.bucket();
  await scene.put(bucket, "a", "docs/a", "docs/b", "docs/deep/c", "z");
  return bucket;
}
