import { z } from "zod";

/** A text that an XML document can carry: S3 takes tags and CORS rules as one. */
export const xmlText = z
  .string()
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that XML 1.0 leaves out
  .regex(/^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]*$/, "must not hold characters that XML cannot carry");
