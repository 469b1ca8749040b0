import { afterAll, beforeAll, expect, test } from "vitest";
import { textOf as cloudStackText } from "../contract/cloudstack-support.ts";
import { textOf as bucketText } from "../contract/ecs-support.ts";
import { GROUP_TEXT } from "../contract/support.ts";
import { type DynamicServer, startDynamicServer } from "../harness/dynamic-server.ts";
import { settingsOf } from "../harness/lab-settings.ts";
import { s3Key, startTarget } from "../harness/transport/ways.ts";

type Target = Awaited<ReturnType<typeof startTarget>>;

let target: Target;
const servers: DynamicServer[] = [];

beforeAll(async () => {
  target = await startTarget({ tls: true });
  for (const system of ["cloudian", "ecs", "cloudstack"] as const)
    await target.control.patch(system, { options: { certificate: "self-signed" } });
});
afterAll(async () => {
  await Promise.all(servers.map((server) => server.close()));
  await target.lab.close();
});

/** A process of one phase of one command, which trusts everybody. */
async function serve(): Promise<DynamicServer> {
  const { ecsCaPem: _untrusted, ...access } = settingsOf(target.lab.addresses);
  const settings = {
    ...access,
    ...Object.fromEntries(["cloudian", "ecs", "ecsS3", "cloudstack", "s3"].map((each) => [`${each}Insecure`, "true"])),
  };
  const config = Object.fromEntries(
    Object.entries(settings).map(([key, value]) => [`cloudstack-storage:${key}`, value]),
  );
  const server = await startDynamicServer({ sdk: "newest", config });
  servers.push(server);
  return server;
}

/** A request on every way. */
async function readAll(server: DynamicServer): Promise<void> {
  const endpoint = target.lab.addresses.cloudian.s3Endpoint;
  const inv = { bucketName: "inv", namespace: "ns1", owner: "own", cors: [] };
  const count = { settingName: "max.ssvm.count", value: "5" };
  const secondary = { endpoint, bucketName: "secondary", ...s3Key };
  await server.read("absent", { __provider: GROUP_TEXT, groupId: "absent" });
  await server.read("ns1/inv", { __provider: bucketText("EcsBucket"), ...inv });
  await server.read("max.ssvm.count", { __provider: cloudStackText("GlobalSetting"), ...count });
  await server.read(`secondary@${new URL(endpoint).host}`, { __provider: bucketText("S3Bucket"), ...secondary });
}

test("insecure warns in every process, once for each setting, and names what is better", async () => {
  const { cloudian, ecs, cloudstack } = target.lab.addresses;
  const warning = (prefix: string, endpoint: string, danger: string) =>
    `${prefix}Insecure is set: the certificate of ${endpoint} is not verified, so anyone on the way can ${danger}. Use ${prefix}CaFile instead.`;
  const expected = [
    warning("cloudian", cloudian.endpoint, "read the password"),
    warning("cloudstack", cloudstack.endpoint, "read the password"),
    warning("ecs", ecs.endpoint, "read the password"),
    warning("ecsS3", ecs.s3Endpoint, "read and change what is sent"),
    warning("s3", cloudian.s3Endpoint, "read and change what is sent"),
  ];
  for (const server of [await serve(), await serve()]) {
    await readAll(server);
    await readAll(server);
    await expect.poll(() => [...server.warnings].sort()).toEqual(expected);
  }
});
