import { beforeEach, vi } from "vitest";
import type { ApiFailure } from "../../provider/cloudstack/answers.ts";
import type { CloudStackClient } from "../../provider/cloudstack/client.ts";
import type { ImageStore } from "../../provider/cloudstack/image-stores.ts";
import { stagingStoreHandler } from "../../provider/cloudstack/staging-store.handler.ts";
import type { StagingStore } from "../../provider/cloudstack/staging-stores.ts";
import { anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";

type Properties = Record<string, unknown>;

const endpoint = "https://cloud.example.test:443/client/api";

/** The kind as the provider process has it, and in place of a cloud its stores and what it was told to do. */
export function stagingStage() {
  const stage = {
    /** Another process of the provider, which has seen nothing yet. */
    another: () => new Lifecycle({ ...anyHandler(stagingStoreHandler), connect: () => client }, new Ledger()),
    kind: new Lifecycle(anyHandler(stagingStoreHandler), new Ledger()),
    /** Stores of the role that is meant, and of the other one. */
    staging: [] as StagingStore[],
    image: [] as Partial<ImageStore>[],
    /** What every list but the first comes to. */
    listing: undefined as Error | undefined,
    /** What the next creation answers instead of what was asked for. */
    made: {} as Partial<StagingStore>,
    /** What it comes to, and what has been made all the same. */
    failure: undefined as Error | undefined,
    halfway: [] as StagingStore[],
    /** What the next deletion comes to. */
    deletion: "deleted" as "deleted" | ApiFailure,
    /** Every call that changes something, in order. */
    sent: [] as unknown[][],
    /** What the process has printed, warnings and news. */
    told: [] as string[],
    /** As `check` returns them, and the engine hands them on. */
    inputs: (more: Properties = {}): Properties => ({
      zoneId: "z1",
      server: "nfs.example.test",
      path: "/export/a",
      adopt: false,
      __provider: "text",
      ...more,
    }),
    recorded: (more: Properties = {}): Properties =>
      stage.inputs({ url: "nfs://nfs.example.test/export/a", systemEndpoint: endpoint, ...more }),
  };
  let lists = 0;
  const client = {
    endpoint,
    aliases: [],
    settingPrefix: "cloudstack",
    stagingStores: {
      list: async () => {
        lists += 1;
        if (stage.listing && lists > 1) throw stage.listing;
        return stage.staging;
      },
      byId: async (id: string) => stage.staging.find((store) => store.id === id),
      create: async (url: string, zoneId: string) => {
        stage.sent.push(["create", url, zoneId]);
        stage.staging.push(...stage.halfway);
        if (stage.failure) throw stage.failure;
        return { id: "made", url, zoneId, ...stage.made };
      },
      delete: async (id: string) => {
        stage.sent.push(["delete", id]);
        return stage.deletion;
      },
    },
    imageStores: { list: async () => stage.image },
  } as unknown as CloudStackClient;
  beforeEach(() => {
    lists = 0;
    const stores = { staging: [], image: [], listing: undefined, made: {}, failure: undefined, halfway: [] };
    Object.assign(stage, stores, { deletion: "deleted", sent: [], told: [], kind: stage.another() });
    vi.spyOn(console, "error").mockImplementation((text) => stage.told.push(String(text)));
  });
  return Object.assign(stage, { client });
}
