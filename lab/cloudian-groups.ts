import { absent, type Call, done, json, jsonBody, type Operation, required, requiredText } from "./cloudian-call.ts";
import { buildFields, endpointFields, groupFields, Refused } from "./cloudian-documents.ts";
import { assertGroupId, assertGroupName, type Group, removeGroup, systemGroup, usersOf } from "./cloudian-store.ts";

export const readGroup: Operation = (call) => {
  const group = call.store.groups.get(required(call, "groupId"));
  return group === undefined ? absent : json(call, shown(call, group));
};

export const listGroups: Operation = (call) => {
  const groups = [...call.store.groups.values()].filter((group) => group.groupId !== systemGroup);
  return groups.length === 0
    ? done
    : json(
        call,
        groups.map((group) => shown(call, group)),
      );
};

export const createGroup: Operation = (call) => {
  const body = jsonBody(call);
  const groupId = requiredText(body, "groupId");
  if (call.store.groups.has(groupId)) throw new Refused(call.store.options.existingGroupStatus, "the group exists");
  assertGroupId(groupId);
  const fields = buildFields(groupFields, body);
  assertGroupName(call.store, fields.groupName);
  call.store.groups.set(groupId, { groupId, ...fields });
  return done;
};

export const updateGroup: Operation = (call) => {
  const body = jsonBody(call);
  const groupId = requiredText(body, "groupId");
  const current = call.store.groups.get(groupId);
  if (current === undefined) throw new Refused(400, "there is no such group");
  const fields = buildFields(groupFields, body, call.store.options.updateMode === "merge" ? current : undefined);
  assertGroupName(call.store, fields.groupName);
  call.store.groups.set(groupId, { groupId, ...fields });
  return done;
};

export const deleteGroup: Operation = (call) => {
  const groupId = required(call, "groupId");
  if (!call.store.groups.has(groupId)) throw new Refused(400, "there is no such group");
  if (groupId === systemGroup) throw new Refused(400, "the system administrators' group stays");
  if (usersOf(call.store, groupId).length > 0) {
    throw new Refused(call.store.options.groupWithUsersStatus, "the group has users");
  }
  removeGroup(call.store, groupId);
  return done;
};

function shown(call: Call, group: Group): Partial<Group> {
  if (call.store.options.endpointArrays) return group;
  const old: Partial<Group> = { ...group };
  for (const field of endpointFields) delete old[field];
  return old;
}
