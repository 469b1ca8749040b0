import { z } from "zod";

/** Wild cards of the limit calls and the system administrators' group: an object of such a name could not be addressed. */
const reserved = new Set(["0", "ALL", "*"]);

/** Ids travel in queries; a longer one could be written in a body and then never be read or deleted. */
const longest = 256;

/** An id of a group or user. */
export const identifier = z
  .string()
  .max(longest, `must not be longer than ${longest} characters`)
  .refine((text) => text.trim() !== "", "must not be blank")
  .refine((text) => !reserved.has(text.trim()), 'must not be "0", "ALL" or "*", which HyperStore keeps for itself')
  .refine((text) => !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text), "must not contain control or invisible characters");
