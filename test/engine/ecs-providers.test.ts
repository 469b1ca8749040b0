import * as pulumi from "@pulumi/pulumi";
import { EcsBucket, EcsObjectUser, Provider, type ProviderArgs } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { type LabAddresses, startLab } from "../../lab/index.ts";
import { calls, LabControl } from "../harness/lab.ts";
import { withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, stepsOf } from "../harness/stack-run.ts";

class Tenant extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("test:index:Tenant", name, {}, options);
    const user = new EcsObjectUser(`${name}-user`, { userName: "same" }, { parent: this });
    const args = { bucketName: "same", owner: user.userName, versioning: true };
    new EcsBucket(`${name}-bucket`, args, { parent: this });
  }
}

const argsOf = ({ ecs }: LabAddresses): ProviderArgs => ({
  ecsEndpoint: ecs.endpoint,
  ecsUsername: ecs.username,
  ecsPassword: ecs.password,
  ecsNamespace: ecs.namespace,
  ecsS3Endpoint: ecs.s3Endpoint,
  ecsCaPem: ecs.caPem,
});

test("explicit providers: two arrays in one stack, passed on by components, and nothing leaks into them", async () => {
  const other = await startLab({ portBase: 0 });
  const otherControl = new LabControl(other.addresses.control);
  try {
    await withStack("ecs-providers", async (stack) => {
      const controls = [stack.lab, otherControl];
      const password = "Canary-Other-Password";
      await otherControl.patch("ecs", { options: { password, release: "4.x" } });
      const { ecsPassword: _password, ...rest } = argsOf(other.addresses);
      const program =
        (more: ProviderArgs = {}) =>
        async () => {
          const one = new Provider("one", { ...argsOf(stack.addresses), ...more });
          const two = new Provider("two", { ...rest, ecsPasswordEnv: "TEST_OTHER_ECS_PASSWORD" });
          new Tenant("first", { provider: one });
          new Tenant("second", { providers: [two] });
        };
      const env = { TEST_OTHER_ECS_PASSWORD: password };
      await stack.up(program(), { env });
      const made = ["GET /login", "POST /object/users", "POST /object/user-secret-keys/same", "POST /object/bucket"];
      const probe = "GET /object/bucket/same/versioning?namespace=ns1";
      const [asManager, asOwner] = ["PUT /object/bucket/same/versioning?namespace=ns1", "PUT /same/?versioning="];
      const here = calls(await stack.requests());
      const there = calls(await otherControl.requests());
      expect(here).toEqual(expect.arrayContaining([...made, probe, asOwner]));
      expect(here).not.toContain(asManager);
      // Release 4 has a call of its own.
      expect(there).toEqual(expect.arrayContaining([...made, probe, asManager]));
      expect(there).not.toContain(asOwner);
      for (const control of controls) {
        const { users, buckets, sessions } = (await control.state()).ecs;
        expect(Object.keys(users)).toEqual(["ns1/same"]);
        expect(buckets["ns1/same"]).toMatchObject({ owner: "same", versioning: "enabled" });
        expect(sessions).toMatchObject({ live: 0, logins: 1, failures: 0 });
      }

      const changed = await stack.up(program({ requestTimeoutSeconds: 20 }), { env });
      expect(changesOf(changed)).toMatchObject({ update: 1 });
      expect([stepsOf(changed), changed.calls]).toEqual([[], []]);
      expect(stack.storedText()).not.toContain(password);

      // The stack configuration has all settings; an explicit provider must not take one of them.
      const incomplete = await stack.tryUp(
        async () => {
          const provider = new Provider("three", rest);
          new EcsObjectUser("leak", { userName: "leak" }, { provider });
        },
        { env: { ...env, ECS_PASSWORD: stack.addresses.ecs.password } },
      );
      expect(incomplete.code).toBe(1);
      expect(errorsOf(incomplete).join("\n")).toContain("ecsPassword is missing");

      // A rotated password needs no new `up` where the state names the variable that holds it.
      const rotated = "Canary-Rotated-Password";
      await otherControl.patch("ecs", { options: { password: rotated } });
      await stack.destroy({ env: { TEST_OTHER_ECS_PASSWORD: rotated } });
      for (const control of controls) {
        const { users, buckets, sessions } = (await control.state()).ecs;
        expect([users, buckets]).toEqual([{}, {}]);
        expect(sessions).toMatchObject({ live: 0, failures: 0 });
      }
    });
  } finally {
    await other.close();
  }
});
