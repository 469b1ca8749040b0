import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser } from "pulumi-cloudstack-storage";
import accounts from "./accounts.json" with { type: "json" };
import domains from "./domains.json" with { type: "json" };
import { requireSystem } from "./preflight.ts";

await requireSystem();

/** CloudStack's number for a root administrator, whom its Cloudian connector maps to HyperStore's own administrator. */
const rootAdministrator = 1;
const kibibytesPerGibibyte = 1024 * 1024;

const groups = new Map(
  domains.domain.map((domain) => [
    domain.id,
    new CloudianGroup(domain.path, {
      groupId: domain.id,
      groupName: domain.path.replace("ROOT", "").concat("/"),
      active: domain.state === "Active",
    }),
  ]),
);

const users = accounts.account
  .filter((account) => account.accounttype !== rootAdministrator)
  .map((account) => {
    const contact = account.user[0];
    const user = new CloudianUser(`${account.domainpath}/${account.name}`, {
      groupId: groups.get(account.domainid)?.groupId ?? account.domainid,
      userId: account.id,
      fullName: `${contact?.firstname} ${contact?.lastname} (${account.name})`,
      email: contact?.email ?? "",
      active: account.state === "enabled",
      ...(account.objectstoragelimit === "Unlimited"
        ? {}
        : { limits: { storageKiB: { hard: Number(account.objectstoragelimit) * kibibytesPerGibibyte } } }),
    });
    return { name: account.name, user };
  });

export const accessKeyIds = Object.fromEntries(users.map(({ name, user }) => [name, user.accessKeyId]));
export const secretAccessKeys = pulumi.secret(
  Object.fromEntries(users.map(({ name, user }) => [name, user.secretAccessKey])),
);
