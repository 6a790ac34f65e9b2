import { BlockList, isIP, isIPv6 } from 'node:net';
import { ConfigurationError } from '#core/errors';

/** Which peers are believed when they say whom they speak for (decision 20). */
export interface TrustedProxies {
  /** False: nobody is; nothing needs to be asked. */
  readonly any: boolean;
  isTrusted(address: string): boolean;
  /** The client's address: the rightmost in the chain that is not a trusted proxy. */
  clientOf(peer: string, forwardedFor: string): string;
}

const CACHE_LIMIT = 1000;

/** @throws ConfigurationError for what is neither an address nor a CIDR block */
export function compileTrustedProxies(blocks: readonly string[]): TrustedProxies {
  const list = new BlockList();
  blocks.forEach((block, i) => {
    addBlock(list, block, `/trustedProxies/${i}`);
  });
  const cache = new Map<string, boolean>();
  const isTrusted = (address: string): boolean => {
    const cached = cache.get(address);
    if (cached !== undefined) return cached;
    const trusted = isIP(address) !== 0 && list.check(address, isIPv6(address) ? 'ipv6' : 'ipv4');
    if (cache.size < CACHE_LIMIT) cache.set(address, trusted);
    return trusted;
  };
  return {
    any: blocks.length > 0,
    isTrusted,
    clientOf(peer, forwardedFor) {
      let client = peer;
      for (const entry of forwardedFor.split(',').reverse()) {
        const address = bareAddress(entry.trim());
        if (address === undefined || !isTrusted(client)) break;
        client = address;
      }
      return client;
    },
  };
}

/** `::ffff:192.0.2.1` as `192.0.2.1`: one client, one spelling. */
export function plainAddress(address: string): string {
  return address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
}

/** An address of a forwarding field without port, brackets and quotes; undefined when it is none. */
function bareAddress(text: string): string | undefined {
  const bare = /^"?\[([^\]]+)\](?::\d+)?"?$/.exec(text)?.[1] ?? /^"?([\d.]+)(?::\d+)?"?$/.exec(text)?.[1] ?? text;
  return isIP(bare) === 0 ? undefined : plainAddress(bare);
}

function addBlock(list: BlockList, block: string, pointer: string): void {
  const [address = '', prefix] = block.split('/');
  const family = isIP(address) === 6 ? 'ipv6' : 'ipv4';
  const most = family === 'ipv6' ? 128 : 32;
  if (isIP(address) === 0 || (prefix !== undefined && !(/^\d{1,3}$/.test(prefix) && Number(prefix) <= most)))
    throw new ConfigurationError(`${block} is neither an address nor a CIDR block.`, pointer);
  if (prefix === undefined) list.addAddress(address, family);
  else list.addSubnet(address, Number(prefix), family);
}
