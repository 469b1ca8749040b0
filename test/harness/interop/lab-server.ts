import { randomBytes } from "node:crypto";
import { type Lab, startLab } from "../../../lab/index.ts";
import { LabControl } from "../lab.ts";
import { ecsApi } from "./ecs-api.ts";
import type { S3Keys, S3Server, Started } from "./surroundings.ts";

/** The S3 sides of the lab's ECS and of its HyperStore, each with two users. */
export async function startLabServers(version: string): Promise<Started> {
  // The lab speaks TLS on its S3 ports or does not, so that there are two with the same users.
  const [plain, secure] = await Promise.all([startLab({ portBase: 0 }), startLab({ portBase: 0, tls: true })]);
  const stop = async () => {
    await Promise.all([plain.close(), secure.close()]);
  };
  try {
    const [owner, other] = [newKeys("owner"), newKeys("other")];
    for (const lab of [plain, secure]) {
      for (const keys of [owner, other]) await addObjectUser(lab, keys);
      await addCloudianUsers(lab, [owner, other]);
    }
    const common = { version, region: "us-east-1", owner, other };
    return { servers: [ecs(plain, secure, common), hyperstore(plain, secure, common)], stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type Common = Pick<S3Server, "version" | "region" | "owner" | "other">;

function ecs({ addresses }: Lab, secure: Lab, common: Common): S3Server {
  return {
    id: "lab-ecs",
    name: "lab, ECS",
    ...common,
    endpoint: addresses.ecs.s3Endpoint,
    tls: { endpoint: secure.addresses.ecs.s3Endpoint, caPem: secure.addresses.ecs.caPem },
    principalOfOther: common.other.accessKeyId,
    // Without a user there is no namespace to look for the bucket in.
    anonymousHeaders: { "x-emc-namespace": addresses.ecs.namespace },
  };
}

function hyperstore({ addresses }: Lab, secure: Lab, common: Common): S3Server {
  return {
    id: "lab-hyperstore",
    name: "lab, HyperStore",
    ...common,
    endpoint: addresses.cloudian.s3Endpoint,
    tls: { endpoint: secure.addresses.cloudian.s3Endpoint, caPem: secure.addresses.ecs.caPem },
    principalOfOther: canonicalIdOf("other"),
  };
}

function newKeys(user: string): S3Keys {
  return { accessKeyId: user, secretAccessKey: randomBytes(20).toString("hex") };
}

/** As any client would make one. */
async function addObjectUser(lab: Lab, { accessKeyId: user, secretAccessKey }: S3Keys): Promise<void> {
  const { namespace } = lab.addresses.ecs;
  const call = await ecsApi(lab.addresses.ecs);
  await call("POST", "/object/users.json", { user, namespace });
  await call("POST", `/object/user-secret-keys/${user}.json`, { namespace, secretkey: secretAccessKey });
}

/** Through the lab's own API, which lets their canonical ids be chosen. */
async function addCloudianUsers(lab: Lab, pairs: readonly S3Keys[]): Promise<void> {
  const groupId = "interop";
  const userEntries = pairs.map(({ accessKeyId: userId }) => {
    return [`${groupId}/${userId}`, { canonicalUserId: canonicalIdOf(userId) }] as const;
  });
  const keyEntries = pairs.map(({ accessKeyId, secretAccessKey: secretKey }) => {
    return [accessKeyId, { groupId, userId: accessKeyId, secretKey }] as const;
  });
  const [users, credentials] = [Object.fromEntries(userEntries), Object.fromEntries(keyEntries)];
  await new LabControl(lab.addresses.control).patch("cloudian", { groups: { [groupId]: {} }, users, credentials });
}

const canonicalIdOf = (user: string): string => `canonical-id-of-${user}`;
