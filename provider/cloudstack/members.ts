/** The members of a comma list, in their order; CloudStack's own lists hold no blanks, but people may have written some. */
export function membersIn(value: string): string[] {
  const members = value.split(",").map((member) => member.trim());
  return [...new Set(members.filter((member) => member !== ""))];
}

export function joined(members: readonly string[]): string {
  return members.join(",");
}

export function withoutMembers(members: readonly string[], unwanted: readonly string[]): string[] {
  return members.filter((member) => !unwanted.includes(member));
}
