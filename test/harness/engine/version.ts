/** The oldest CLI whose exit codes tell drift (7) from failure. */
export const MINIMUM_CLI = "3.227.0";

/** `v3.259.0`, `3.260.0-alpha.1`, … as `3.259.0`; undefined when the text holds no version. */
export function parseVersion(text: string): string | undefined {
  return /^v?(\d+\.\d+\.\d+)/m.exec(text)?.[1];
}

export function isUsable(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [wantedMajor = 0, wantedMinor = 0] = MINIMUM_CLI.split(".").map(Number);
  return major === wantedMajor && minor >= wantedMinor;
}
