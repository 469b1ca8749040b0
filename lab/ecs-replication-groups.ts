import { randomUUID } from "node:crypto";
import { answer, bodyOf, type Call, done, type Members, type Operation, param, requiredText } from "./ecs-call.ts";
import { EcsRefused } from "./ecs-error.ts";

/** Reading one, making and deleting are inferred from the list and from how the API treats namespaces. */
export const listReplicationGroups: Operation = (call) =>
  answer(call, "data_service_vpools", {
    data_service_vpool: [...call.store.replicationGroups].map(([id, name]) => shown(id, name)),
  });

export const readReplicationGroup: Operation = (call) => {
  const { id, name } = found(call);
  return answer(call, "data_service_vpool", shown(id, name));
};

export const createReplicationGroup: Operation = (call) => {
  const { replicationGroups } = call.store;
  const name = requiredText(bodyOf(call, "data_service_vpool_create"), "name");
  if ([...replicationGroups.values()].includes(name)) {
    throw new EcsRefused(400, 1015, `Replication group ${name} already exists`);
  }
  const id = `urn:storageos:ReplicationGroupInfo:${randomUUID()}:global`;
  replicationGroups.set(id, name);
  return answer(call, "data_service_vpool", shown(id, name));
};

export const deleteReplicationGroup: Operation = (call) => {
  const { id, name } = found(call);
  const { store, buckets } = call;
  const isUsed =
    [...store.namespaces.values()].some(({ vpool }) => vpool === id) ||
    buckets.buckets().some((bucket) => bucket.attributes["vpool"] === id);
  if (isUsed) throw new EcsRefused(400, 1020, `Replication group ${name} still has namespaces or buckets`);
  store.replicationGroups.delete(id);
  return { ...done, destructive: true };
};

function found(call: Call): { id: string; name: string } {
  const id = param(call, 0);
  const name = call.store.replicationGroups.get(id);
  if (name === undefined) throw new EcsRefused(404, 2000, `Unable to find replication group ${id}`);
  return { id, name };
}

function shown(id: string, name: string): Members {
  return {
    id,
    name,
    description: "",
    inactive: false,
    isAllowAllNamespaces: true,
    global: null,
    remote: null,
    vdc: null,
  };
}
