import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { systemClock } from '#core/clock';
import { ConfigurationError } from '#core/errors';
import type { Logger } from '#core/logger';
import { JoinError, joinManager } from '#gateway/membership/join';
import { type Membership, readMembership, writeMembership } from '#gateway/membership/membership';
import { DEFAULT_GATEWAY_NAME } from './config-schema.ts';

/** With which manager a gateway is to join. */
export interface JoinOptions {
  /** https URL of the manager's port for gateways. */
  readonly manager: string;
  /** Gives the join token; asked only when it is needed. @throws JoinError when there is none */
  token(): Promise<string>;
}

/** Whose membership it is. */
export interface MembershipWish {
  /** The gateway's folder. */
  readonly folder: string;
  /** Name of the gateway; the default one: the machine's name. */
  readonly name: string;
  readonly join: JoinOptions | undefined;
  readonly logger: Logger;
}

/**
 * The membership of a gateway: the one it has, or a new one. A member needs no token; one that was removed, or whose certificate ended, joins
 * anew when it is given one.
 * @returns undefined when it did not join and is not to: it uses the socket of its data directory
 * @throws JoinError, ConfigurationError
 */
export async function becomeMember({ folder, name, join, logger }: MembershipWish): Promise<Membership | undefined> {
  const member = readMembership(folder);
  const problem = member === undefined ? undefined : problemOf(member);
  if (member !== undefined && problem === undefined) {
    if (join !== undefined && new URL(join.manager).host !== new URL(member.manager).host)
      throw new JoinError(
        'refused',
        `This gateway is ${member.name} in ${member.serverGroup} of ${member.manager}. To join another manager, use another folder (--dir).`,
      );
    return member;
  }
  if (join === undefined) {
    if (member === undefined) return undefined;
    throw new ConfigurationError(`${problem} Join again: gatewright gateway --join ${member.manager} --token -`);
  }
  const wanted = name === DEFAULT_GATEWAY_NAME ? (member?.name ?? ownName()) : name;
  const joined = await joinManager({ ...join, token: await join.token(), name: wanted, clock: systemClock });
  writeMembership(folder, joined);
  logger.info({ gatewayId: joined.gatewayId, serverGroup: joined.serverGroup }, 'The gateway joined');
  return joined;
}

/** Where a join token is taken from. */
export interface TokenSource {
  /** `--token`: the token itself, or - for standard input. */
  readonly token: string | undefined;
  readonly tokenFile: string | undefined;
  readonly env: NodeJS.ProcessEnv;
  readonly stdin: AsyncIterable<unknown>;
  /** Tells people something. */
  warn(text: string): void;
}

/** Reads the join token from where it was given. @throws JoinError when it was not given, or cannot be read */
export async function readJoinToken({ token, tokenFile, env, stdin, warn }: TokenSource): Promise<string> {
  if (token === '-') return textOf(stdin);
  if (token !== undefined) {
    warn(
      'A token on the command line is seen by everybody who lists processes. Use --token -, --token-file or GATEWRIGHT_JOIN_TOKEN.',
    );
    return token;
  }
  if (tokenFile !== undefined) {
    try {
      return readFileSync(tokenFile, 'utf8');
    } catch (error) {
      const reason = error instanceof Error && 'code' in error ? String(error.code) : 'unknown error';
      throw new JoinError('token_malformed', `The token cannot be read from ${tokenFile}: ${reason}.`, error);
    }
  }
  const given = env.GATEWRIGHT_JOIN_TOKEN;
  if (given !== undefined && given !== '') return given;
  throw new JoinError(
    'token_malformed',
    'To join, a token is needed: --token-file <file>, --token - (standard input) or GATEWRIGHT_JOIN_TOKEN. Make one with `gatewright group join-token <group>`.',
  );
}

async function textOf(stdin: AsyncIterable<unknown>): Promise<string> {
  let text = '';
  for await (const part of stdin) {
    text += String(part);
    if (text.length > 4096) break;
  }
  return text;
}

function problemOf({ isRemoved, name, serverGroup, certificateEndsAt }: Membership): string | undefined {
  if (isRemoved === true) return `The gateway ${name} was removed from ${serverGroup}.`;
  if (certificateEndsAt > systemClock.now()) return undefined;
  return `The certificate of the gateway ${name} ended on ${new Date(certificateEndsAt).toISOString().slice(0, 10)}, since the manager was not reached for so long.`;
}

/** The machine's name, as far as it can be a gateway's. */
function ownName(): string {
  const name = hostname()
    .replace(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63);
  return name === '' ? 'gateway' : name;
}
