import { randomUUID } from "node:crypto";
import { type Answer, job, list, object, succeeded } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalEntity,
  requiredEntity,
} from "./cloudstack-call.ts";
import { failed } from "./cloudstack-error.ts";
import type { CloudStackStore, SystemVm } from "./cloudstack-store.ts";

function listSystemVms(call: Call): Answer {
  const there = shownVms(call.store);
  optionalEntity(call, "id", there);
  const zone = optionalEntity(call, "zoneid", call.store.zones);
  const found = [...there.values()]
    .filter(({ id, name }) => fits(optional(call, "id"), id) && fits(optional(call, "name"), name))
    .filter(({ type, state }) => fits(optional(call, "systemvmtype"), type) && fits(optional(call, "state"), state))
    .filter(({ zoneId, name }) => fits(zone?.id, zoneId) && hasKeyword(call, name));
  return list(
    "systemvm",
    found.map((vm) => document(call.store, vm)),
  );
}

function shownVms({ options, systemVms }: CloudStackStore): Map<string, SystemVm> {
  const missing = ({ type }: SystemVm) => options.systemVmMissing && type === "secondarystoragevm";
  return new Map([...systemVms].filter(([, vm]) => !missing(vm)));
}

function document({ zones, options }: CloudStackStore, { id, name, type, zoneId, state, agentState }: SystemVm) {
  return {
    id,
    systemvmtype: type,
    zoneid: zoneId,
    zonename: zones.get(zoneId)?.name,
    name,
    state,
    agentstate: agentState,
    version: options.release,
    hypervisor: "KVM",
  };
}

/** The agent is away until the job ends; then it connects, which syncs templates. */
function reboot(call: Call): Answer {
  return inTwoSteps(call, { agentState: "Connecting" }, started(call));
}

function stop(call: Call): Answer {
  return inTwoSteps(call, { agentState: "Down" }, { state: "Stopped", agentState: "Down" });
}

function start(call: Call): Answer {
  return inTwoSteps(call, { state: "Starting" }, started(call));
}

function started({ store }: Call): Partial<SystemVm> {
  return { state: "Running", agentState: store.options.agentStaysAway ? "Connecting" : "Up" };
}

function inTwoSteps(call: Call, first: Partial<SystemVm>, last: Partial<SystemVm>): Answer {
  const { store } = call;
  const { id } = Object.assign(requiredEntity(call, "id", shownVms(store)), first);
  const work = () => {
    const vm = store.systemVms.get(id);
    if (vm === undefined) throw failed("The system VM is not there any more");
    Object.assign(vm, last);
    return object("systemvm", document(store, vm));
  };
  return job(work, { instanceId: id });
}

/** The cloud makes another one in its place. */
function destroy(call: Call): Answer {
  const { store } = call;
  const { id } = Object.assign(requiredEntity(call, "id", shownVms(store)), { agentState: "Down" });
  const work = () => {
    const vm = store.systemVms.get(id);
    if (vm === undefined) throw failed("The system VM is not there any more");
    store.systemVms.delete(id);
    const successor: SystemVm = {
      ...vm,
      id: randomUUID(),
      name: nextName(vm.name),
      ...started(call),
    };
    store.systemVms.set(successor.id, successor);
    return succeeded();
  };
  return job(work, { instanceId: id });
}

/** System VMs are numbered, as in `s-1-VM`. */
function nextName(name: string): string {
  return name.replace(/\d+/, (number) => String(Number(number) + 1));
}

export const systemVmCommands: Commands = {
  listSystemVms: {
    run: listSystemVms,
    changes: false,
    params: "hostid id keyword name page pagesize podid state storageid systemvmtype zoneid",
  },
  rebootSystemVm: { run: reboot, changes: true, async: true, params: "id! forced" },
  stopSystemVm: { run: stop, changes: true, async: true, params: "id! forced" },
  startSystemVm: { run: start, changes: true, async: true, params: "id!" },
  destroySystemVm: { run: destroy, changes: true, async: true, params: "id!" },
};
