import { BlockList, isIP } from "node:net";

/** Networks that no router of the Internet knows, this machine's own included. */
const privateNetworks = [
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "100.64.0.0/10",
  "169.254.0.0/16",
  "127.0.0.0/8",
  "fc00::/7",
  "fe80::/10",
  "::1",
];

export function isPrivateAddress(address: string): boolean {
  return isWithin(address, privateNetworks);
}

/** Whether an address lies in one of the networks, each an address or a CIDR; what is neither holds nothing. */
export function isWithin(address: string, networks: readonly string[]): boolean {
  const list = new BlockList();
  for (const network of networks) add(list, network);
  return list.check(address, familyOf(address));
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

function add(list: BlockList, network: string): void {
  const [base = "", bits] = network.split("/");
  if (isIP(base) === 0) return;
  const family = familyOf(base);
  const longest = family === "ipv6" ? 128 : 32;
  if (bits === undefined) list.addAddress(base, family);
  else if (/^\d{1,3}$/.test(bits) && Number(bits) <= longest) list.addSubnet(base, Number(bits), family);
}
