/** What a program has put out of an ECS tenant: all that a client is given. */
export interface Tenant {
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Versioned, with rules for a browser. */
  readonly bucket: string;
  /** The page that the rules of the bucket let in. */
  readonly origin: string;
}

/** The status of a plain request, as of anybody who was sent a link, and the text that came. */
export async function visit(url: string, init: RequestInit = {}): Promise<string> {
  const response = await fetch(url, init);
  const text = await response.text();
  return response.ok ? `${response.status} ${text}`.trim() : `${response.status}`;
}
