/** A change of the code that no test can or need notice. */
export interface Explained {
  file: string;
  /** The line that is changed, without its indentation. */
  line: string;
  /** What a part of it becomes; without this, whatever it becomes. */
  becomes?: string;
  why: string;
}

export const explained: readonly Explained[] = [
  {
    file: "provider/core/takeover.ts",
    line: "const { known = {}, unmanaged = [], recorded = {} } = options;",
    becomes: '["Stryker was here"]',
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/core/takeover.ts",
    line: "return handler.args.shape[key]?.safeParse(members).success === true ? members : value;",
    becomes: "handler.args.shape[key].safeParse",
    why: "The key is one of the shape's own; only the compiler does not know it.",
  },
  {
    file: "provider/core/probe.ts",
    line: 'socket.once("close", () => resolve(""));',
    becomes: '"Stryker was here!"',
    why: "Any text that does not begin as HTTP means the same.",
  },
  {
    file: "provider/core/probe.ts",
    line: 'signal.addEventListener("abort", out, { once: true });',
    becomes: "{}",
    why: "A signal is aborted only once.",
  },
  {
    file: "provider/core/probe.ts",
    line: 'signal.addEventListener("abort", out, { once: true });',
    becomes: "false",
    why: "A signal is aborted only once.",
  },
  {
    file: "provider/core/probe-tls.ts",
    line: "...(ca === undefined ? {} : { ca }),",
    becomes: "false",
    why: "Node.js takes an option that is undefined as none.",
  },
  {
    file: "provider/core/probe-tls.ts",
    line: "if (error === null || error === undefined) return undefined;",
    becomes: "false",
    why: "Node.js says null where nothing is wrong; undefined is what its documentation would allow.",
  },
  {
    file: "provider/core/probe-tls.ts",
    line: 'return error instanceof Error && "code" in error ? String(error.code) : String(error);',
    why: "Node.js says a text; an error is what its types promise.",
  },
  {
    file: "provider/core/probe-tls.ts",
    line: 'namesIssuerUrl: /CA Issuers/.test(certificate.infoAccess ?? ""),',
    becomes: '"Stryker was here!"',
    why: "Any text without these words means the same.",
  },
  {
    file: "provider/core/probe-tls.ts",
    line: 'return /^CN=(.+)$/m.exec(distinguishedName)?.[1] ?? distinguishedName.replace(/\\n/g, ", ");',
    becomes: "/^CN=(.+)/m",
    why: "A point matches up to the end of its line anyway.",
  },
  {
    file: "provider/core/watchdog.ts",
    line: 'const target = /^\\[?([^\\]]+)\\]?:(\\d+)$/.exec(address ?? "");',
    becomes: String.raw`/\[?([^\]]+)\]?:(\d+)$/`,
    why: "What is not matched from its beginning on begins with a bracket that is closed before it is opened.",
  },
  {
    file: "provider/core/watchdog.ts",
    line: 'const target = /^\\[?([^\\]]+)\\]?:(\\d+)$/.exec(address ?? "");',
    becomes: '"Stryker was here!"',
    why: "A text without a port is no address either.",
  },
  {
    file: "provider/core/transport.ts",
    line: 'const date = Date.parse(header(response.headers["date"]) ?? "");',
    becomes: '"Stryker was here!"',
    why: "Any text that is no date means the same.",
  },
  {
    file: "provider/core/transport.ts",
    line: "...(request.body === undefined ? {} : { body: request.body }),",
    becomes: "false",
    why: "undici takes a body that is undefined as none.",
  },
  {
    file: "provider/core/transport.ts",
    line: "body.destroy();",
    why: "Leaving the loop over a stream destroys it as well.",
  },
  {
    file: "provider/core/transport.ts",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a line of the code as it stands there
    line: 'const text = `${tried}${this.endpoint} cannot be reached (${code ?? "no connection"})${made}. Check ${endpointNamed(this.#prefix)} and the network.${proxyNote(this.endpoint)}`;',
    becomes: '""',
    why: "What has never been sent is known by its code; only the compiler does not know it.",
  },
  {
    file: "provider/core/names.ts",
    line: String.raw`return host === "localhost" || host === "[::1]" || /^127(\.\d+){3}$/.test(host);`,
    becomes: String.raw`/127(\.\d+){3}$/`,
    why: "A host name that ends in such numbers is an address, or none at all.",
  },
  {
    file: "provider/core/canonical.ts",
    line: "const result = rest.safeParse({ ...known, ...Object.fromEntries(misspelled.map((key) => [key, true])) });",
    becomes: "false",
    why: "Only the key counts; it is one that the schema does not have.",
  },
  {
    file: "provider/core/proxy.ts",
    line: String.raw`return (variable("no_proxy") ?? "").split(/[,\s]+/).some((entry) => {`,
    becomes: '"Stryker was here!"',
    why: "These words are no names of hosts.",
  },
  {
    file: "provider/core/proxy.ts",
    line: String.raw`return (variable("no_proxy") ?? "").split(/[,\s]+/).some((entry) => {`,
    becomes: String.raw`/[,\s]/`,
    why: "An entry without letters exempts nobody.",
  },
  {
    file: "provider/core/proxy.ts",
    line: String.raw`return host.replace(/^\[(.+)\]$/, "$1");`,
    why: "A host has brackets at both of its ends, or none.",
  },
  {
    file: "provider/core/redact.ts",
    line: "let text = redact(redact(page.slice(0, longestPage)).replace(references, character));",
    becomes: "page",
    why: "It saves time, and what is cut off is shown nowhere.",
  },
  {
    file: "provider/core/redact.ts",
    line: "if (plain === text) continue;",
    becomes: "false",
    why: "It saves time: what was redacted is not changed by being redacted again.",
  },
  {
    file: "provider/s3/bucket.handler.ts",
    line: "const headers = storagePolicy === undefined ? {} : { [storagePolicyHeader]: storagePolicy };",
    becomes: "false",
    why: "A header that is undefined is neither signed nor sent.",
  },
  {
    file: "provider/s3/bucket.handler.ts",
    line: "const state = storagePolicy === undefined ? live.state : { ...live.state, storagePolicy };",
    becomes: "false",
    why: "A property that is undefined is as good as none.",
  },
  {
    file: "provider/core/redact.ts",
    line: "remembered.add(value);",
    becomes: ";",
    why: "It saves time: what is remembered twice is hidden as before.",
  },
  {
    file: "provider/core/redact.ts",
    line: '.replace(/=+$/, "");',
    becomes: "/=+/",
    why: "Base64 has this character only at its end.",
  },
  {
    file: "provider/core/settings.ts",
    line: "return variable !== undefined || this.#text(name, []) !== undefined;",
    becomes: '["Stryker was here"]',
    why: "What is wrong with the setting is not asked here.",
  },
  {
    file: "provider/core/settings.ts",
    line: 'return this.#once("ECS namespace", (reading) => reading.optional("namespace", "ecsNamespace", z.string()))',
    becomes: '""',
    why: "Nothing can be wrong with any text, so that no message names these settings.",
  },
  {
    file: "provider/core/secrecy.ts",
    line: "named.some((each) => inputs?.includes(each)) ? [output] : [],",
    becomes: "inputs.includes",
    why: "What a kind lists has inputs; only the compiler does not know it.",
  },
  {
    file: "provider/core/secrecy.ts",
    line: "for (const text of this.#handler.secretTexts?.(values) ?? [])",
    becomes: '["Stryker was here"]',
    why: "These words are in no message.",
  },
  {
    file: "provider/core/networks.ts",
    line: 'const [base = "", bits] = network.split("/");',
    becomes: '"Stryker was here!"',
    why: "Whatever is split has a first part; only the compiler does not know it.",
  },
  {
    file: "provider/core/proxy.ts",
    line: "return proxy === undefined ? undefined : (URL.parse(proxy) ?? undefined);",
    becomes: "false",
    why: "What is undefined is no address either, which the compiler does not allow to be asked.",
  },
  {
    file: "provider/core/proxy.ts",
    line: String.raw`const [, name = entry, only] = /^(\[.+\]|[^:]+):(\d+)$/.exec(entry) ?? [];`,
    becomes: '["Stryker was here"]',
    why: "The whole of a match is not looked at.",
  },
  {
    file: "provider/core/canonical.ts",
    line: 'if (issue.code === "invalid_key") return issue.issues[0]?.message ?? issue.message;',
    becomes: "issue.issues[0].message",
    why: "A key is refused for a reason; only the compiler does not know it.",
  },
  {
    file: "provider/core/adoption.ts",
    line: "const uncomparable = [...handler.writeOnly, ...(live.unseen ?? [])].filter(",
    becomes: '["Stryker was here"]',
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/core/adoption.ts",
    line: "const left = [...handler.local, ...handler.writeOnly, ...(live.unseen ?? [])];",
    becomes: '["Stryker was here"]',
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/core/basic.ts",
    line: "this.#proven ||= status !== undefined && status < 500;",
    becomes: "true",
    why: "What is undefined is not below 500 either; only the compiler wants it asked.",
  },
  {
    file: "provider/cloudian/group.handler.ts",
    line: "fixed: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/cloudian/group.handler.ts",
    line: "writeOnly: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/cloudian/group.handler.ts",
    line: "secrets: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/cloudian/group.handler.ts",
    line: 'const everyMember: NonNullable<Args["s3Endpoints"]> = { http: [], https: [], website: [] };',
    becomes: '["Stryker was here"]',
    why: "Only which members there are counts.",
  },
  {
    file: "provider/cloudian/user.handler.ts",
    line: 'const wholeAddress = { line1: "", line2: "", city: "", state: "", zip: "", country: "" };',
    becomes: '"Stryker was here!"',
    why: "Only which members there are counts.",
  },
  {
    file: "provider/cloudian/user.handler.ts",
    line: "return { state, ...(ageMs === undefined ? {} : { ageMs }) };",
    becomes: "false",
    why: "An age that is undefined is taken as none.",
  },
  {
    file: "provider/ecs/bucket.handler.ts",
    line: 'const rule = result.error.issues[0]?.message ?? "is no DNS name";',
    becomes: '""',
    why: "A parse that fails has at least one issue; only the compiler does not know it.",
  },
  {
    file: "provider/ecs/bucket.handler.ts",
    line: 'const rule = result.error.issues[0]?.message ?? "is no DNS name";',
    becomes: "result.error.issues[0].message",
    why: "A parse that fails has at least one issue; only the compiler does not know it.",
  },
  {
    file: "provider/ecs/bucket.handler.ts",
    line: "writeOnly: [],",
    why: "The kind has no property of the name that would be put in.",
  },
  {
    file: "provider/ecs/bucket.handler.ts",
    line: "secrets: [],",
    why: "The kind has no property of the name that would be put in.",
  },
  {
    file: "provider/ecs/object-user.handler.ts",
    line: "fixed: [],",
    why: "The kind has no property of the name that would be put in.",
  },
  {
    file: "provider/ecs/object-user.handler.ts",
    line: "writeOnly: [],",
    why: "The kind has no property of the name that would be put in.",
  },
  {
    file: "provider/ecs/bucket.handler.ts",
    line: 'sameUntilAsked: (property, before, after) => property === "replicationGroup" && isUrn(before) !== isUrn(after),',
    becomes: "true",
    why: "The other fixed input is a flag, which is no URN.",
  },
  {
    file: "provider/core/http.ts",
    line: String.raw`const isHtml = /^text\/html\b/i.test(header(headers["content-type"]) ?? "");`,
    becomes: '"Stryker was here!"',
    why: "Any text that is not this media type means the same.",
  },
  {
    file: "provider/core/tls.ts",
    line: "if (code === undefined) return undefined;",
    becomes: "false",
    why: "None of the codes is in the word undefined either; only the compiler wants it asked.",
  },
  {
    file: "provider/cloudstack/object-storage-pool.handler.ts",
    line: "replaces: [],",
    becomes: '["Stryker was here"]',
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/cloudstack/object-storage-pool.handler.ts",
    line: String.raw`providerName === hyperStoreProvider && !hasPort ? url.trim().replace(/^(https?:\/\/[^/]+)/i, "$1:19443") : url;`,
    becomes: String.raw`/(https?:\/\/[^/]+)/i`,
    why: "An address that does not begin so is none, whatever stands further on in it.",
  },
  {
    file: "provider/cloudstack/secondary-storage.handler.ts",
    line: "fixed: [],",
    becomes: '["Stryker was here"]',
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/cloudstack/secondary-storage.handler.ts",
    line: "return { ...to, protocol, url, ...(awaited === undefined ? {} : { __awaitedTemplates: awaited }) };",
    becomes: "false",
    why: "A property that is undefined is as good as none.",
  },
  {
    file: "provider/cloudstack/secondary-storage.handler.ts",
    line: "return { ...(protocol === undefined ? {} : { protocol }), ...(url === undefined ? {} : { url }) };",
    becomes: "false",
    why: "A property that is undefined is as good as none.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "fixed: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "local: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "writeOnly: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "secrets: [],",
    why: "No kind has a property of this name.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "creationDefaults: () => ({}),",
    why: "What is undefined adds as little.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: 'connect: () => ({ endpoint: "", aliases: [], settingPrefix: "" }),',
    why: "Nothing is asked of anybody there, under whatever other names.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "find: () => Promise.resolve(undefined),",
    why: "What is awaited may as well be no promise.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "update: (_client, _id, _from, to) => Promise.resolve(to),",
    why: "What an update does not tell is as it is declared.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "delete: () => Promise.resolve(),",
    why: "What is awaited may as well be no promise.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "...(rosterName === undefined ? {} : { rosterName }),",
    becomes: "false",
    why: "A property that is undefined is as good as none.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "...(members === undefined ? {} : { members }),",
    becomes: "false",
    why: "A property that is undefined is as good as none.",
  },
  {
    file: "provider/components/roster.handler.ts",
    line: "...(maxRemovals === undefined ? {} : { maxRemovals }),",
    becomes: "false",
    why: "A property that is undefined is as good as none.",
  },
];
