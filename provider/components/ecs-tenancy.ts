import * as pulumi from "@pulumi/pulumi";
import type { Account } from "../cloudstack/shapes.ts";
import { EcsObjectUser } from "../ecs/object-user.ts";
import { orDefault } from "./arguments.ts";
import { TenancyRoster } from "./roster.ts";
import { membersOf } from "./tenancy.ts";

/** What a program declares of a cloud's tenants on a Dell ECS. */
export interface EcsTenancyArgs {
  /** All accounts, from `await getAccounts()`; plain, because resources are named after them. Replaces: no. Removing it: an error, it is required. */
  accounts: readonly Account[];
  /** Namespace of the object users; it must exist. Default: the setting `ecsNamespace`. Replaces: yes, every user. Removing it: the users stay in their namespace. */
  namespace?: pulumi.Input<string>;
  /** What the users' names begin with, before the UUID of the account; CloudStack's ECS plugin uses `cs-`. Default: `"cs-"`. Replaces: yes, every user. Removing it: the default. */
  userPrefix?: pulumi.Input<string>;
  /** How many accounts may go in one run; more are refused at preview, with their names. Default: 10 % of the recorded ones, at least 1. Replaces: no. Removing it: the default. */
  maxRemovals?: pulumi.Input<number>;
  /**
   * What happens to the user of an account that CloudStack no longer has: `"lock"`, or `"delete"`, which is refused while
   * the user owns buckets. Takes effect at a removal only after an `up`. Default: `"lock"`. Replaces: no. Removing it: the default.
   */
  onRemoval?: pulumi.Input<"lock" | "delete">;
  /** Takes over users that exist already, such as those that CloudStack's ECS plugin has made or that of an account that comes back, and changes what differs. Default: false. Replaces: no. Removing it: the default. */
  adopt?: pulumi.Input<boolean>;
}

/**
 * The tenants of a cloud on a Dell ECS, as CloudStack's ECS plugin maps them: an object user for each account, project
 * accounts and administrators included; domains are nothing there. An account that is not enabled has a locked user.
 * Users that somebody else has made are left alone. Destroying the component does to every member what `onRemoval` says.
 */
export class EcsTenancy extends pulumi.ComponentResource {
  /** Remembers the members, `${name}-roster`; everything else waits for it. */
  readonly roster: TenancyRoster;
  /** The users by UUID of the account, `${name}-${uuid}`. */
  readonly users: Readonly<Record<string, EcsObjectUser>>;
  /** The names of the users by UUID of the account. */
  readonly userNames: pulumi.Output<Record<string, string>>;

  constructor(name: string, args: EcsTenancyArgs, options?: pulumi.ComponentResourceOptions) {
    const members = membersOf(args.accounts);
    super("cloudstack-storage:index:EcsTenancy", name, {}, options);
    const { accounts, maxRemovals, namespace } = args;
    const userPrefix = orDefault(args.userPrefix, "cs-");
    const ofRoster = { members, ...(maxRemovals === undefined ? {} : { maxRemovals }) };
    this.roster = new TenancyRoster(`${name}-roster`, ofRoster, { parent: this });
    const kept = { onDestroy: orDefault(args.onRemoval, "lock"), adopt: orDefault(args.adopt, false) };
    const shared = { ...kept, ...(namespace === undefined ? {} : { namespace }) };
    this.users = Object.fromEntries(
      accounts.map(({ id, state }) => [
        id,
        new EcsObjectUser(
          `${name}-${id}`,
          { userName: pulumi.interpolate`${userPrefix}${id}`, locked: state !== "enabled", ...shared },
          // Nothing is touched where the roster refuses.
          { parent: this, dependsOn: [this.roster] },
        ),
      ]),
    );
    this.userNames = userPrefix.apply((prefix) => Object.fromEntries(accounts.map(({ id }) => [id, `${prefix}${id}`])));
    this.registerOutputs({ userNames: this.userNames });
  }
}
