import * as pulumi from "@pulumi/pulumi";

/** A resource that a component has declared, as the engine hears of it. */
export interface Declared {
  readonly name: string;
  /** The class, without the prefix of all types. */
  readonly kind: string;
  readonly inputs: Record<string, unknown>;
  /** The names of those that it waits for. */
  readonly dependsOn: readonly string[];
}

const secretMark = { "4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270" };

/** A value in the engine's wrapping of secrets. */
export const secretOf = (value: unknown) => ({ ...secretMark, value });

const outputs: Record<string, Record<string, unknown>> = {
  CloudianGroup: { systemEndpoint: "https://admin.example.test:19443" },
  CloudianUser: { accessKeyId: "access-1", secretAccessKey: secretOf("Canary-Secret") },
  S3SecondaryStorage: { storeName: "store-1" },
};

const inputsByName = new Map<string, Record<string, unknown>>();

/** Once a file, before anything is declared. */
export async function mockEngine(): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        inputsByName.set(name, inputs);
        return { id: `${name}-id`, state: { ...inputs, ...outputs[kindOf(type)] } };
      },
      call: () => ({}),
    },
    "project",
    "stack",
  );
}

/** What a component declares, in this order, itself first. */
export async function declaredBy(make: (options: pulumi.ComponentResourceOptions) => unknown): Promise<Declared[]> {
  const seen: { resource: pulumi.Resource; name: string; kind: string; dependsOn: pulumi.Resource[] }[] = [];
  const transformation: pulumi.ResourceTransformation = ({ resource, name, type, opts }) => {
    seen.push({ resource, name, kind: kindOf(type), dependsOn: [opts.dependsOn ?? []].flat() as pulumi.Resource[] });
    return undefined;
  };
  make({ transformations: [transformation] });
  await Promise.all(seen.map(({ resource }) => settled(resource.urn)));
  const names = new Map(seen.map(({ resource, name }) => [resource, name]));
  return seen.map(({ name, kind, dependsOn }) => ({
    name,
    kind,
    inputs: declaredInputs(inputsByName.get(name) ?? {}),
    dependsOn: dependsOn.map((resource) => names.get(resource) ?? "?"),
  }));
}

export function settled<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply(resolve);
  });
}

/** Without what every resource carries. */
function declaredInputs({ __provider, __defaultName, __secrets, ...inputs }: Record<string, unknown>) {
  return inputs;
}

function kindOf(type: string): string {
  return type.replace(/^.*:/, "");
}
