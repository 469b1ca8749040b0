import { CloudianTenancy, EcsTenancy, getAccounts, getDomains } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import type { LabFault } from "../harness/lab.ts";
import { withStack } from "../harness/stack.ts";
import { stepsOf } from "../harness/stack-run.ts";
import { deletionsOf } from "./danger-estate.ts";

const domain = "d0000000-aaaa-4aaa-8aaa-000000000001";
const account = (digit: number) => `a0000000-aaaa-4aaa-8aaa-00000000000${digit}`;
const user = (username: string) => ({ username, firstName: "A", lastName: "B", email: `${username}@example.test` });
const objects = { "invoices/2026.pdf": "what must not be lost" };

/** All brakes off: what keeps the tenants is the look at the list alone. */
const program = async () => {
  const { domains } = await getDomains();
  const { accounts } = await getAccounts();
  const unbraked = { onRemoval: "delete", maxRemovals: 1000 } as const;
  new CloudianTenancy("cloud", { domains, accounts, ...unbraked });
  new EcsTenancy("ecs", { accounts, ...unbraked });
};

const list = (command: string, more: Omit<LabFault, "system" | "command">): LabFault => ({
  ...{ system: "cloudstack", command, times: 100 },
  ...more,
});

test("an account list that is truncated, unauthorized or none at all de-provisions nobody", async () => {
  await withStack("danger-list", async (stack) => {
    await stack.lab.patch("cloudstack", {
      domains: { [domain]: { name: "blue" } },
      accounts: {
        [account(1)]: { name: "ada", domainId: domain, users: [user("ada")] },
        [account(2)]: { name: "eve", domainId: domain, type: 2, users: [user("eve")] },
      },
      users: {
        eve: { accountId: account(2), username: "keeper", apiKey: "eve-key", secretKey: "eve-secret-of-lab" },
      },
    });
    await stack.up(program);
    await stack.lab.patch("ecs", { buckets: { "ns1/invoices": { owner: `cs-${account(1)}`, objects } } });
    const live = async () => {
      const { cloudian, ecs } = await stack.lab.state();
      return [cloudian.groups, cloudian.users, cloudian.credentials, ecs.users, ecs.buckets];
    };
    const before = await live();
    const refuses = async () => {
      const run = await stack.tryUp(program, { continueOnError: true });
      expect([run.code, stepsOf(run)], run.output).toEqual([1, []]);
      expect([await deletionsOf(stack), await live()]).toEqual([[], before]);
    };
    for (const fault of [
      list("listAccounts", { kind: "status", status: 401 }),
      list("listAccounts", { kind: "truncate" }),
      list("listDomains", { kind: "status", status: 200 }),
    ]) {
      await stack.lab.fault(fault);
      await refuses();
      await stack.lab.clearFaults();
    }
    // Pages that the server cuts shorter than it was asked for are read to the counted end.
    await stack.lab.patch("cloudstack", { options: { defaultPageSize: 1 } });
    const paged = await stack.up(program);
    expect([stepsOf(paged), await live()]).toEqual([[], before]);
    // A domain administrator sees a list that looks whole.
    await stack.setConfig({ cloudstackApiKey: "eve-key", cloudstackSecretKey: "eve-secret-of-lab" });
    await refuses();
  });
});
