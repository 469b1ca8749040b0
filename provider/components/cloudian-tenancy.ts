import * as pulumi from "@pulumi/pulumi";
import { CloudianGroup } from "../cloudian/group.ts";
import { CloudianUser } from "../cloudian/user.ts";
import { connectorState, type LookupArgs } from "../cloudstack/lookups.ts";
import type { Account, Domain } from "../cloudstack/shapes.ts";
import { type Objection, orDefault } from "./arguments.ts";
import { type ConnectorState, connectorCaution, connectorObjection, type RemovalWish } from "./connector-caution.ts";
import { TenancyRoster } from "./roster.ts";
import { type CloudianTenants, cloudianTenants, systemGroup } from "./tenancy.ts";

/** What a program declares of a cloud's tenants on a HyperStore. */
export interface CloudianTenancyArgs {
  /** All domains, from `await getDomains()`; plain, because resources are named after them. Replaces: no. Removing it: an error, it is required. */
  domains: readonly Domain[];
  /** All accounts, from `await getAccounts()`; plain, because resources are named after them. Replaces: no. Removing it: an error, it is required. */
  accounts: readonly Account[];
  /** User of the CMC that the root administrator's account `admin` maps to; `"admin@cloudian.com"` on older releases of HyperStore. Default: `"admin"`. Replaces: no. Removing it: the default. */
  cmcAdminUser?: pulumi.Input<string>;
  /**
   * The cloud that the lists came from, as `getDomains` takes it, to ask whether its connector is on. Default: that of
   * stack configuration and environment; with an explicit provider nobody is asked (give `{}` where it is the same cloud). Replaces: no. Removing it: the default.
   */
  cloudstack?: LookupArgs;
  /** How many domains and accounts together may go in one run; more are refused at preview, with their names. Default: 10 % of the recorded ones, at least 1. Replaces: no. Removing it: the default. */
  maxRemovals?: pulumi.Input<number>;
  /**
   * What happens to the group of a domain and the user of an account that CloudStack no longer has: `"deactivate"`, or
   * `"delete"`, which is refused while a user owns buckets. With `"delete"` the connector of CloudStack must be off.
   * Takes effect at a removal only after an `up`. Default: `"deactivate"`. Replaces: no. Removing it: the default.
   */
  onRemoval?: pulumi.Input<"deactivate" | "delete">;
  /** Takes over groups and users that exist already, such as those that the connector has made or those of an account that comes back, and changes what differs. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
  /** Permits `onRemoval: "delete"` although CloudStack's connector is on, or nothing tells whether it is. Default: false. Replaces: no. Removing it: the default. */
  deleteDespiteConnector?: pulumi.Input<boolean>;
}

/**
 * The tenants of a cloud on a HyperStore, as CloudStack's Cloudian connector maps them: a group for each domain, a user
 * for each account. Names and mail addresses follow CloudStack; an account that is not enabled has an inactive user.
 * A domain that is being deleted counts as long as CloudStack lists it. Groups and users that somebody else has made are
 * left alone. The root administrator's account `admin` maps to the CMC's administrator and gets no user. Destroying
 * the component does to every member what `onRemoval` says.
 */
export class CloudianTenancy extends pulumi.ComponentResource {
  /** Remembers the members, `${name}-roster`; everything else waits for it. */
  readonly roster: TenancyRoster;
  /** The groups by UUID of the domain, `${name}-${uuid}`. */
  readonly groups: Readonly<Record<string, CloudianGroup>>;
  /** The users by UUID of the account, `${name}-${uuid}`. */
  readonly users: Readonly<Record<string, CloudianUser>>;
  /** Who an account is on the HyperStore, by its UUID: what `cloudianSsoUrl` takes. */
  readonly identities: pulumi.Output<Record<string, { groupId: string; userId: string }>>;

  constructor(name: string, args: CloudianTenancyArgs, options?: pulumi.ComponentResourceOptions) {
    const tenants = cloudianTenants(args.domains, args.accounts);
    super("cloudstack-storage:index:CloudianTenancy", name, {}, options);
    const { maxRemovals } = args;
    const onRemoval = orDefault(args.onRemoval, "deactivate");
    const wish = pulumi.output({ onRemoval, deleteDespiteConnector: orDefault(args.deleteDespiteConnector, false) });
    const limit = maxRemovals === undefined ? {} : { maxRemovals };
    const ofRoster = { members: tenants.members, ...limit, ...this.#objection(name, wish, askedState(args, options)) };
    this.roster = new TenancyRoster(`${name}-roster`, ofRoster, { parent: this });
    const shared = { onDestroy: onRemoval, adopt: orDefault(args.adopt, false) };
    this.groups = Object.fromEntries(
      tenants.groups.map((group) => [
        group.groupId,
        new CloudianGroup(`${name}-${group.groupId}`, { ...group, active: true, ...shared }, this.#after()),
      ]),
    );
    this.users = Object.fromEntries(
      tenants.users.map((user) => [
        user.userId,
        new CloudianUser(`${name}-${user.userId}`, { ...user, ...shared }, this.#after(this.groups[user.groupId])),
      ]),
    );
    this.identities = orDefault(args.cmcAdminUser, "admin").apply((admin) => identitiesOf(tenants, admin));
    this.registerOutputs({ identities: this.identities });
  }

  /** Behind the roster, so that nothing is touched where it refuses, and a user behind its group, so that it goes first. */
  #after(group?: CloudianGroup): pulumi.CustomResourceOptions {
    return { parent: this, dependsOn: group === undefined ? [this.roster] : [this.roster, group] };
  }

  /** Never a rejected output: where the roster is not declared, the engine may take all members for removed. */
  #objection(name: string, wish: pulumi.Output<RemovalWish>, asked: Promise<ConnectorState>): Objection {
    const refusal = pulumi.all([wish, asked]).apply(([known, state]) => {
      const objection = connectorObjection(state, known);
      const caution = objection === undefined ? connectorCaution(state) : undefined;
      if (caution !== undefined) pulumi.log.warn(`CloudianTenancy ${name}: ${caution}`, this);
      return objection && `CloudianTenancy ${name}: ${objection}`;
    });
    return { __refusal: refusal };
  }
}

/** An explicit provider may be another cloud's, and its settings are not readable here. */
async function askedState(
  { cloudstack }: CloudianTenancyArgs,
  options: pulumi.ComponentResourceOptions | undefined,
): Promise<ConnectorState> {
  const isExplicit = options?.provider !== undefined || options?.providers !== undefined;
  if (cloudstack === undefined && isExplicit) return "unknown";
  return await connectorState(cloudstack).catch(() => "unknown");
}

function identitiesOf({ users, administrators }: CloudianTenants, cmcAdminUser: string) {
  return Object.fromEntries([
    ...users.map(({ groupId, userId }) => [userId, { groupId, userId }] as const),
    ...administrators.map((id) => [id, { groupId: systemGroup, userId: cmcAdminUser }] as const),
  ]);
}
