import { z } from "zod";
import { xmlText } from "./xml-text.ts";

const key = xmlText
  .min(1, "must not be empty")
  .max(128, "must have at most 128 characters")
  .refine((text) => !/^aws:/i.test(text), "must not begin with aws:, which S3 keeps for itself");

/** Labels of a bucket or user; `{}` is none. */
export const tagsSchema = z.record(key, xmlText.max(256, "must have at most 256 characters"));
