import { EcsBucket, EcsObjectUser } from "pulumi-cloudstack-storage";
import type { Environment } from "./environment.ts";
import { document, send } from "./request.ts";
import type { LiveSystem, Step } from "./system.ts";

type Fields = Record<string, unknown>;

export function liveEcs(env: Environment): LiveSystem {
  const { prefix } = env;
  const namespace = env.get("ECS_NAMESPACE");
  const names = (step: Step) => {
    const name = step === "moved" ? `${prefix}-moved` : prefix;
    return { user: `${name}-user`, bucket: `${name}-bucket` };
  };
  return {
    name: "Dell ECS",
    kinds: ["EcsObjectUser", "EcsBucket"],
    leftOut: [],
    stays: [],
    program: (step) => async () => {
      const { user: userName, bucket: bucketName } = names(step);
      const value = step === "first" ? "one" : "two";
      const user = new EcsObjectUser("user", { userName, tags: { value } });
      const quotaGiB = step === "first" ? 1 : 2;
      new EcsBucket("bucket", { bucketName, owner: user.userName, quotaGiB, tags: { value }, forceDestroy: true });
      return {};
    },
    expected: (step) => [names(step).bucket, names(step).user],
    objectsWith: async (start) => {
      const call = await loggedIn(env);
      const buckets = await everyPage(call, `/object/bucket?namespace=${namespace}`, "object_bucket", "name");
      const users = await everyPage(call, `/object/users/${namespace}?`, "blobuser", "userid");
      await call("GET", "/logout");
      return [...buckets, ...users].filter((name) => name.startsWith(start)).sort();
    },
    drift: async () => {
      const { user, bucket } = names("second");
      const call = await loggedIn(env);
      const tags = { tags: [{ name: "value", value: "by hand" }] };
      await call("PUT", `/object/users/${user}/tags?namespace=${namespace}`, tags);
      const quota = { blockSize: 3, notificationSize: -1, namespace };
      await call("PUT", `/object/bucket/${bucket}/quota`, quota);
      await call("GET", "/logout");
      return 2;
    },
    surroundings: async () => "",
  };
}

type Call = (method: string, target: string, body?: Fields) => Promise<unknown>;

async function loggedIn(env: Environment): Promise<Call> {
  const at = (target: string) => `${env.get("ECS_ENDPOINT").replace(/\/$/, "")}${target}`;
  const basic = Buffer.from(`${env.get("ECS_USERNAME")}:${env.get("ECS_PASSWORD")}`).toString("base64");
  const json = { accept: "application/json", "content-type": "application/json" };
  const authority = env.authority("ECS");
  const answer = await send("GET", at("/login"), {
    headers: { ...json, authorization: `Basic ${basic}` },
    ...authority,
  });
  const token = answer.headers["x-sds-auth-token"];
  if (typeof token !== "string") throw new Error(`GET /login of ECS: ${answer.status}, without a token.`);
  return async (method, target, body) =>
    await document(method, at(target), {
      headers: { ...json, "x-sds-auth-token": token },
      ...authority,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

async function everyPage(call: Call, target: string, member: string, field: string): Promise<string[]> {
  const names: string[] = [];
  for (let marker = ""; ; ) {
    const page = (await call(
      "GET",
      `${target}&limit=1000${marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`}`,
    )) as Fields;
    const rows = (page[member] ?? []) as Fields[];
    names.push(...rows.map((row) => String(row[field])));
    const next = String(page["NextMarker"] ?? "");
    if (next === "" || next === marker) return names;
    marker = next;
  }
}
