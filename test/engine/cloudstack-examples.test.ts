import { expect, test } from "vitest";
import { ExampleProject } from "./example-project.ts";

const sites = "secstorage.allowed.internal.sites";
const account = (digit: number) => `a0000000-aaaa-4aaa-8aaa-00000000000${digit}`;
const domain = (digit: number) => `d0000000-aaaa-4aaa-8aaa-00000000000${digit}`;

async function withExample(name: string, work: (project: ExampleProject) => Promise<void>): Promise<void> {
  const project = await ExampleProject.open(name);
  try {
    await work(project);
  } finally {
    await project.close();
  }
}

async function held({ control }: ExampleProject) {
  const { cloudian, cloudstack } = await control.state();
  const { groups, users, s3Buckets } = cloudian;
  const settings = cloudstack["settings"] as Record<string, { value: string | null }>;
  const stores = Object.values(cloudstack.imageStores).filter(({ removed }) => !removed);
  const of = (role: string) => stores.filter((store) => store.role === role);
  return {
    groups: Object.keys(groups).filter((id) => id !== "0"),
    users: Object.keys(users).filter((id) => id !== "0/admin"),
    buckets: Object.keys(s3Buckets),
    // CloudStack keeps an empty text where a text setting was cleared.
    sites: settings[sites]?.value ?? "",
    staging: of("ImageCache").map(({ name }) => name),
    stores: of("Image"),
  };
}

/** The commands sent to CloudStack by the last run. */
async function commands({ control }: ExampleProject): Promise<unknown[]> {
  return (await control.requests("cloudstack")).map(({ query, body }) => body?.["command"] ?? query["command"]);
}

const nothing = { groups: [], users: [], buckets: [], sites: "", staging: [], stores: [] };

test.each([
  { example: "secondary-storage", created: 8, asked: [], staging: "nfs://nfs.example.com/export/secondary-staging" },
  {
    example: "secondary-storage-by-hand",
    created: 7,
    asked: ["listZones"],
    staging: "nfs://nfs.lab-zone.example.com/export/secondary-staging",
  },
])(
  "examples/$example makes the storage, asks for nothing without need, and takes everything away again",
  async (row) => {
    await withExample(row.example, async (project) => {
      const { s3Endpoint } = project.addresses.cloudian;
      const up = await project.up();
      expect(up).toContain(`+ ${row.created} created`);
      const { stores, ...rest } = await held(project);
      expect(rest).toEqual({
        groups: ["cloudstack"],
        users: ["cloudstack/secondary-storage"],
        buckets: ["cloudstack-secondary"],
        sites: "10.20.30.0/24,10.20.40.0/24",
        staging: [row.staging],
      });
      const [[accessKeyId, { secretKey } = {}] = []] = Object.entries(
        (await project.control.state()).cloudian.credentials,
      );
      expect(stores).toMatchObject([
        {
          provider: "S3",
          url: `${s3Endpoint}/cloudstack-secondary`,
          readOnly: false,
          details: { accesskey: accessKeyId, secretkey: secretKey, usehttps: "false" },
        },
      ]);
      expect(up).not.toContain(secretKey);
      expect(await project.outputs()).toMatchObject({
        bucketName: "cloudstack-secondary",
        accessKeyId,
        secretAccessKey: "[secret]",
        storeName: stores[0]?.name,
      });

      await project.pulumi("preview", "--expect-no-changes");
      const usual = ["listCapabilities", "listConfigurations"];
      expect((await commands(project)).filter((name) => !usual.includes(String(name)))).toEqual(row.asked);
      expect(await project.control.requests("cloudian")).toEqual([]);

      await project.pulumi("destroy", "--yes", "--skip-preview");
      expect(await held(project)).toEqual(nothing);
    });
  },
);

test("examples/connector switches the connector on, and off again", async () => {
  await withExample("connector", async (project) => {
    const { cmcEndpoint, password, ssoKey } = project.addresses.cloudian;
    const settings = async () =>
      (await project.control.state()).cloudstack["settings"] as Record<string, { value: string | null }>;
    const secrets = ["--secret", `adminPassword=${password}`, "--secret", `ssoKey=${ssoKey}`];
    await project.pulumi("config", "set-all", ...secrets, "--plaintext", "allowDefaultSecrets=true");
    const up = await project.up();
    expect(up).toContain("Setting cloudian.connector.enabled takes effect after a restart of all management servers");
    expect(up).not.toContain(ssoKey);
    expect(await settings()).toMatchObject({
      "cloudian.connector.enabled": { value: "true" },
      "cloudian.cmc.port": { value: new URL(cmcEndpoint).port },
      "cloudian.sso.key": { value: ssoKey },
    });
    expect(await project.outputs()).toEqual({ restartRequired: true, namesThatMustResolve: [] });
    await project.pulumi("destroy", "--yes", "--skip-preview");
    expect(await settings()).toMatchObject({
      "cloudian.connector.enabled": { value: "false" },
      "cloudian.cmc.port": { value: "8443" },
    });
  });
});

test("examples/tenancy follows domains and accounts between two ups; a short list removes nobody", async () => {
  await withExample("tenancy", async (project) => {
    const { control } = project;
    const active = async () => {
      const { groups, users } = (await control.state()).cloudian;
      const shown = [...Object.entries(groups), ...Object.entries(users)].filter(([id]) => /^[ad]0000000/.test(id));
      return Object.fromEntries(shown.map(([id, { active: isActive }]) => [id, isActive]));
    };
    const ids = [1, 2, 3, 4];
    const tenant = (digit: number) => ({ name: `tenant-${digit}`, domainId: domain(1) });
    await control.patch("cloudstack", {
      domains: { [domain(1)]: { name: "blue" } },
      accounts: Object.fromEntries(ids.map((digit) => [account(digit), tenant(digit)])),
    });
    await project.up();
    const before = await active();
    const users = ids.map((digit) => [`${domain(1)}/${account(digit)}`, "true"] as const);
    expect(before).toEqual({ [domain(1)]: "true", ...Object.fromEntries(users) });
    const outputs = await project.outputs();
    expect(outputs["secretAccessKeys"]).toBe("[secret]");
    expect(outputs["identities"]).toMatchObject({ [account(1)]: { groupId: domain(1), userId: account(1) } });

    await control.patch("cloudstack", {
      domains: { [domain(2)]: { name: "green" } },
      accounts: { [account(1)]: null, [account(5)]: { name: "new", domainId: domain(2) } },
    });
    await project.up();
    const after = {
      ...before,
      [`${domain(1)}/${account(1)}`]: "false",
      [domain(2)]: "true",
      [`${domain(2)}/${account(5)}`]: "true",
    };
    expect(await active()).toEqual(after);

    await control.patch("cloudstack", { accounts: { [account(2)]: null, [account(3)]: null, [account(5)]: null } });
    for (const command of [["preview"], ["up", "--yes", "--skip-preview"]]) {
      const refused = await project.tryPulumi(...command);
      expect(refused.code).toBe(1);
      expect(refused.stdout).toContain("3 of 7 recorded members would go, and at most 1 may in one run: ");
      for (const name of ["tenant-2", "tenant-3", "new"]) expect(refused.stdout).toContain(name);
    }
    expect(await active()).toEqual(after);
  });
});
