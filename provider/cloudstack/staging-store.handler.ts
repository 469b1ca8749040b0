import { z } from "zod";
import { schemaOf } from "../core/arguments.ts";
import { Conflict, Refused } from "../core/errors.ts";
import type { Created, Handler, Live, Refusal } from "../core/handler.ts";
import { same } from "../core/values.ts";
import { CloudStackClient } from "./client.ts";
import type { SecondaryStagingStoreArgs, SecondaryStagingStoreOutputs } from "./staging-store.ts";
import type { StagingStore } from "./staging-stores.ts";

const args = schemaOf<SecondaryStagingStoreArgs, never>()(
  z.strictObject({
    zoneId: z.string().min(1, "must not be empty").max(255, "must be the UUID of a zone"),
    server: z
      .string()
      .regex(
        /^(\[[0-9a-fA-F:.]+\]|[^\s/:?#%@[\]]+)$/,
        "must be a host name or an address (IPv6 in brackets), without scheme, port and path",
      )
      .toLowerCase(),
    path: z
      .string()
      .regex(/^\/[^\s?#%\p{Cc}]+$/u, "must begin with / and must not hold spaces, ?, # or %")
      .transform((text) => text.replace(/\/+$/, ""))
      .refine((text) => text !== "", "must name an export below /"),
    adopt: z.boolean().default(false),
  }),
);

type Args = z.output<typeof args>;
type State = Args & Partial<SecondaryStagingStoreOutputs>;

export const stagingStoreHandler: Handler<Args, State, CloudStackClient> = {
  kind: "SecondaryStagingStore",
  noun: "CloudStack staging store",
  args,
  nameKey: "path",
  nameIsGiven: true,
  makesIds: true,
  replaces: ["zoneId", "server", "path"],
  fixed: [],
  local: ["adopt"],
  writeOnly: [],
  secrets: [],
  echoes: { url: ["server", "path"] },
  creationDefaults: () => ({}),
  refusesReplacement,
  idOf: urlOf,
  connect: (settings) => CloudStackClient.of(settings),
  find,
  create,
  read,
  update: async (_client, _id, _from, to) => ({ ...to, url: urlOf(to) }),
  delete: remove,
};

function refusesReplacement(before: Partial<Args>, after: Partial<Args>): Refusal[] {
  // One of the three has changed: under the same URL it is the zone.
  if (after.zoneId === undefined || before.server !== after.server || before.path !== after.path) return [];
  return [
    {
      property: "zoneId",
      reason:
        `cannot be changed from ${before.zoneId} to ${after.zoneId} under the same URL: CloudStack keeps one store a URL, so that the new one would be the ` +
        `old one, and deleting that would delete both. Give the new zone another path, or destroy this store first`,
    },
  ];
}

async function create(client: CloudStackClient, declared: Args): Promise<Created<State>> {
  const url = urlOf(declared);
  // CloudStack would answer with an existing store of this URL, whatever its role and zone, as if it had made it.
  const [staging, image] = await Promise.all([client.stagingStores.list(), client.imageStores.list()]);
  if (staging.some((store) => isSameUrl(store.url, url))) throw new Conflict(`Staging store ${url} exists already.`);
  if (image.some((store) => isSameUrl(store.url ?? "", url) || isSameUrl(store.name, url))) throw wrongRole(url);
  const made = await client.stagingStores.create(url, declared.zoneId);
  if (made.zoneId !== declared.zoneId)
    throw new Refused(
      `Staging store ${url} was made by somebody else at the same moment, in zone ${made.zoneId}. Give another path.`,
    );
  return { id: made.id, state: { ...declared, url } };
}

function wrongRole(url: string): Refused {
  return new Refused(
    `Staging store ${url} is not made: CloudStack has secondary storage of this URL and would answer with that instead. Give another path, or take that store out of use first.`,
  );
}

async function find(client: CloudStackClient, declared: Args): Promise<Live<State> | undefined> {
  const url = urlOf(declared);
  const store = (await client.stagingStores.list()).find((each) => isSameUrl(each.url, url));
  return store && { id: store.id, state: stateOf(store) };
}

async function read(client: CloudStackClient, id: string): Promise<Live<State> | undefined> {
  const store = await client.stagingStores.byId(id);
  return store && { id, state: stateOf(store) };
}

async function remove(client: CloudStackClient, id: string, last: Partial<State>): Promise<void> {
  const outcome = await client.stagingStores.delete(id);
  if (outcome === "deleted") return;
  throw new Refused(
    `Staging store ${last.url ?? id} is not deleted: ${outcome.message} Something is being copied through it at this moment, or the zone uses it. ` +
      `Wait for it, delete the S3 secondary storage first, and run the same command again.`,
  );
}

function stateOf({ url, zoneId }: StagingStore): Partial<State> {
  return { zoneId, ...exportOf(url), url };
}

/** Whether a URL, or whatever stands in its place, names the same export as ours. */
function isSameUrl(one: string, ours: string): boolean {
  return same(exportOf(one), exportOf(ours));
}

/** The host's letter case and a slash at the end make another name for CloudStack, and the same export. */
function exportOf(url: string): { server: string; path: string } {
  const [, server = "", path = ""] = /^nfs:\/\/([^/]*)(\/.*)?$/i.exec(url) ?? [];
  return { server: server.toLowerCase(), path: path.replace(/\/+$/, "") };
}

function urlOf({ server, path }: Pick<Args, "server" | "path">): string {
  return `nfs://${server}${path}`;
}
