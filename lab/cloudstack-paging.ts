import { type Call, optionalWhole } from "./cloudstack-call.ts";
import { invalid } from "./cloudstack-error.ts";

/** The page of a list that a call asks for; without paging parameters it is cut silently. */
export function pageOf(call: Call, items: readonly object[]): readonly object[] {
  const most = call.store.options.defaultPageSize;
  const page = optionalWhole(call, "page");
  const size = optionalWhole(call, "pagesize");
  if (page === undefined && size === -1) return items;
  if (page === undefined && size === undefined) return items.slice(0, most);
  if (page === undefined || size === undefined) throw invalid('"page" and "pagesize" have to be specified together');
  if (size > most) throw invalid(`Page size can not exceed max allowed page size: ${most}`);
  if (size < 1 || page < 1) throw invalid(`Invalid page ${page} or pagesize ${size}`);
  return items.slice((page - 1) * size, page * size);
}
