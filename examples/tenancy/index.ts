import * as pulumi from "@pulumi/pulumi";
import { CloudianTenancy, getAccounts, getDomains } from "pulumi-cloudstack-storage";

// Both lists are complete, or these throw. They ask CloudStack whenever this program runs.
const [{ domains }, { accounts }] = await Promise.all([getDomains(), getAccounts()]);

const tenancy = new CloudianTenancy("tenants", { domains, accounts });

/** For each account, by its UUID: whom `cloudianSsoUrl` logs in. */
export const identities = tenancy.identities;

const users = Object.entries(tenancy.users);
export const accessKeyIds = Object.fromEntries(users.map(([account, user]) => [account, user.accessKeyId]));
export const secretAccessKeys = pulumi.secret(
  Object.fromEntries(users.map(([account, user]) => [account, user.secretAccessKey])),
);
