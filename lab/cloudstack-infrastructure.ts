import { type Answer, list, object } from "./cloudstack-answer.ts";
import {
  type Call,
  type Commands,
  fits,
  hasKeyword,
  optional,
  optionalEntity,
  optionalFlag,
  required,
} from "./cloudstack-call.ts";
import { invalid } from "./cloudstack-error.ts";
import { objectProviders } from "./cloudstack-object-providers.ts";
import { atLeast, type CloudStackOptions } from "./cloudstack-options.ts";

/** Who is no root administrator does not see zones that are switched off. */
function listZones(call: Call): Answer {
  const { store, caller } = call;
  optionalEntity(call, "id", store.zones);
  const enabledOnly = caller.account.type !== 1 || optionalFlag(call, "available") === true;
  const found = [...store.zones.values()]
    .filter(({ id, name }) => fits(optional(call, "id"), id) && fits(optional(call, "name"), name))
    .filter(({ allocationState }) => !enabledOnly || allocationState === "Enabled")
    .filter(({ name }) => hasKeyword(call, name));
  return list(
    "zone",
    found.map(({ id, name, allocationState }) => ({
      id,
      name,
      dns1: "192.0.2.53",
      internaldns1: "192.0.2.54",
      networktype: "Advanced",
      securitygroupsenabled: false,
      allocationstate: allocationState,
      localstorageenabled: false,
      ...(atLeast(store.options, [4, 18]) ? { type: "Core" } : {}),
    })),
  );
}

function listCapabilities({ store: { options } }: Call): Answer {
  return object("capability", {
    securitygroupsenabled: false,
    dynamicrolesenabled: true,
    cloudstackversion: options.release === "next" ? "4.23.0.0-SNAPSHOT" : options.release,
    userpublictemplateenabled: true,
    supportELB: "false",
    projectinviterequired: false,
    allowusercreateprojects: true,
    regionsecondaryenabled: false,
    apilimitinterval: 1,
    apilimitmax: 25,
  });
}

function listStorageProviders(call: Call): Answer {
  const type = required(call, "type");
  const named = providers(call.store.options);
  const names = Object.hasOwn(named, type) ? named[type] : undefined;
  if (names === undefined) throw invalid(`Invalid type: ${type}`);
  return list(
    "dataStoreProvider",
    names.map((name) => ({ name, type })),
  );
}

function providers(options: CloudStackOptions): Record<string, string[]> {
  return {
    primary: ["DefaultPrimary"],
    image: ["NFS", "S3"],
    ...(atLeast(options, [4, 19]) ? { object: objectProviders(options) } : {}),
  };
}

export const infrastructureCommands: Commands = {
  listZones: {
    run: listZones,
    changes: false,
    role: "everyone",
    params: "available domainid id keyword name networktype page pagesize showcapacities tags",
  },
  listCapabilities: { run: listCapabilities, changes: false, role: "everyone", params: "" },
  listStorageProviders: {
    run: listStorageProviders,
    changes: false,
    params: "type! keyword page pagesize",
  },
};
