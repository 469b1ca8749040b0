import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** The provider is in the process of the tests, so that its package need not be anywhere. */
export function makeProjectWithPackage(): string {
  return mkdtempSync(join(tmpdir(), "cloudstack-storage-project-"));
}
