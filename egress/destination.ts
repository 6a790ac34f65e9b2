import { networkInterfaces } from 'node:os';
import ipaddr from 'ipaddr.js';
import { ConfigurationError } from '#core/errors';

/** What `outbound.allow` names, ready to be asked. */
export interface AllowList {
  /** True when the host, by name or address, is named, with this port or without any. */
  allows(destination: Destination): boolean;
  /** True when the host is named together with this port: what opens the product's own ports. */
  allowsPort(destination: Destination): boolean;
}

/** One address that a host name stands for. */
export interface Destination {
  /** Host of the URL, lower-case, without brackets and trailing dot. */
  readonly host: string;
  /** Address that would be connected to. */
  readonly address: string;
  readonly port: number;
}

interface HostEntry {
  readonly host: string;
  readonly port: number | undefined;
}

/** Addresses of clouds that hand out credentials and are not link-local. */
const METADATA = [
  '100.100.100.200',
  '168.63.129.16',
  '192.0.0.192',
  'fd00:ec2::254',
  'fd20:ce::254',
  'fd00:c1::a9fe:a9fe',
];

const REFUSED_RANGES: Readonly<Record<string, string>> = {
  loopback: 'a loopback address',
  linkLocal: 'a link-local address',
  unspecified: 'an unspecified address',
  multicast: 'a multicast address',
  broadcast: 'a broadcast address',
};

/**
 * Reads the list of `outbound.allow`: host names, addresses, either with `:port`, and CIDR blocks.
 * @throws ConfigurationError for an entry that is none of these
 */
export function parseAllowList(entries: readonly string[]): AllowList {
  const hosts: HostEntry[] = [];
  const blocks: [ipaddr.IPv4 | ipaddr.IPv6, number][] = [];
  entries.forEach((entry, i) => {
    if (entry.includes('/')) blocks.push(parseBlock(entry, i));
    else hosts.push(parseHost(entry, i));
  });
  const isNamed = ({ host, address }: Destination, entry: HostEntry) => entry.host === host || entry.host === address;
  const allowsPort = (to: Destination) => hosts.some((entry) => isNamed(to, entry) && entry.port === to.port);
  return {
    allowsPort,
    allows: (to) =>
      allowsPort(to) ||
      hosts.some((entry) => isNamed(to, entry) && entry.port === undefined) ||
      blocks.some(([network, bits]) => isWithin(to.address, network, bits)),
  };
}

/** The product's own ports, asked anew each time: some are known only once something listens. */
export type OwnPorts = () => ReadonlySet<number>;

/**
 * Why a destination may not be connected to, as the end of "… is"; undefined when it may. Private networks may: what people import and call
 * mostly lies there (decision 25).
 */
export function refusalOf(to: Destination, allow: AllowList, ownPorts: OwnPorts): string | undefined {
  if (ownPorts().has(to.port) && (isLoopback(to.address) || isOnThisMachine(to.address)))
    return allow.allowsPort(to) ? undefined : "a port of Gatewright's own";
  const refused = rangeRefused(to.address);
  return refused === undefined || allow.allows(to) ? undefined : refused;
}

/** The address in its one spelling: IPv4 inside IPv6 as IPv4, IPv6 shortened, without a zone. */
export function plainAddress(address: string): string {
  const bare = address.replace(/%.*$/, '');
  return ipaddr.isValid(bare) ? ipaddr.process(bare).toString() : bare;
}

/** Which kind of address it is that nobody outside should be, whoever names it; undefined for all others. */
export function rangeRefused(address: string): string | undefined {
  if (!ipaddr.isValid(address)) return 'no address';
  const parsed = ipaddr.process(address);
  if (METADATA.some((known) => parsed.toString() === ipaddr.parse(known).toString()))
    return "a cloud's metadata address";
  if (parsed.toString() === '169.254.169.254') return "a cloud's metadata address";
  const refused = REFUSED_RANGES[parsed.range()];
  if (refused !== undefined) return refused;
  for (const inner of parsed instanceof ipaddr.IPv6 ? embeddedIn(parsed) : []) {
    const hidden = rangeRefused(inner);
    if (hidden !== undefined) return `${hidden} inside an IPv6 address`;
  }
  return undefined;
}

/** IPv4 addresses that an IPv6 address stands for: translated (NAT64), tunnelled (6to4, Teredo), or in the old compatible form. */
function embeddedIn(address: ipaddr.IPv6): string[] {
  const bytes = address.toByteArray();
  const at = (start: number, mask = 0) =>
    bytes
      .slice(start, start + 4)
      .map((byte) => byte ^ mask)
      .join('.');
  const isWithinBlock = (block: string) => address.match(ipaddr.IPv6.parseCIDR(block));
  if (['64:ff9b::/96', '64:ff9b:1::/48', '::/96', '::ffff:0:0:0/96'].some(isWithinBlock)) return [at(12)];
  if (isWithinBlock('2002::/16')) return [at(2)];
  if (isWithinBlock('2001::/32')) return [at(4), at(12, 0xff)];
  // ISATAP: the interface part says which IPv4 address the tunnel ends at.
  if (bytes[10] === 0x5e && bytes[11] === 0xfe) return [at(12)];
  return [];
}

function isLoopback(address: string): boolean {
  return ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

function isOnThisMachine(address: string): boolean {
  return Object.values(networkInterfaces()).some((entries) =>
    entries?.some((entry) => plainAddress(entry.address) === address),
  );
}

function isWithin(address: string, network: ipaddr.IPv4 | ipaddr.IPv6, bits: number): boolean {
  if (!ipaddr.isValid(address)) return false;
  const parsed = ipaddr.process(address);
  return parsed.kind() === network.kind() && parsed.match(network, bits);
}

function parseBlock(entry: string, i: number): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  if (!ipaddr.isValidCIDR(entry)) throw wrongEntry(entry, i);
  return ipaddr.parseCIDR(entry);
}

function parseHost(entry: string, i: number): HostEntry {
  const bare = entry.replace(/^\[(.*)\]$/, '$1');
  if (ipaddr.isValid(bare)) return { host: plainAddress(bare), port: undefined };
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^:\s]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const name = host
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '')
    .toLowerCase();
  const isNumberGood = port === undefined || (Number(port) >= 1 && Number(port) <= 65_535);
  if (!isNumberGood || !(ipaddr.isValid(name) || /^[a-z0-9_]([a-z0-9._-]*[a-z0-9])?$/.test(name)))
    throw wrongEntry(entry, i);
  return {
    host: ipaddr.isValid(name) ? plainAddress(name) : name,
    port: port === undefined ? undefined : Number(port),
  };
}

function wrongEntry(entry: string, i: number): ConfigurationError {
  return new ConfigurationError(
    `outbound.allow has "${entry.slice(0, 80)}", which is no host, host:port, address or CIDR block. Write for example idp.example.com, 127.0.0.1:8080 or 10.0.0.0/8.`,
    `/outbound/allow/${i}`,
  );
}
