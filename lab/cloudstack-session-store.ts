/** Log-ins to CloudStack's own user interface. */
export interface SessionStore {
  /** By the value of the session cookie. */
  sessions: Map<string, { readonly userId: string; readonly sessionKey: string }>;
}

export function newSessions(): SessionStore {
  return { sessions: new Map() };
}
