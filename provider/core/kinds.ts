/** The kinds that exist. A name is part of every state file that holds one: it is never renamed. */
export type KindName = "CloudianGroup" | "CloudianUser";
