import { createRequire } from "node:module";
import { text } from "node:stream/consumers";
import { beforeAll, describe, expect, test } from "vitest";
import type { Client } from "../../harness/interop/surroundings.ts";
import { type Tenant, visit } from "./tenant.ts";

interface Item {
  readonly name?: string;
  readonly prefix?: string;
  readonly size?: number;
  readonly versionId?: string;
  readonly isLatest?: boolean;
  readonly isDeleteMarker?: boolean;
  readonly metadata?: unknown;
}

type Items = AsyncIterable<Item>;

/** As much of the library as is used here: it is installed beside the project, so that its types are not at hand. */
interface MinioClient {
  bucketExists(bucket: string): Promise<boolean>;
  putObject(bucket: string, name: string, body: Buffer | string, size?: number, metadata?: object): Promise<unknown>;
  getObject(bucket: string, name: string, options?: { versionId?: string }): Promise<NodeJS.ReadableStream>;
  statObject(bucket: string, name: string): Promise<{ size: number; metaData: Record<string, string> }>;
  removeObject(bucket: string, name: string, options?: { versionId?: string }): Promise<void>;
  removeObjects(bucket: string, objects: readonly { name: string; versionId?: string }[]): Promise<unknown[]>;
  listObjects(bucket: string, prefix: string, recursive: boolean, options?: { IncludeVersion: boolean }): Items;
  listObjectsV2(bucket: string, prefix: string, recursive: boolean, startAfter?: string): Items;
  getBucketVersioning(bucket: string): Promise<{ Status?: string }>;
  getBucketPolicy(bucket: string): Promise<string>;
  presignedGetObject(bucket: string, name: string, expirySeconds: number, query?: object, at?: Date): Promise<string>;
  presignedPutObject(bucket: string, name: string, expirySeconds: number): Promise<string>;
  readonly extensions: { listObjectsV2WithMetadata(bucket: string, prefix: string, recursive: boolean): Items };
}

interface Minio {
  readonly Client: new (options: object) => MinioClient;
}

/** The library that CloudStack's bucket browser runs, with the calls that the browser makes. */
export function minioSuite({ path }: Client, tenant: () => Tenant): void {
  describe("MinIO JavaScript client", { shuffle: false }, () => {
    const library = createRequire(import.meta.url)(path) as Minio;
    let minio: MinioClient;
    let bucket: string;

    beforeAll(() => {
      const { endpoint, accessKeyId, secretAccessKey } = tenant();
      const { hostname, port, protocol } = new URL(endpoint);
      const address = { endPoint: hostname, port: Number(port), useSSL: protocol === "https:" };
      minio = new library.Client({ ...address, accessKey: accessKeyId, secretKey: secretAccessKey });
      bucket = tenant().bucket;
    });

    test("finds the bucket, and none of another name", async () => {
      expect(await minio.bucketExists(bucket)).toBe(true);
      expect(await minio.bucketExists("of-another-name")).toBe(false);
    });

    test("uploads with metadata, and downloads", async () => {
      await minio.putObject(bucket, "minio/with space + ü.txt", "hello", 5, { "X-Amz-Meta-Color": "blue" });
      const { size, metaData } = await minio.statObject(bucket, "minio/with space + ü.txt");
      expect({ size, color: metaData["color"] }).toEqual({ size: 5, color: "blue" });
      expect(await text(await minio.getObject(bucket, "minio/with space + ü.txt"))).toBe("hello");
    });

    test("uploads in parts what is large", async () => {
      const large = Buffer.alloc(70 * 1024 * 1024, "0123456789");
      await minio.putObject(bucket, "minio/large.bin", large);
      expect((await minio.statObject(bucket, "minio/large.bin")).size).toBe(73_400_320);
      await minio.removeObject(bucket, "minio/large.bin");
    });

    test("lists with a prefix as the bucket browser does, folders apart", async () => {
      for (const name of ["docs/a.txt", "docs/b.txt", "docs/deep/c.txt"]) {
        await minio.putObject(bucket, `minio/${name}`, name);
      }
      const items = await all(minio.extensions.listObjectsV2WithMetadata(bucket, "minio/docs/", false));
      expect(items.map(({ name, prefix }) => name ?? prefix).sort()).toEqual([
        "minio/docs/a.txt",
        "minio/docs/b.txt",
        "minio/docs/deep/",
      ]);
      const after = await all(minio.listObjectsV2(bucket, "minio/docs/", true, "minio/docs/a.txt"));
      expect(after.map(({ name }) => name)).toEqual(["minio/docs/b.txt", "minio/docs/deep/c.txt"]);
    });

    test("reads an older version, and finds what was deleted", async () => {
      for (const body of ["first", "second"]) await minio.putObject(bucket, "minio/v.txt", body);
      const versions = await all(minio.listObjects(bucket, "minio/v.txt", true, { IncludeVersion: true }));
      const older = versions.find(({ isLatest }) => !isLatest)?.versionId ?? "";
      expect(await text(await minio.getObject(bucket, "minio/v.txt", { versionId: older }))).toBe("first");
      await minio.removeObject(bucket, "minio/v.txt");
      await expect(minio.statObject(bucket, "minio/v.txt")).rejects.toThrow("Not Found");
      expect(await all(minio.listObjects(bucket, "minio/v.txt", true))).toEqual([]);
      const left = await all(minio.listObjects(bucket, "minio/v.txt", true, { IncludeVersion: true }));
      expect(left.filter(({ isDeleteMarker }) => isDeleteMarker)).toHaveLength(1);
    });

    test("makes links for reading and for writing, which end", async () => {
      const put = await minio.presignedPutObject(bucket, "minio/sent.txt", 60);
      expect(await visit(put, { method: "PUT", body: "sent by link" })).toBe("200");
      const get = await minio.presignedGetObject(bucket, "minio/sent.txt", 60);
      expect(await visit(get)).toBe("200 sent by link");
      expect(await visit(get, { method: "DELETE" })).toBe("403");
      const anHourAgo = new Date(Date.now() - 60 * 60 * 1000);
      expect(await visit(await minio.presignedGetObject(bucket, "minio/sent.txt", 60, {}, anHourAgo))).toBe("403");
    });

    test("sees what the program has set", async () => {
      expect(await minio.getBucketVersioning(bucket)).toMatchObject({ Status: "Enabled" });
      await expect(minio.getBucketPolicy(bucket)).rejects.toThrow("policy");
    });

    test("deletes many at once", async () => {
      const items = await all(minio.listObjectsV2(bucket, "minio/", true));
      await minio.removeObjects(
        bucket,
        items.map(({ name = "" }) => ({ name })),
      );
      expect(await all(minio.listObjectsV2(bucket, "minio/", true))).toEqual([]);
    });
  });
}

async function all(items: Items): Promise<Item[]> {
  const found: Item[] = [];
  for await (const item of items) found.push(item);
  return found;
}
