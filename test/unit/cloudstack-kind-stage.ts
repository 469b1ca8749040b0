import { beforeEach, vi } from "vitest";
import { type AnyHandler, anyHandler, type Connected, type Handler } from "../../provider/core/handler.ts";
import { Ledger } from "../../provider/core/ledger.ts";
import { Lifecycle } from "../../provider/core/lifecycle.ts";
import { Settings } from "../../provider/core/settings.ts";
import { cloudStackServer, keys } from "./cloudstack-server.ts";

type Properties = Record<string, unknown>;

/** What every request carries. */
const everywhere = /^(apikey|command|expires|response|signature|signatureversion)$/i;

/** A kind as a new provider process has it, and a management server that says what a test tells it to say. */
export function cloudStackKind<Args extends object, State extends Args, Client extends Connected>(
  real: Handler<Args, State, Client>,
) {
  const handler: AnyHandler = anyHandler(real);
  const cloud = cloudStackServer();
  let processes = 0;
  const stage = {
    cloud,
    handler,
    kind: new Lifecycle(handler, new Ledger()),
    /** What the process has printed, warnings and news. */
    told: [] as string[],
    /** Of this process. */
    settings: () => new Settings(source(), {}),
    /** The commands that change something, each with what it carries. */
    changes: (): Properties[] =>
      cloud.asked
        .filter(({ method }) => method === "POST")
        .map(({ params: { command, ...rest } }) => ({ command, ...without(everywhere, rest) })),
    /** The whole message, the address of the cloud replaced. */
    messageOf: (work: Promise<unknown>) =>
      work.then(
        () => "no error",
        ({ message }: Error) => message.replaceAll(cloud.endpoint, "CLOUD"),
      ),
  };
  // A key of its own gives each process a connection of its own, which has asked for nothing yet.
  const source = () => ({
    get: (key: string) =>
      ({
        "cloudstack-storage:cloudstackEndpoint": cloud.endpoint,
        "cloudstack-storage:cloudstackApiKey": `${keys.apiKey}-${processes}`,
        "cloudstack-storage:cloudstackSecretKey": keys.secretKey,
        "cloudstack-storage:operationTimeoutSeconds": "10",
      })[key],
  });
  beforeEach(() => {
    processes += 1;
    stage.kind = new Lifecycle(handler, new Ledger());
    void stage.kind.configure({ config: source() } as never);
    stage.told = [];
    vi.spyOn(console, "error").mockImplementation((text) => stage.told.push(String(text)));
  });
  return stage;
}

function without(names: RegExp, values: Properties): Properties {
  return Object.fromEntries(Object.entries(values).filter(([name]) => !names.test(name)));
}
