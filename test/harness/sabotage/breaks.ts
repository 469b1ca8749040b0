/** One place in the sources that is made wrong. */
export interface Edit {
  readonly file: string;
  /** Occurs exactly once in the file; else the break is out of date. */
  readonly find: string;
  readonly replace: string;
}

/** A defect that the suite has to catch. */
export interface Break {
  readonly name: string;
  readonly edits: readonly Edit[];
  /** The tests that are run against it, whole files. */
  readonly tests: readonly string[];
}

/** What this provider must never do, each done on purpose. */
export const breaks: readonly Break[] = [
  {
    name: "retry a creating call",
    edits: [
      {
        file: "provider/core/retry.ts",
        find: `return effect === "log-in" && failure === "server-error";`,
        replace: `return effect === "once" || (effect === "log-in" && failure === "server-error");`,
      },
    ],
    tests: ["test/unit/retry.test.ts"],
  },
  {
    name: "take 401 for gone",
    edits: [
      {
        file: "provider/core/lifecycle.ts",
        find: "const live = await this.#handler.read(client, id, last);",
        replace: `const live = await this.#handler.read(client, id, last).catch((error: unknown) => {
        if (error instanceof Error && error.name === "Unauthorized") return undefined;
        throw error;
      });`,
      },
    ],
    tests: ["test/contract/absence.test.ts"],
  },
  {
    name: "take an empty list for gone",
    edits: [
      {
        file: "provider/cloudstack/shared-list.ts",
        find: `    const found = (await ask()).find((element) => element.id === id);
    if (found) return found;`,
        replace: `    const asked = await ask();
    const found = asked.find((element) => element.id === id);
    if (found || asked.length === 0) return found;`,
      },
    ],
    tests: ["test/unit/cloudstack-absence.test.ts"],
  },
  {
    name: "forget __provider in a partial failure",
    edits: [
      {
        file: "provider/core/lifecycle.ts",
        find: "{ ...this.#outputs(kept, news, client), [providerKey]: news[providerKey] },",
        replace: "{ ...this.#outputs(kept, news, client) },",
      },
    ],
    tests: ["test/contract/group.test.ts"],
  },
  {
    name: "return changes: true",
    edits: [
      {
        file: "provider/core/lifecycle.ts",
        find: "return { replaces: changed.filter((key) => this.#handler.replaces.includes(key)) };",
        replace: "return { changes: true, replaces: changed.filter((key) => this.#handler.replaces.includes(key)) };",
      },
    ],
    tests: ["test/contract/diff.test.ts"],
  },
  {
    name: "log a URL with its query",
    edits: [
      {
        file: "provider/core/transport.ts",
        find: "debugRequest(request.method, this.#pathOf(request), status,",
        replace: "debugRequest(request.method, this.#pathOf(request).concat('?', request.query), status,",
      },
    ],
    tests: ["test/contract/secrets.test.ts"],
  },
  {
    name: "drop the secret mark of an output",
    edits: [
      {
        file: "provider/cloudian/user.handler.ts",
        find: `secrets: ["password", "secretAccessKey"],`,
        replace: `secrets: ["password"],`,
      },
    ],
    tests: ["test/contract/user.test.ts"],
  },
  {
    name: "write unmanaged fields",
    edits: [
      {
        file: "provider/cloudian/group.handler.ts",
        find: `if (declared.active !== undefined) fields["active"] = String(declared.active);`,
        replace: `fields["active"] = String(declared.active ?? true);`,
      },
    ],
    tests: ["test/contract/group.test.ts"],
  },
  {
    name: "delete an ECS key without naming it",
    edits: [
      {
        file: "provider/ecs/users.ts",
        find: "  refusal(what: string, answer: EcsAnswer): UnexpectedAnswer {",
        replace: `  async deleteKeys(user: UserKey): Promise<EcsAnswer> {
    const path = \`/object/user-secret-keys/\${segment(user.userName)}/deactivate\`;
    const json = { namespace: user.namespace };
    return await this.#api.ask({ what: "make room for a key", method: "POST", path, json, effect: "repeatable" });
  }

  refusal(what: string, answer: EcsAnswer): UnexpectedAnswer {`,
      },
      {
        file: "provider/ecs/keys.ts",
        find: `  requirePlace(user, keys);
  const expiring`,
        replace: `  if (keys.length === places) await client.users.deleteKeys(user);
  const expiring`,
      },
    ],
    tests: ["test/contract/ecs-keys.test.ts"],
  },
  {
    name: "skip the look before deleting a group",
    edits: [
      {
        file: "provider/cloudian/group.handler.ts",
        find: '  if ((await emptyGroup(client, id, last.forceDestroy === true)) === "gone") return;',
        replace: '  if (last.forceDestroy === true && (await emptyGroup(client, id, true)) === "gone") return;',
      },
    ],
    tests: ["test/contract/group.test.ts"],
  },
  {
    name: "hash a secret into a name",
    edits: [
      {
        file: "provider/cloudstack/store-details.ts",
        find: `detailKeys.filter((key) => key !== "secretAccessKey" && !hidden.includes(key));`,
        replace: `detailKeys.filter((key) => key === "secretAccessKey" || !hidden.includes(key));`,
      },
    ],
    tests: ["test/contract/cloudstack-store.test.ts"],
  },
  {
    name: "make a new key on repair",
    edits: [
      {
        file: "provider/ecs/keys.ts",
        find: "await push(client, user, secret, before, undefined, () => forget(done));",
        replace: "await push(client, user, newSecret(), before, undefined, () => forget(done));",
      },
    ],
    tests: ["test/contract/ecs-keys.test.ts"],
  },
];
