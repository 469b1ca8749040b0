/** A text that gives a secret away wherever it stands, and how it spells the secret. */
export interface Needle {
  readonly encoding: string;
  readonly text: string;
}

/** Fewer octets leave too little of base64 to tell a find from chance. */
const shortest = 6;

/**
 * How a secret may be spelled where no decoding brings it back: as it is, and in base64 and hexadecimal, the latter two
 * also of its percent-encoded and JSON-escaped forms.
 */
export function needlesOf(value: string): Needle[] {
  const size = Buffer.byteLength(value);
  if (size < shortest) throw new Error(`A canary of ${size} octets is too short to be found for certain.`);
  const inJson = JSON.stringify(value).slice(1, -1);
  // The last name of a text wins: a value without special characters is itself in every spelling.
  const spellings = new Map([
    [encodeURIComponent(value), "URL"],
    [new URLSearchParams({ x: value }).toString().slice(2), "form"],
    [value.replaceAll(" ", "+"), "form but for its spaces"],
    [inJson, "JSON"],
    [inJson.replace(/[<>&]/g, unicodeEscape), "JSON of Go"],
    [value, "raw"],
  ]);
  return [...spellings].flatMap(([text, name]) => [{ encoding: name, text }, ...octetsOf(text, name)]);
}

function octetsOf(text: string, name: string): Needle[] {
  const octets = Buffer.from(text);
  const hex = octets.toString("hex");
  return [
    ...base64Of(octets).map((text) => ({ encoding: `base64 of ${name}`, text })),
    ...[hex, hex.toUpperCase()].map((text) => ({ encoding: `hex of ${name}`, text })),
    { encoding: `hex dump of ${name}`, text: hex.replace(/..(?!$)/g, "$& ") },
    { encoding: `octet list of ${name}`, text: [...octets].join(",") },
  ];
}

/**
 * What base64 shows of octets wherever they stand in a longer text: those characters that depend on nothing before or
 * after them, in each of the three alignments and both alphabets.
 */
function base64Of(octets: Buffer): string[] {
  const standard = [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), octets])
      .toString("base64")
      .replace(/=+$/, "");
    const isWhole = (offset + octets.length) % 3 === 0;
    return encoded.slice(Math.ceil((offset * 4) / 3), isWhole ? undefined : -1);
  });
  const inUrls = standard.map((text) => text.replaceAll("+", "-").replaceAll("/", "_"));
  return [...new Set([...standard, ...inUrls])];
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

type Decoding = readonly [name: string, decode: (text: string) => string];

/** What hides a secret from a plain search and may be laid over any of its spellings, in any mixture. */
const decodings: readonly Decoding[] = [
  [
    "URL",
    (text) => text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => Buffer.from(run.replaceAll("%", ""), "hex").toString()),
  ],
  ["JSON", (text) => text.replace(/\\(?:u([0-9a-f]{4})|x([0-9a-f]{2})|(.))/gi, unescaped)],
  ["XML", (text) => text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(amp|lt|gt|quot|apos));/gi, referred)],
];

/** A URL within a URL, or a URL within a text of JSON; the needles are spelled in one more way. */
const deepest = 2;

/** A text as it is, and every other one that decoding makes of it, by the decodings in their order. */
export function layersOf(text: string): Map<string, string> {
  const layers = new Map([[text, ""]]);
  let fresh = [...layers];
  for (let depth = 0; depth < deepest && fresh.length > 0; depth += 1) {
    const decoded = fresh.flatMap(([outer, path]) =>
      decodings.map(([name, decode]): [string, string] => [decode(outer), path === "" ? name : `${path} in ${name}`]),
    );
    // By hand, because a text that has been seen keeps its shortest path.
    fresh = decoded.filter(
      ([inner], index) => !layers.has(inner) && decoded.findIndex(([one]) => one === inner) === index,
    );
    for (const [inner, path] of fresh) layers.set(inner, path);
  }
  return layers;
}

const escapes: Readonly<Record<string, string>> = { b: "\b", f: "\f", n: "\n", r: "\r", t: "\t" };

function unescaped(_escape: string, unicode: string | undefined, octet: string | undefined, plain: string): string {
  const code = unicode ?? octet;
  return code === undefined ? (escapes[plain] ?? plain) : String.fromCharCode(Number.parseInt(code, 16));
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

function referred(reference: string, hex: string | undefined, decimal: string | undefined, name = ""): string {
  if (hex === undefined && decimal === undefined) return named[name.toLowerCase()] ?? reference;
  const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
  return code <= 0x10ffff ? String.fromCodePoint(code) : reference;
}
