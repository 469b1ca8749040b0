/** What a command answers. The transport puts it into the envelope. */
export type Answer =
  /** `{"<name>": {...}}` */
  | { readonly kind: "object"; readonly name: string; readonly value: object }
  /** All that match, in a stable order: the transport cuts the page out and counts. */
  | { readonly kind: "list"; readonly name: string; readonly items: readonly object[] }
  | { readonly kind: "success"; readonly success?: boolean; readonly displaytext?: string }
  /** The members of the envelope as they are. */
  | { readonly kind: "raw"; readonly value: object }
  /**
   * A job. Its work is done later, when objects that the command held may have been replaced by a patch: it has to look
   * them up again in `call.store`. With `id` it is of the create type.
   */
  | { readonly kind: "job"; readonly id?: string; readonly instanceId?: string; readonly work: () => Answer };

export function object(name: string, value: object): Answer {
  return { kind: "object", name, value };
}

export function list(name: string, items: readonly object[]): Answer {
  return { kind: "list", name, items };
}

export function succeeded(displaytext?: string): Answer {
  return displaytext === undefined ? { kind: "success" } : { kind: "success", displaytext };
}

export function job(work: () => Answer, about: { id?: string; instanceId?: string } = {}): Answer {
  return { kind: "job", work, ...about };
}
