import { detailsToSend, urlOf } from "../../cloudstack/store-details.ts";
import { colored, table, visible } from "../terminal.ts";
import type { Plan } from "./preflight.ts";

/** What is there and what would happen, for people; then what stands in the way. */
export function planText(plan: Plan): string {
  const { cloud, release, nfs, staging, zones, obstacles, cautions } = plan;
  const zoneName = (id: string) => zones.find((zone) => zone.id === id)?.name ?? id;
  const becoming = nfs.map(({ name, zoneName: zone = "all", url = "" }) => [name, zone, url]);
  const staying = staging.map(({ url, zoneId }) => [url, zoneName(zoneId), url]);
  return [
    `${cloud.endpoint} (CloudStack ${visible(release)})\n\n`,
    section("Secondary storage that becomes a staging store, for ever", becoming),
    staying.length === 0 ? "" : section("Staging stores that stay", staying),
    `${colored("bold", "Object storage that is added, for all zones")}\n${storeLines(plan)}\n`,
    `${colored("bold", "What this means")}\n${bullets(consequences)}\n`,
    cautions.length === 0 ? "" : `${colored("yellow", "Read this first")}\n${bullets(cautions)}\n`,
    obstacles.length === 0
      ? ""
      : `${colored("red", "It cannot be done")}\n${bullets(obstacles)}\nNothing was changed.\n`,
  ].join("");
}

const consequences = [
  "No call turns a staging store into secondary storage again. The details of the new store can never be changed.",
  "What lies on NFS stays there, and is copied to the bucket when it is needed. Keep the NFS servers running.",
  "The next snapshot of every volume is a full one.",
  "The keys have been seen to read the bucket. Whether they may write into it is not tried: try it with another client first.",
  "The templates for system VMs are downloaded into the bucket at once, public ones when a secondary storage VM connects again.",
];

function section(title: string, rows: readonly (readonly string[])[]): string {
  const lines =
    rows.length === 0
      ? "none\n"
      : table(
          ["store", "zone", "url"],
          rows.map((row) => row.map(visible)),
        );
  return `${colored("bold", title)}\n${indented(lines)}\n`;
}

/** In CloudStack's own words, so that nothing of what is sent is hidden but the key. */
function storeLines({ store }: Plan): string {
  const { secretkey: _secret, ...shown } = detailsToSend(store.details);
  const rows = Object.entries({ name: store.name, url: urlOf(store.details), ...shown, secretkey: "[secret]" });
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `  ${name.padEnd(width)}  ${visible(value)}\n`).join("");
}

function bullets(sentences: readonly string[]): string {
  return sentences.map((sentence) => `  - ${visible(sentence)}\n`).join("");
}

function indented(lines: string): string {
  return lines.replace(/^(?=.)/gm, "  ");
}
