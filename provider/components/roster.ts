import type * as pulumi from "@pulumi/pulumi";
import { type PropertyRole, StorageResource } from "../core/resource.ts";

/** What a tenancy component declares of its members. */
export interface TenancyRosterArgs {
  /** Name. Default: derived from the resource's URN. Replaces: yes. Removing it: the roster keeps its name. */
  rosterName?: pulumi.Input<string>;
  /** Who belongs to the tenancy: a name for people, by UUID. Replaces: no. Removing it: an error, it is required. */
  members: pulumi.Input<Record<string, pulumi.Input<string>>>;
  /** How many members may go in one run. Default: 10 % of the recorded ones, at least 1. Replaces: no. Removing it: the default. */
  maxRemovals?: pulumi.Input<number>;
}

/** What the provider records beside the arguments. */
export interface TenancyRosterOutputs {
  systemEndpoint: string;
}

const properties: Readonly<Record<keyof TenancyRosterArgs | keyof TenancyRosterOutputs, PropertyRole>> = {
  rosterName: "input",
  members: "input",
  maxRemovals: "input",
  systemEndpoint: "output",
};

/**
 * Remembers who was a member of a tenancy, so that a preview can refuse a mass removal: a list that came back short
 * must not switch a cloud's tenants off. It talks to no system. Its id is the `rosterName`.
 */
export class TenancyRoster extends StorageResource {
  /** As given, or derived. */
  declare readonly rosterName: pulumi.Output<string>;
  /** As declared. */
  declare readonly members: pulumi.Output<Record<string, string>>;
  /** As declared; undefined for the default. */
  declare readonly maxRemovals: pulumi.Output<number | undefined>;
  /** Always empty: a roster is in no system. */
  declare readonly systemEndpoint: pulumi.Output<string>;

  constructor(name: string, args: TenancyRosterArgs, options?: pulumi.CustomResourceOptions) {
    super("TenancyRoster", name, args, properties, options);
  }
}
