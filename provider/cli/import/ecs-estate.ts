import type { Settings } from "../../core/settings.ts";
import { EcsClient } from "../../ecs/client.ts";
import { dnsName } from "../../s3/bucket-name.ts";
import { fewAtOnce } from "./few-at-once.ts";
import { type Found, OutputOf } from "./found.ts";
import { inspect } from "./inspection.ts";

/** The object users and buckets of a namespace. */
export async function ecsEstate(
  settings: Settings,
  namespace: string,
  wanted: (name: string) => boolean,
): Promise<Found[]> {
  const client = EcsClient.of(settings);
  const names = (await client.users.list(namespace)).filter(wanted).sort();
  const users = await fewAtOnce(settings, names, (name) => {
    const id = `${namespace}/${name}`;
    return inspect(settings, { kind: "EcsObjectUser", name: id, stem: name, id });
  });
  const owners = [...(await client.buckets.owners(namespace))].filter(([name]) => wanted(name)).sort();
  const buckets = await fewAtOnce(settings, owners, ([name, owner]) =>
    bucketOf(
      settings,
      namespace,
      name,
      users.find(({ stem }) => stem === owner),
    ),
  );
  return [...users, ...buckets];
}

async function bucketOf(settings: Settings, namespace: string, name: string, owner: Found | undefined): Promise<Found> {
  const id = `${namespace}/${name}`;
  const isDeclared = owner !== undefined && owner.way !== "none";
  return await inspect(settings, {
    kind: "EcsBucket",
    name: id,
    stem: name,
    id,
    ...(dnsName.safeParse(name).success ? {} : { known: { allowNonDnsName: true } }),
    ...(isDeclared ? { instead: { owner: new OutputOf("EcsObjectUser", owner.id, "userName") } } : {}),
  });
}
