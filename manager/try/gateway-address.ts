import type { LookupAddress } from 'node:dns';
import { lookup } from 'node:dns/promises';
import type { Gateway } from '#core/model/server-group';
import { ProblemError } from '#core/problem';
import { plainAddress, rangeRefused } from '#egress/destination';

/** Where a gateway is reached, resolved once. */
export interface GatewayAddress {
  readonly isTls: boolean;
  /** Host and port as its address has them. */
  readonly authority: string;
  readonly hostname: string;
  readonly port: number;
  /** The connection goes to one of these. */
  readonly addresses: readonly LookupAddress[];
  /** It is this machine itself: nobody is in between. */
  readonly isLoopback: boolean;
}

const LOOPBACK = 'a loopback address';

/**
 * Where a registered gateway is reached. Its address is its own word, so it is looked at: it may be on this machine, but a gateway that was
 * taken over cannot send the manager to link-local or metadata addresses.
 * @throws ProblemError `gateway_unreachable`
 */
export async function addressOfGateway(gateway: Pick<Gateway, 'name' | 'address' | 'joined'>): Promise<GatewayAddress> {
  const url = URL.canParse(gateway.address) ? new URL(gateway.address) : undefined;
  if (url === undefined || !/^https?:$/.test(url.protocol))
    throw unreachable(gateway.name, 'it has not said where it listens.');
  const isTls = url.protocol === 'https:';
  const named = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const hostname = onThisMachine(named, gateway);
  const addresses = await lookup(hostname, { all: true }).catch(() => {
    throw unreachable(gateway.name, `the name ${hostname} was not found.`);
  });
  const ranges = addresses.map(({ address }) => rangeRefused(plainAddress(address)));
  const wrong = ranges.find((range) => range !== undefined && range !== LOOPBACK);
  if (wrong !== undefined || addresses.length === 0)
    throw unreachable(gateway.name, `it says that it listens on ${wrong ?? 'no address'}.`);
  return {
    ...{ isTls, hostname, addresses, authority: url.host },
    port: url.port === '' ? (isTls ? 443 : 80) : Number(url.port),
    isLoopback: ranges.every((range) => range === LOOPBACK),
  };
}

/** A gateway of this data directory that listens on every address is reached on loopback. */
function onThisMachine(host: string, { name, joined }: Pick<Gateway, 'name' | 'joined'>): string {
  if (host !== '0.0.0.0' && host !== '::') return host;
  if (joined === undefined) return host === '::' ? '::1' : '127.0.0.1';
  throw unreachable(name, 'it listens on every address and has not said under which it is reached.');
}

function unreachable(name: string, why: string): ProblemError {
  return new ProblemError('gateway_unreachable', `The gateway ${name} cannot be reached: ${why}`, {
    fixes: [{ text: 'See the gateways and where they listen.', command: 'gatewright gateway list' }],
  });
}
