import * as pulumi from "@pulumi/pulumi";
import { derivedName } from "./names.ts";
import { providerText, typeOf } from "./provider-text.ts";

/** What a class says about its properties. */
export type PropertyRole = "input" | "secretInput" | "output" | "secretOutput";

/** The base of every kind: a dynamic resource for the engine, without any serialized code. */
export abstract class StorageResource extends pulumi.CustomResource {
  protected constructor(
    kind: string,
    name: string,
    args: object,
    properties: Readonly<Record<string, PropertyRole>>,
    options: pulumi.CustomResourceOptions | undefined,
  ) {
    const type = typeOf(kind);
    const holes = Object.fromEntries(Object.keys(properties).map((property) => [property, undefined]));
    const lookedUp = options?.id !== undefined;
    const hidden = lookedUp ? {} : { __defaultName: defaultNameOf(name, type, options), __secrets: secretsAmong(args) };
    super(
      type,
      name,
      { ...holes, ...marked(args, properties), ...hidden, __provider: providerText(kind) },
      pulumi.mergeOptions({ additionalSecretOutputs: secretsOf(properties) }, options),
    );
  }
}

/**
 * A plain promise, because an output of the parent's URN would make every child of a component wait for all of its
 * siblings, which wait for it where one uses another's output.
 */
function defaultNameOf(name: string, type: string, options: pulumi.CustomResourceOptions | undefined): Promise<string> {
  const urn = pulumi.createUrn(name, type, options?.parent);
  return new Promise((resolve) => urn.apply((known) => resolve(derivedName(name, known))));
}

/**
 * The provider marks what is always a secret by itself. CLI 3.276 takes that mark off an object that the program gives
 * without one, so that it would be shown and stored in the clear.
 */
function marked(args: object, properties: Readonly<Record<string, PropertyRole>>): Record<string, unknown> {
  const entries = Object.entries(args).map(([name, value]) => {
    if (properties[name] !== "secretInput" || value === undefined) return [name, value];
    return [name, pulumi.output(value).apply((given) => (given === undefined ? given : pulumi.secret(given)))];
  });
  return Object.fromEntries(entries);
}

/** The provider process gets plain values; without their names it could show in an error what a program made secret. */
function secretsAmong(args: object): pulumi.Output<string[] | undefined> {
  const marks = Object.entries(args).map(async ([name, value]) =>
    (await pulumi.isSecret(pulumi.output(value))) ? [name] : [],
  );
  return pulumi.output(Promise.all(marks)).apply((names) => (names.flat().length > 0 ? names.flat() : undefined));
}

/** Secret inputs too: `.get` has no inputs that the engine could match, and would store them in the clear. */
function secretsOf(properties: Readonly<Record<string, PropertyRole>>): string[] {
  return Object.entries(properties).flatMap(([name, role]) => (role.startsWith("secret") ? [name] : []));
}
