import { createPublicKey, hash, type KeyObject, sign, verify } from 'node:crypto';
import * as z from 'zod';

// Tickets with which the manager makes calls through a gateway (decision 25): signed, for one gateway, one request and one use.

/** Header field that carries a ticket; lower case. A gateway takes it out of every request, whatever it holds. */
export const TRY_TICKET_FIELD = 'gatewright-try-ticket';

/** Where a gateway mints a token for Try it. Without a ticket nothing is there. */
export const TRY_TOKEN_PATH = '/.well-known/gatewright/token';
/** Where a gateway looks whether a target answers. Without a ticket nothing is there. */
export const TARGET_CHECK_PATH = '/.well-known/gatewright/check';

/** How long a ticket may be used, once. */
export const TICKET_LIFE_MS = 60_000;

const claims = {
  /** Used once. */
  id: z.string().min(16).max(64),
  gatewayId: z.string().max(128),
  /** {@link requestDigest} of the one request that it is for. */
  request: z.string().length(64),
  /** Epoch ms. */
  at: z.number(),
  endsAt: z.number(),
  /** Who tries: user, key, or `local`. */
  by: z.string().max(128),
};

const tryTicket = z.discriminatedUnion('use', [
  /** A call to what is deployed. */
  z.strictObject({ ...claims, use: z.literal('try') }),
  /** A short token for a subscription. */
  z.strictObject({ ...claims, use: z.literal('token'), subscriptionId: z.string().max(128) }),
  /** A look at a target: status class and time. */
  z.strictObject({ ...claims, use: z.literal('check'), url: z.string().max(2048) }),
]);
export type TryTicket = z.infer<typeof tryTicket>;

const TICKET_LIMIT = 8192;
const CONTEXT = 'gatewright-try-ticket\n';

/** What binds a ticket to one request: SHA-256 over method and request target as sent. */
export function requestDigest(method: string, target: string): string {
  return hash('sha256', `${method} ${target}`, 'hex');
}

/** A ticket as text: base64url of its claims, a dot, base64url of the Ed25519 signature over them. */
export function signTicket(ticket: TryTicket, privateKey: KeyObject): string {
  const payload = Buffer.from(JSON.stringify(ticket), 'utf8').toString('base64url');
  return `${payload}.${sign(undefined, Buffer.from(CONTEXT + payload), privateKey).toString('base64url')}`;
}

/** What a ticket says, when it was signed with this key (SubjectPublicKeyInfo, base64url); undefined for anything else. */
export function openTicket(text: string, publicKey: string): TryTicket | undefined {
  const [payload, signature, rest] = text.length > TICKET_LIMIT ? [] : text.split('.');
  if (payload === undefined || signature === undefined || rest !== undefined) return undefined;
  const key = createPublicKey({ key: Buffer.from(publicKey, 'base64url'), format: 'der', type: 'spki' });
  if (!verify(undefined, Buffer.from(CONTEXT + payload), key, Buffer.from(signature, 'base64url'))) return undefined;
  const parsed = tryTicket.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')));
  return parsed.success ? parsed.data : undefined;
}
