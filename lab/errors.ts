/** A request to the control API, or a start of the lab, that cannot be carried out. The text says what to do. */
export class LabError extends Error {
  override readonly name = "LabError";
  readonly status: number;

  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
