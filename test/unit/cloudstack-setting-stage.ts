import { beforeEach, vi } from "vitest";
import type { Configuration, Scope } from "../../provider/cloudstack/configurations.ts";
import { settingHandler } from "../../provider/cloudstack/global-setting.handler.ts";
import { Release } from "../../provider/cloudstack/release.ts";
import type { SettingClient } from "../../provider/cloudstack/setting-client.ts";
import { type AnyHandler, anyHandler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";

type Properties = Record<string, unknown>;

const endpoint = "https://cloud.example.test:443/client/api";

/** The kind as the provider process has it, and in place of a cloud its settings and what it was told to do. */
export function settingStage() {
  const stage = {
    kind: openKind({}),
    /** Another process of the provider, which has seen nothing yet. */
    another: () => openKind({ connect: () => client }),
    /** By id; `gone` is what does not exist any more in its scope, and what is not here is not listed. */
    settings: {} as Record<string, Partial<Configuration> | "gone">,
    release: "4.22.0.0",
    /** What every write comes to. */
    failure: undefined as Error | undefined,
    /** What the look at the connector's peers comes to. */
    peers: undefined as Error | undefined,
    /** Every call, in order. */
    sent: [] as unknown[][],
    /** What the process has printed, warnings and news. */
    told: [] as string[],
    /** A setting as it is recorded, a number of 5 that was set to 7. */
    recorded: (settingName: string, more: Properties = {}): Properties => ({
      settingName,
      value: "7",
      previousValue: "5",
      restartRequired: false,
      __category: "Advanced",
      systemEndpoint: endpoint,
      __provider: "text",
      ...more,
    }),
  };
  const idOf = (name: string, scope?: Scope) => (scope ? `${scope.type}:${scope.id}/${name}` : name);
  const live = (id: string): Configuration | "gone" | "unlisted" => {
    const found = stage.settings[id];
    if (found === undefined || found === "gone") return found ?? "unlisted";
    return { name: id, value: "", category: "Advanced", isDynamic: true, initial: "", ...found };
  };
  const change = async (...call: string[]) => {
    stage.sent.push(call);
    if (stage.failure) throw stage.failure;
    const [, id = "", value] = call;
    const before = live(id);
    if (before === "gone") return "gone";
    if (before !== "unlisted") stage.settings[id] = { ...before, value: value ?? before.initial ?? "" };
    return "written";
  };
  const look = (how: string) => async (name: string, scope?: Scope) => {
    stage.sent.push([how, idOf(name, scope)]);
    return live(idOf(name, scope));
  };
  const client = {
    endpoint,
    aliases: [],
    settingPrefix: "cloudstack",
    requirePeers: async (name: string, value?: string) => {
      stage.sent.push(["peers", name, value]);
      if (stage.peers) throw stage.peers;
    },
    cloud: {
      api: { release: async () => new Release(stage.release) },
      configurations: {
        find: look("read"),
        known: look("list"),
        write: (name: string, value: string, scope?: Scope) => change("write", idOf(name, scope), value),
        reset: (name: string, scope?: Scope) => change("reset", idOf(name, scope)),
      },
    },
  } as unknown as SettingClient;
  beforeEach(() => {
    const start = { settings: {}, release: "4.22.0.0", failure: undefined, peers: undefined, sent: [], told: [] };
    Object.assign(stage, start, { kind: stage.another() });
    vi.spyOn(console, "error").mockImplementation((text) => stage.told.push(String(text)));
  });
  return stage;
}

function openKind(more: Partial<AnyHandler>): Lifecycle {
  return new Lifecycle({ ...anyHandler(settingHandler), ...more }, new Ledger());
}

/** A value in the engine's wrapping. */
export const wrapped = (value: unknown) => ({
  "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270",
  value,
});

/** The error of some work, which has to fail. */
export function failureOf(
  work: Promise<unknown>,
): Promise<{ readonly message: string; readonly properties?: Properties }> {
  return work.then(
    () => ({ message: "no error" }),
    (error: Error & { properties?: Properties }) => error,
  );
}
