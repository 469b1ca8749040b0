import type * as pulumi from "@pulumi/pulumi";
import { startedByEngine } from "./core/engine.ts";
import { StorageError } from "./core/errors.ts";
import { Ledger } from "./core/ledger.ts";
import { Lifecycle } from "./core/lifecycle.ts";
import { watchEngine } from "./core/watchdog.ts";
import { handlerOf } from "./handlers.ts";

/** The calling conventions that state files ask for; every number ever shipped stays. */
const newestAbi = 1;

const ledger = new Ledger();

/** Entry of the provider process: every state file calls it by this name. */
export function provider(kind: string, abi: number): pulumi.dynamic.ResourceProvider {
  const handler = abi > newestAbi ? undefined : handlerOf(kind);
  if (!handler)
    throw new StorageError(
      `The installed pulumi-cloudstack-storage does not know the kind ${kind} (convention ${abi}): the state was written by a newer release. Install that release or a later one.`,
    );
  watchEngine(startedByEngine());
  return new Lifecycle(handler, ledger);
}
