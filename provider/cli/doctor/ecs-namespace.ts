import { messageOf, UnexpectedAnswer } from "../../core/errors.ts";
import { EcsClient } from "../../ecs/client.ts";
import type { Lookups } from "../../ecs/lookups.ts";
import type { Context, Found } from "./finding.ts";

/** The namespace of the settings, and the replication group that its buckets get. */
export async function* namespaceFindings({ settings }: Context): AsyncGenerator<Found> {
  const name = settings.ecsNamespace();
  if (name === undefined) {
    const text = "ecsNamespace is not set: every object user and bucket has to name its namespace.";
    yield { check: "namespace", verdict: "ok", text };
    return;
  }
  const { lookups } = EcsClient.of(settings);
  try {
    const { replicationGroup } = await lookups.namespace(name);
    yield { check: "namespace", verdict: "ok", text: `Namespace ${name} is there.` };
    yield await groupFinding(lookups, name, replicationGroup);
  } catch (error) {
    // Missing objects are 400 or 404 here, as the release likes it.
    if (!(error instanceof UnexpectedAnswer) || (error.status !== 400 && error.status !== 404)) throw error;
    yield {
      check: "namespace",
      verdict: "failed",
      text: `Namespace ${name} is not there. ${messageOf(error)}`,
      next: "Correct ecsNamespace (capital letters count), or have a System Admin make the namespace.",
      stops: true,
    };
  }
}

async function groupFinding(lookups: Lookups, namespace: string, urn: string): Promise<Found> {
  const check = "replication-group";
  if (urn === "")
    return {
      check,
      verdict: "warning",
      text: `Namespace ${namespace} has no default replication group.`,
      next: "Name a replicationGroup in each EcsBucket, or have a System Admin give the namespace a default one.",
    };
  const group = (await lookups.replicationGroups()).find((each) => each.urn === urn);
  if (group !== undefined)
    return { check, verdict: "ok", text: `Buckets of ${namespace} get the replication group ${group.name}.` };
  return {
    check,
    verdict: "failed",
    text: `The default replication group of namespace ${namespace}, ${urn}, is not among those of the array.`,
    next: "Have a System Admin give the namespace a default replication group that exists.",
  };
}
