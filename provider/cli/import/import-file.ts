import { providerText, typeOf } from "../../core/provider-text.ts";
import type { Values } from "../../core/values.ts";
import { providerKey, secretMark } from "../../core/wire.ts";
import type { Found } from "./found.ts";
import type { ResourceName } from "./names.ts";

/** What `pulumi import --file` reads: with the outputs given, the engine asks no provider for them. */
export function importFileOf(objects: readonly Found[], names: ReadonlyMap<Found, ResourceName>): string {
  const resources = objects.flatMap((object) => {
    const { kind, id, way, takeover } = object;
    if (way !== "import" || !takeover) return [];
    const loader = { [providerKey]: providerText(kind) };
    return [
      {
        type: typeOf(kind),
        name: names.get(object)?.logical,
        id,
        inputs: { ...marked(takeover.inputs, takeover.secrets), ...loader },
        outputs: { ...marked(takeover.outputs, takeover.secrets), ...loader },
      },
    ];
  });
  return `${JSON.stringify({ resources }, undefined, 2)}\n`;
}

/** In a file a secret is JSON text beside the engine's mark; the import encrypts it. */
function marked(values: Values, secrets: readonly string[]): Values {
  return Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      secrets.includes(key) ? { ...secretMark, plaintext: JSON.stringify(value) } : value,
    ]),
  );
}
