import { CreateMultipartUploadCommand, DeleteObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { expectEqual } from "./surprise.ts";

/** What the tenant's stack puts out. */
export interface TenantOutputs {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly s3Endpoint: string;
  readonly publicUrl: string;
}

/** What `TenantClient.fill` leaves in the backups, in the words of a refused deletion. */
export const contents = "1 object, 2 old versions, 1 delete marker and 1 unfinished upload";

/** Requests of `fill` and of `readAsAnybody`. */
export const clientRequests = 6 + 2;

/** The tenant at work, with nothing but what the stack has put out. */
export class TenantClient {
  readonly #outputs: TenantOutputs;
  readonly #s3: S3Client;

  constructor(outputs: TenantOutputs) {
    this.#outputs = outputs;
    const { accessKeyId, secretAccessKey, s3Endpoint } = outputs;
    this.#s3 = new S3Client({
      endpoint: s3Endpoint,
      region: "us-east-1",
      forcePathStyle: true,
      credentials: { accessKeyId, secretAccessKey },
      requestChecksumCalculation: "WHEN_REQUIRED",
    });
  }

  async fill(backups: string, website: string): Promise<void> {
    const put = (Bucket: string, Key: string, Body: string) =>
      this.#s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    await put(backups, "monday.tar", "first try");
    await put(backups, "monday.tar", "second try");
    await put(backups, "tuesday.tar", "a mistake");
    await this.#s3.send(new DeleteObjectCommand({ Bucket: backups, Key: "tuesday.tar" }));
    await this.#s3.send(new CreateMultipartUploadCommand({ Bucket: backups, Key: "wednesday.tar" }));
    await put(website, "index.html", "<p>Hello.</p>");
  }

  /** Without any key: one page can be read, and nobody can list. */
  async readAsAnybody(namespace: string): Promise<void> {
    const { publicUrl } = this.#outputs;
    const headers = { "x-emc-namespace": namespace };
    const page = await fetch(`${publicUrl}/index.html`, { headers });
    expectEqual("The public page cannot be read.", [page.status, await page.text()], [200, "<p>Hello.</p>"]);
    const list = await fetch(publicUrl, { headers });
    expectEqual("The public bucket can be listed.", list.status, 403);
  }
}
