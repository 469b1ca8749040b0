import {
  DeleteBucketCorsCommand,
  GetBucketCorsCommand,
  PutBucketCorsCommand,
  PutBucketPolicyCommand,
} from "@aws-sdk/client-s3";
import { ask } from "./asking.ts";
import type { Check } from "./check.ts";
import { publicRead } from "./policies.ts";

const origin = "https://browser.example";

const rules = [
  {
    AllowedOrigins: [origin],
    AllowedMethods: ["GET", "PUT"],
    AllowedHeaders: ["*"],
    ExposeHeaders: ["ETag"],
    MaxAgeSeconds: 600,
  },
];

export const cors: readonly Check[] = [
  {
    name: "CORS: none, put, get, delete, delete again, none",
    async run(scene) {
      const { owner } = scene;
      const bucket = { Bucket: await scene.bucket() };
      const get = new GetBucketCorsCommand(bucket);
      const none = await ask(owner, get);
      const put = await ask(owner, new PutBucketCorsCommand({ ...bucket, CORSConfiguration: { CORSRules: rules } }));
      const { CORSRules = [] } = await owner.send(get);
      const [rule] = CORSRules;
      return [
        none,
        put,
        `${rule?.AllowedOrigins} ${rule?.AllowedMethods} ${rule?.AllowedHeaders} ${rule?.ExposeHeaders} ${rule?.MaxAgeSeconds}`,
        await ask(owner, new DeleteBucketCorsCommand(bucket)),
        await ask(owner, new DeleteBucketCorsCommand(bucket)),
        await ask(owner, get),
      ];
    },
    expected: [
      "404 NoSuchCORSConfiguration",
      "200",
      `${origin} GET,PUT * ETag 600`,
      "204",
      "204",
      "404 NoSuchCORSConfiguration",
    ],
  },
  {
    name: "CORS: preflight of an allowed origin and method, of another method, of another origin",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      await scene.owner.send(new PutBucketCorsCommand({ ...bucket, CORSConfiguration: { CORSRules: rules } }));
      const ask = async (from: string, method: string) => {
        const response = await fetch(`${scene.server.endpoint}/${bucket.Bucket}/a`, {
          method: "OPTIONS",
          headers: {
            ...scene.server.anonymousHeaders,
            origin: from,
            "access-control-request-method": method,
            "access-control-request-headers": "authorization,x-amz-date",
          },
        });
        await response.arrayBuffer();
        return `${response.status} ${response.headers.get("access-control-allow-origin")}`;
      };
      return [await ask(origin, "PUT"), await ask(origin, "DELETE"), await ask("https://other.example", "PUT")];
    },
    expected: [`200 ${origin}`, "403 null", "403 null"],
  },
  {
    name: "CORS: the header of an answer, to an allowed origin, to another",
    async run(scene) {
      const bucket = { Bucket: await scene.bucket() };
      await scene.put(bucket.Bucket, "a");
      await scene.owner.send(new PutBucketCorsCommand({ ...bucket, CORSConfiguration: { CORSRules: rules } }));
      await scene.owner.send(new PutBucketPolicyCommand({ ...bucket, Policy: publicRead(bucket.Bucket) }));
      const from = async (asking: string) => {
        const headers = { ...scene.server.anonymousHeaders, origin: asking };
        const response = await fetch(`${scene.server.endpoint}/${bucket.Bucket}/a`, { headers });
        await response.arrayBuffer();
        return `${response.status} ${response.headers.get("access-control-allow-origin")}`;
      };
      return [await from(origin), await from("https://other.example")];
    },
    expected: [`200 ${origin}`, "200 null"],
  },
];
