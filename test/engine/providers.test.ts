import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup, CloudianUser, Provider, type ProviderArgs } from "pulumi-cloudstack-storage";
import { expect, test } from "vitest";
import { startLab } from "../../lab/index.ts";
import { calls, LabControl } from "../harness/lab.ts";
import { withStack } from "../harness/stack.ts";
import { changesOf, errorsOf, stepsOf } from "../harness/stack-run.ts";

class Tenant extends pulumi.ComponentResource {
  constructor(name: string, options: pulumi.ComponentResourceOptions) {
    super("test:index:Tenant", name, {}, options);
    const group = new CloudianGroup(`${name}-group`, { groupId: "same" }, { parent: this });
    new CloudianUser(`${name}-user`, { groupId: group.groupId, userId: "u" }, { parent: this });
  }
}

test("explicit providers: two systems in one stack, passed on by components, and nothing leaks into them", async () => {
  const other = await startLab({ portBase: 0 });
  const otherControl = new LabControl(other.addresses.control);
  try {
    await withStack("providers", async (stack) => {
      const argsOf = ({ cloudian }: typeof other.addresses): ProviderArgs => ({
        cloudianEndpoint: cloudian.endpoint,
        cloudianUsername: cloudian.username,
        cloudianPassword: cloudian.password,
      });
      const program =
        (more: ProviderArgs = {}) =>
        async () => {
          const one = new Provider("one", argsOf(stack.addresses));
          const two = new Provider("two", { ...argsOf(other.addresses), ...more });
          new Tenant("first", { provider: one });
          new Tenant("second", { providers: [two] });
        };
      await stack.up(program());
      const made = ["PUT /group", "PUT /user"];
      expect((await stack.requests()).map(({ method, path }) => `${method} ${path}`)).toEqual(
        expect.arrayContaining(made),
      );
      expect(calls(await otherControl.requests())).toEqual(expect.arrayContaining(made));
      for (const control of [stack.lab, otherControl])
        expect((await control.state()).cloudian.users).toHaveProperty(["same/u"]);

      const changed = await stack.up(program({ requestTimeoutSeconds: 20 }));
      expect(changesOf(changed)).toMatchObject({ update: 1 });
      expect(stepsOf(changed)).toEqual([]);
      expect(changed.calls).toEqual([]);

      // The stack configuration has a password; an explicit provider must not take it.
      const incomplete = await stack.tryUp(
        async () => {
          const { cloudianPassword: _password, ...rest } = argsOf(stack.addresses);
          new CloudianGroup("leak", { groupId: "leak" }, { provider: new Provider("three", rest) });
        },
        { env: { CLOUDIAN_PASSWORD: stack.addresses.cloudian.password } },
      );
      expect(errorsOf(incomplete).join("\n")).toContain("cloudianPassword is missing");
      await stack.destroy();
      for (const control of [stack.lab, otherControl])
        expect(Object.keys((await control.state()).cloudian.groups)).toEqual(["0"]);
    });
  } finally {
    await other.close();
  }
});

test("an endpoint that changed under an object is refused in words, or named as an alias", async () => {
  await withStack("moved", async (stack) => {
    const program = (groupName: string) => async () => {
      new CloudianGroup("g", { groupId: "g", groupName });
    };
    await stack.up(program("one"));
    const { endpoint } = stack.addresses.cloudian;
    const moved = endpoint.replace("127.0.0.1", "localhost");
    await stack.setConfig({ cloudianEndpoint: moved });

    const unchanged = await stack.up(program("one"));
    expect(unchanged.calls).toEqual([]);
    const text =
      `Cloudian group g is recorded at ${endpoint}, but the settings now name ${moved}. Nothing was read or changed, ` +
      `because an object of the same name there may be somebody else's.`;
    const advice = `set cloudianEndpointAliases to ${endpoint}`;
    const runs = [await stack.tryUp(program("two")), await stack.tryRefresh(), await stack.tryDestroy()];
    for (const run of runs) {
      expect(run.code).toBe(1);
      expect(run.output).toContain(text);
      expect(run.output).toContain(advice);
      expect(run.calls).toEqual([]);
    }

    await stack.setConfig({ cloudianEndpointAliases: `https://older.example.com:19443, ${endpoint}/` });
    const up = await stack.up(program("two"));
    expect(up.calls).toEqual(["GET /group?groupId=g", "POST /group"]);
    const refresh = await stack.refresh();
    expect(refresh.calls).toEqual(["GET /group?groupId=g"]);
    await stack.destroy();
    expect(Object.keys((await stack.lab.state()).cloudian.groups)).toEqual(["0"]);
  });
});
