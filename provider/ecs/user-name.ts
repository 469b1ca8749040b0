import { z } from "zod";

const segments = new Set(["deactivate", "exist", "info", "lock", "query"]);

/**
 * Reference: ECS management API, 3.1. A name that ends in .json would be read as a format behind the user's name, and
 * one with a domain is stored in lower case: then the array would show another name than the one that was declared.
 */
export const userName = z
  .string()
  .min(1, "must not be empty")
  .max(255, "must have at most 255 characters")
  .regex(
    /^[a-zA-Z0-9!#$&'()*+,\-./:;=?@_~]*$/,
    "may hold letters, digits and ! # $ & ' ( ) * + , - . / : ; = ? @ _ ~ only",
  )
  .refine((name) => name !== "." && name !== ".." && !/\.json$/i.test(name), 'must not be ".", ".." or end in ".json"')
  .refine(
    (name) => !segments.has(name),
    "must not be deactivate, exist, info, lock or query, which are words of the API's paths",
  )
  .refine(
    (name) => !(name.includes("@") && /[A-Z]/.test(name)),
    "must be lower case where it holds @: ECS stores names with a domain in lower case",
  );
