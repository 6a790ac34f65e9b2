import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ConfigurationError } from '#core/errors';
import { writeWhole } from '../replica-files.ts';

/** What a gateway that joined keeps of it, in one file of its folder (0600): a renewal replaces key and certificate together. */
export interface Membership {
  /** URL of the manager. */
  readonly manager: string;
  /** Certificate of the manager's authority, PEM. */
  readonly authority: string;
  readonly gatewayId: string;
  readonly name: string;
  /** Name of the server group. */
  readonly serverGroup: string;
  /** PEM. */
  readonly certificate: string;
  /** PEM. Never leaves this file. */
  readonly key: string;
  /** When the certificate was got and when it ends, epoch ms by this machine's clock and the manager's. */
  readonly certificateAt: number;
  readonly certificateEndsAt: number;
  /** The manager said that this gateway was removed. */
  readonly isRemoved?: boolean;
}

/** The file of a gateway's membership in its folder. */
export function membershipFile(folder: string): string {
  return path.join(folder, 'membership.json');
}

/** Reads it; undefined: this gateway has not joined. @throws ConfigurationError when it cannot be read */
export function readMembership(folder: string): Membership | undefined {
  const file = membershipFile(folder);
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new ConfigurationError(`${file} cannot be read.`, '/dataDir');
  }
  const membership = parse(text);
  if (membership !== undefined) return membership;
  throw new ConfigurationError(
    `${file} is damaged. Remove it and join again with a new token (gatewright gateway --join).`,
    '/dataDir',
  );
}

/** Writes it, whole or not at all. */
export function writeMembership(folder: string, membership: Membership): void {
  writeWhole(membershipFile(folder), `${JSON.stringify(membership, undefined, 2)}\n`);
}

const TEXTS = ['manager', 'authority', 'gatewayId', 'name', 'serverGroup', 'certificate', 'key'] as const;
const NUMBERS = ['certificateAt', 'certificateEndsAt'] as const;

function parse(text: string): Membership | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = value as Record<string, unknown>;
  const isWhole =
    TEXTS.every((name) => typeof fields[name] === 'string') &&
    NUMBERS.every((name) => typeof fields[name] === 'number') &&
    URL.canParse(String(fields.manager));
  return isWhole ? (value as Membership) : undefined;
}
