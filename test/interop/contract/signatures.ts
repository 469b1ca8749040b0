import { createHmac } from "node:crypto";
import { CreateBucketCommand, ListBucketsCommand, PutObjectCommand } from "@aws-sdk/client-s3";
import { ask, tamperWithBody, tamperWithHeaders } from "./asking.ts";
import type { Check } from "./check.ts";

const list = new ListBucketsCommand();
const HOUR_MS = 60 * 60 * 1000;

export const signatures: readonly Check[] = [
  {
    name: "signature: a wrong secret, an unknown key",
    async run(scene) {
      const { accessKeyId } = scene.server.owner;
      const wrong = scene.client({ keys: { accessKeyId, secretAccessKey: "wrong" } });
      const unknown = scene.client({ keys: { accessKeyId: "NOBODY", secretAccessKey: "wrong" } });
      return [await ask(wrong, list), await ask(unknown, list)];
    },
    expected: ["403 SignatureDoesNotMatch", "403 InvalidAccessKeyId"],
  },
  {
    name: "signature: of an hour ago, of an hour ahead",
    async run(scene) {
      const clients = [-HOUR_MS, HOUR_MS].map((clockOffsetMs) => scene.client({ clockOffsetMs }));
      return await Promise.all(clients.map((client) => ask(client, list)));
    },
    expected: ["403 RequestTimeTooSkewed", "403 RequestTimeTooSkewed"],
  },
  {
    name: "signature: of five minutes ago, of five minutes ahead",
    async run(scene) {
      const clients = [-HOUR_MS / 12, HOUR_MS / 12].map((clockOffsetMs) => scene.client({ clockOffsetMs }));
      return await Promise.all(clients.map((client) => ask(client, list)));
    },
    expected: ["200", "200"],
  },
  {
    name: "signature: a header changed, the body changed",
    async run(scene) {
      const object = { Bucket: await scene.bucket(), Key: "a", Body: "a", Metadata: { color: "blue" } };
      const header = tamperWithHeaders(scene.client({}), { "x-amz-meta-color": "red" });
      const body = tamperWithBody(scene.client({}), "b");
      return [await ask(header, new PutObjectCommand(object)), await ask(body, new PutObjectCommand(object))];
    },
    expected: ["403 SignatureDoesNotMatch", "400 XAmzContentSHA256Mismatch"],
  },
  {
    name: "signature: for another region",
    async run(scene) {
      return [await ask(scene.client({ region: "eu-west-3" }), list)];
    },
    expected: ["200"],
    differs: {
      versitygw: { answer: ["400 AuthorizationHeaderMalformed"], why: "only its own region is right" },
    },
  },
  {
    name: "signature: version 2, with a wrong secret, as a link, as a link that has ended",
    async run(scene) {
      const { accessKeyId, secretAccessKey } = scene.server.owner;
      const bucket = await scene.bucket();
      await scene.put(bucket, "a");
      const date = new Date().toUTCString();
      const header = (secret: string) => {
        const signature = version2(secret, `GET\n\n\n${date}\n/`);
        return scene.raw("/", { headers: { date, authorization: `AWS ${accessKeyId}:${signature}` } });
      };
      const link = (expires: number) => {
        const signature = version2(secretAccessKey, `GET\n\n\n${expires}\n/${bucket}/a`);
        const query = { AWSAccessKeyId: accessKeyId, Expires: `${expires}`, Signature: signature };
        return scene.raw(`/${bucket}/a?${new URLSearchParams(query)}`);
      };
      const now = Math.floor(Date.now() / 1000);
      return [await header(secretAccessKey), await header("wrong"), await link(now + 60), await link(now - 60)];
    },
    expected: ["200", "403 SignatureDoesNotMatch", "200", "403 AccessDenied"],
    differs: {
      "lab-hyperstore": {
        answer: ["400 InvalidRequest", "400 InvalidRequest", "400 InvalidRequest", "400 InvalidRequest"],
        why: "the more awkward of two unknowns",
      },
      versitygw: {
        answer: ["403 AccessDenied", "403 AccessDenied", "400 InvalidRequest", "400 InvalidRequest"],
        why: "knows version 4 only",
      },
    },
  },
  {
    name: "no signature: list a bucket, create one, put an object",
    async run(scene) {
      const bucket = await scene.bucket();
      return [
        await scene.anonymous(`/${bucket}`),
        await scene.anonymous(`/${scene.name()}`, { method: "PUT" }),
        await scene.anonymous(`/${bucket}/a`, { method: "PUT", body: "a" }),
      ];
    },
    expected: ["403 AccessDenied", "403 AccessDenied", "403 AccessDenied"],
  },
  {
    name: "TLS: with the authority trusted, without",
    async run(scene) {
      const trusting = scene.client({ tls: { caPem: scene.server.tls.caPem } });
      const refused = await scene
        .client({ tls: {} })
        .send(list)
        .then(
          () => "200",
          (error: NodeJS.ErrnoException) => error.code ?? error.name,
        );
      const made = await ask(trusting, new CreateBucketCommand({ Bucket: scene.name() }));
      return [await ask(trusting, list), made, refused];
    },
    expected: ["200", "200", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"],
  },
];

function version2(secret: string, text: string): string {
  return createHmac("sha1", secret).update(text).digest("base64");
}
