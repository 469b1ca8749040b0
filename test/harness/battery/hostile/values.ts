import fc from "fast-check";

/** What ends a text, a line, a header, an element, a parameter or a path in one language or another. */
const pieces = [
  "\r\nX-Injected: yes\r\n\r\n",
  "\nGET /injected HTTP/1.1",
  "&injected=yes",
  "?injected=yes#x",
  "%26injected%3Dyes",
  "%0d%0aX-Injected:%20yes",
  "</Value></Tag><Tag><Key>injected</Key><Value>",
  "]]><Injected/>",
  "&injected;",
  '<!DOCTYPE a [<!ENTITY injected "yes">]>',
  '","injected":"yes',
  "'; injected --",
  "/../../injected",
  "..%2f..%2finjected",
  "//injected.example.test/",
  "\\",
  "\u0000",
  "\u0085",
  "\u2028",
  "\ufeff",
  "\u202einjected",
  "e\u0301\u0323",
  "\ud800",
  "x\udfff",
  "\ud83d\ude00",
  "\u{10ffff}",
  "\uffff",
  "+ ;=@:%",
  `/?#%&=+;"'<>`,
  "__proto__",
  "constructor",
  "toString",
  "hasOwnProperty",
  "undefined",
  "NaN",
  "null",
  "[object Object]",
  "",
  " ",
];

const long = fc.constantFrom("x", "<", "&", "é", "😀").map((unit) => unit.repeat((1024 * 1024) / unit.length));

const nasty = fc.constantFrom(...pieces);

/** Texts that some layer on the way could take for its own. */
export const hostileText = fc.oneof(
  { weight: 6, arbitrary: nasty },
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.constantFrom("a", "blue-1", ""), nasty, fc.constantFrom("", "z"))
      .map((parts) => parts.join("")),
  },
  { weight: 3, arbitrary: fc.string({ unit: "binary", maxLength: 20 }) },
  { weight: 2, arbitrary: fc.string({ unit: "grapheme", maxLength: 20 }) },
  {
    weight: 1,
    arbitrary: fc.string({ unit: fc.constantFrom(..."/?#%&=+;\"'<>\r\n\0 :@,."), minLength: 1, maxLength: 20 }),
  },
);

const numbers = fc.constantFrom(
  Number.NaN,
  Number.POSITIVE_INFINITY,
  Number.NEGATIVE_INFINITY,
  1e308,
  -0,
  2 ** 53,
  2 ** 53 + 2,
  2 ** 31,
  -1,
  0.5,
  5e-324,
  1e21,
);

/** Objects whose members would reach into what all objects share. */
const polluting = fc
  .constantFrom(
    '{"__proto__":{"polluted":"yes"}}',
    '{"constructor":{"prototype":{"polluted":"yes"}}}',
    '{"a":{"__proto__":{"polluted":"yes"}}}',
    '[{"__proto__":{"polluted":"yes"}}]',
    '{"toString":"yes","valueOf":"yes","hasOwnProperty":"yes"}',
  )
  .map((text) => JSON.parse(text) as unknown);

export const hostileValue = fc.oneof(
  { weight: 60, arbitrary: hostileText },
  { weight: 12, arbitrary: numbers },
  { weight: 8, arbitrary: polluting },
  { weight: 4, arbitrary: fc.constantFrom<unknown>([], {}, [[]], [null], true, false, null) },
  // A few are enough: each costs as much as a hundred others.
  { weight: 1, arbitrary: long },
);

export interface Mutated {
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The input at whose place, or inside of which, something was changed. */
  readonly property: string;
  /** What was put there; a key where it was a member's name. */
  readonly value: unknown;
  readonly isName: boolean;
}

/** A declaration as a program may write it, with one thing in it that no program should. */
export function mutated(written: fc.Arbitrary<Record<string, unknown>>): fc.Arbitrary<Mutated> {
  return fc.tuple(written, fc.nat(10_000), hostileValue, fc.boolean()).map(([inputs, pick, value, isName]) => {
    const places = placesIn(inputs);
    const place = places[pick % places.length] as readonly (string | number)[];
    const [property = ""] = place;
    const parent = at(inputs, place.slice(0, -1));
    const rename = isName && typeof value === "string" && place.length > 1 && !Array.isArray(parent);
    const changed = rename ? renamed(inputs, place, value) : replaced(inputs, place, value);
    return { inputs: changed as Record<string, unknown>, property: String(property), value, isName: rename };
  });
}

function placesIn(value: unknown, path: readonly (string | number)[] = []): (readonly (string | number)[])[] {
  if (typeof value !== "object" || value === null) return [path];
  const inside = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  const own = path.length === 0 ? [] : [path];
  return [...own, ...inside.flatMap(([key, member]) => placesIn(member, [...path, key]))];
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((inner, key) => (inner as Record<string | number, unknown>)[key], value);
}

function replaced(value: unknown, [key, ...rest]: readonly (string | number)[], by: unknown): unknown {
  if (key === undefined) return by;
  if (Array.isArray(value)) return value.map((member, index) => (index === key ? replaced(member, rest, by) : member));
  return fromEntries(
    Object.entries(value as object).map(([each, member]) => [each, each === key ? replaced(member, rest, by) : member]),
  );
}

function renamed(value: unknown, path: readonly (string | number)[], name: string): unknown {
  const parent = path.slice(0, -1);
  const entries = Object.entries(at(value, parent) as object);
  return replaced(
    value,
    parent,
    fromEntries(entries.map(([key, member]) => [key === path.at(-1) ? name : key, member])),
  );
}

/** A member called `__proto__` is one like any other, as in JSON. */
function fromEntries(entries: (readonly [string, unknown])[]): object {
  const object = {};
  for (const [key, value] of entries)
    Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
  return object;
}
