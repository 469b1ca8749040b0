import { randomBytes } from "node:crypto";
import { type Lab, startLab } from "../../../lab/index.ts";
import { ecsApi } from "./ecs-api.ts";
import type { Started } from "./rgw.ts";
import type { S3Keys } from "./surroundings.ts";

/** The S3 side of the lab's ECS, with two object users made as any client would make them. */
export async function startLabServer(version: string): Promise<Started> {
  // The lab speaks TLS on its S3 ports or does not, so that there are two with the same users.
  const [plain, secure] = await Promise.all([startLab({ portBase: 0 }), startLab({ portBase: 0, tls: true })]);
  const stop = async () => {
    await Promise.all([plain.close(), secure.close()]);
  };
  try {
    const [owner, other] = [newKeys("owner"), newKeys("other")];
    for (const lab of [plain, secure]) for (const keys of [owner, other]) await addObjectUser(lab, keys);
    const server = {
      id: "lab" as const,
      name: "lab",
      version,
      endpoint: plain.addresses.ecs.s3Endpoint,
      tls: { endpoint: secure.addresses.ecs.s3Endpoint, caPem: secure.addresses.ecs.caPem },
      region: "us-east-1",
      owner,
      other,
      principalOfOther: other.accessKeyId,
      // Without a user there is no namespace to look for the bucket in.
      anonymousHeaders: { "x-emc-namespace": plain.addresses.ecs.namespace },
    };
    return { server, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function newKeys(user: string): S3Keys {
  return { accessKeyId: user, secretAccessKey: randomBytes(20).toString("hex") };
}

async function addObjectUser(lab: Lab, { accessKeyId: user, secretAccessKey }: S3Keys): Promise<void> {
  const { namespace } = lab.addresses.ecs;
  const ecs = await ecsApi(lab.addresses.ecs);
  await ecs("POST", "/object/users.json", { user, namespace });
  await ecs("POST", `/object/user-secret-keys/${user}.json`, { namespace, secretkey: secretAccessKey });
}
