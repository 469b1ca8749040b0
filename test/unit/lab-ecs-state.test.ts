import { describe, expect, test } from "vitest";
import { openEcs } from "./lab-ecs-stage.ts";

const { lab, control, call } = await openEcs();

const group = lab.addresses.ecs.replicationGroup;

async function patch(body: object): Promise<{ status: number; error: string }> {
  const response = await fetch(`${lab.addresses.control}/state/ecs`, { method: "PATCH", body: JSON.stringify(body) });
  const answer = (await response.json()) as { error?: string };
  return { status: response.status, error: answer.error ?? "" };
}

test("a new ECS has two namespaces, two replication groups and a management user", async () => {
  const { options, ...rest } = (await control.state()).ecs;
  const namespace = { vpool: group, encryption: false, staleAllowed: false, bucketBlockSize: -1 };
  expect(rest).toEqual({
    namespaces: { ns1: namespace, ns2: namespace },
    replicationGroups: { [group]: "rg1", [secondGroup]: "rg2" },
    users: {},
    buckets: {},
    sessions: { live: 0, logins: 0, failures: 0, locked: false },
  });
  expect(options).toMatchObject({ username: "pulumi", password: "lab-ecs-password", release: "3.8" });
});

const secondGroup = "urn:storageos:ReplicationGroupInfo:b81d5e07-26fa-4c93-8e1b-0a9f47d2c615:global";

describe("namespaces and replication groups", () => {
  const path = "/object/namespaces/namespace";

  test("a namespace is created, listed, read and deleted", async () => {
    const created = await call("POST", path, { namespace: "acme", default_data_services_vpool: secondGroup });
    expect(created.json()).toMatchObject({
      id: "acme",
      name: "acme",
      default_data_services_vpool: secondGroup,
      is_encryption_enabled: "false",
      is_stale_allowed: false,
      default_bucket_block_size: -1,
    });
    expect((await call("GET", `${path}/acme`)).text).toBe(created.text);
    expect((await call("GET", "/object/namespaces?name=ac*")).json()).toEqual({
      namespace: [{ id: "acme", name: "acme", link: { rel: "self", href: `${path}/acme` } }],
      MaxNamespaces: 10,
      Filter: "name=ac*",
    });
    await call("POST", "/object/users", { user: "u", namespace: "acme" });
    expect((await call("POST", `${path}/acme/deactivate`)).json()).toMatchObject({ code: 1020 });
    await control.patch("ecs", { users: { "acme/u": null } });
    expect((await call("POST", `${path}/acme/deactivate`)).status).toBe(200);
    expect((await call("GET", `${path}/acme`)).json()).toMatchObject({ code: 1004 });
  });

  test("a name alone makes one without a replication group", async () => {
    await call("POST", path, { namespace: "bare" });
    expect((await call("GET", `${path}/bare`)).json()).toMatchObject({ default_data_services_vpool: "" });
    for (const [body, code] of [
      [{ namespace: "bare" }, 1015],
      [{ namespace: "a.b" }, 1008],
      [{}, 1005],
      [{ namespace: "other", default_data_services_vpool: "urn:none" }, 1004],
    ] as const) {
      expect((await call("POST", path, body)).json()).toMatchObject({ code });
    }
  });

  test("an update changes what it names, but not the encryption of new buckets", async () => {
    const change = { is_stale_allowed: true, default_data_services_vpool: null, is_encryption_enabled: true };
    expect((await call("PUT", `${path}/ns1`, change)).status).toBe(200);
    expect((await call("GET", `${path}/ns1`)).json()).toMatchObject({
      is_stale_allowed: true,
      default_data_services_vpool: group,
      is_encryption_enabled: "false",
    });
  });

  test("replication groups and base URLs are listed", async () => {
    const { data_service_vpool: groups } = (await call("GET", "/vdc/data-service/vpools")).json() as {
      data_service_vpool: { id: string; name: string }[];
    };
    expect(groups.map(({ id, name }) => [id, name])).toEqual([
      [group, "rg1"],
      [secondGroup, "rg2"],
    ]);
    expect((await call("GET", "/object/baseurl")).json()).toMatchObject({ base_url: [{ name: "DefaultBaseUrl" }] });
  });

  test("a replication group is made, read, refused while it is used, and deleted", async () => {
    const groups = "/vdc/data-service/vpools";
    const made = (await call("POST", groups, { name: "rg3" })).json() as { id: string };
    expect(made).toMatchObject({
      id: expect.stringMatching(/^urn:storageos:ReplicationGroupInfo:.*:global$/),
      name: "rg3",
    });
    const id = encodeURIComponent(made.id);
    expect((await call("GET", `${groups}/${id}`)).json()).toMatchObject({ id: made.id, name: "rg3" });
    expect((await call("POST", groups, { name: "rg3" })).status).toBe(400);
    await call("POST", path, { namespace: "ns-rg3", default_data_services_vpool: made.id });
    expect((await call("POST", `${groups}/${id}/deactivate`)).status).toBe(400);
    await call("POST", `${path}/ns-rg3/deactivate`);
    expect((await call("POST", `${groups}/${id}/deactivate`)).status).toBe(200);
    expect((await call("GET", `${groups}/${id}`)).status).toBe(404);
  });
});

describe("patches", () => {
  test("make a namespace, a user and a bucket at once, and take away what belongs to what is deleted", async () => {
    const result = await patch({
      replicationGroups: { "urn:third": "rg3" },
      namespaces: { acme: { vpool: "urn:third", encryption: true } },
      users: { "acme/a/b": { tags: { t: "1" }, keys: [null, { secret: "s", expires: "2030-01-01T00:00:00Z" }] } },
      buckets: { "acme/logs": { owner: "a/b", tags: { x: "y" }, objects: { k: "text" }, blockSize: 3 } },
    });
    expect(result).toEqual({ status: 200, error: "" });
    const { users, buckets } = (await control.state()).ecs;
    expect(users["acme/a/b"]).toMatchObject({
      locked: false,
      tags: { t: "1" },
      keys: [null, { secret: "s", expires: "2030-01-01T00:00:00.000Z" }],
    });
    expect(buckets["acme/logs"]).toMatchObject({
      owner: "a/b",
      vpool: "urn:third",
      encrypted: true,
      blockSize: 3,
      tags: { x: "y" },
      versioning: "never",
      policy: null,
      counts: { objects: 1, versions: 1, markers: 0, uploads: 0, bytes: 4 },
    });
    await control.patch("ecs", { namespaces: { acme: null } });
    expect(Object.keys((await control.state()).ecs.namespaces)).toEqual(["ns1", "ns2"]);
    expect((await control.state()).ecs).toMatchObject({ users: {}, buckets: {} });
  });

  test("change and delete single members, and leave the others", async () => {
    await control.patch("ecs", {
      users: { "ns1/u": { tags: { a: "1", b: "2" }, keys: ["k1", "k2"] } },
      buckets: { "ns1/b": { owner: "u", policy: { Statement: statement }, objects: { k: "1", l: "2" } } },
    });
    const before = (await control.state()).ecs.users["ns1/u"] as { created: string };
    await control.patch("ecs", {
      users: { "ns1/u": { locked: true, tags: { a: null }, keys: ["k1"] } },
      buckets: { "ns1/b": { policy: null, notificationSize: 2, objects: { k: null } } },
    });
    const { users, buckets } = (await control.state()).ecs;
    expect(users["ns1/u"]).toMatchObject({
      created: before.created,
      locked: true,
      tags: { b: "2" },
      keys: [{ secret: "k1" }, null],
    });
    expect(users["ns1/u"]?.["tags"]).toEqual({ b: "2" });
    expect(buckets["ns1/b"]).toMatchObject({ policy: null, notificationSize: 2, counts: { objects: 1 } });
    expect((await call("GET", "/object/bucket/b/quota?namespace=ns1")).json()).toMatchObject({ notificationSize: 2 });
  });

  test.each([
    [{ rubbish: {} }, /There is no|The state has no "rubbish"/],
    [{ options: { release: "5" } }, /Option "release" must be one of 3\.6, 3\.8, 4\.x/],
    [{ namespaces: { "a/b": {} } }, /at namespaces: a\/b/],
    [{ users: { u: {} } }, /at users: u: its key must be of the form namespace\/name/],
    [{ users: { "none/u": {} } }, /there is no such namespace/],
    [{ users: { "ns1/u": { keys: ["a", "b", "c"] } } }, /keys must be a list of at most two/],
    [{ buckets: { "ns1/b": {} } }, /a new bucket needs an owner/],
    [{ buckets: { "ns1/b": { owner: "none" } } }, /its owner must be a user of its namespace/],
    [{ buckets: { "ns1/b": { colour: "red" } } }, /there is no "colour"/],
    [{ sessions: { live: -1 } }, /live must be a whole number, at least 0/],
  ])("%j is refused with a reason and changes nothing", async (change, reason) => {
    const before = await control.state();
    const both = { namespaces: { other: {} }, ...change };
    expect(await patch(both)).toEqual({ status: 400, error: expect.stringMatching(reason) });
    expect(await control.state()).toEqual(before);
  });

  test("secrets are masked unless they are asked for", async () => {
    await control.patch("ecs", { users: { "ns1/u": { keys: ["s3cr3t"] } } });
    const text = await (await fetch(`${lab.addresses.control}/state`)).text();
    expect(text).not.toMatch(/s3cr3t|lab-ecs-password/);
    expect(JSON.parse(text)).toMatchObject({ ecs: { users: { "ns1/u": { keys: [{ secret: "[secret]" }, null] } } } });
  });
});

const statement = [{ Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: "b/*" }];
