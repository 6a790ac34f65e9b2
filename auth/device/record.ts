import { sha256Hex } from '#core/credential';
import type { TokenStore } from '#core/token-store';
import { readUserCode } from './user-code.ts';

/** What is remembered of a device that asked for authorization (RFC 8628), from its request until its tokens. */
export interface DeviceRequest {
  /** Internal ids of who asked. */
  readonly clientId: string;
  readonly subscriptionId: string;
  readonly consumerKey: string;
  /** The token end point project and the server group at which it asked: the codes are good there only. */
  readonly projectId: string;
  readonly serverGroupId: string;
  /** As people are to see it: what the tokens will be good for. */
  readonly scopes: readonly string[];
  readonly audience: readonly string[] | undefined;
  /** Epoch ms at which device and user code end; the record stays a little longer to say so. */
  readonly endsAt: number;
  /** Least time between two polls, in ms; grows by 5 s each time the device is too fast (§3.5). */
  readonly pollMs: number;
  readonly polledAt: number | undefined;
  readonly state: 'pending' | 'denied' | 'approved';
  /** Who approved it. */
  readonly approval?: DeviceApproval | undefined;
}

/** Who approved a device, and what. */
export interface DeviceApproval {
  readonly subject: string;
  readonly username: string;
  readonly subjectGeneration: number;
  /** A part of the scopes that were asked for, or all. */
  readonly scopes: readonly string[];
  readonly authenticatedAt: number;
}

/** A record with what is needed to change it. */
export interface StoredDeviceRequest {
  /** SHA-256 of the device code. */
  readonly hash: string;
  readonly request: DeviceRequest;
  readonly version: number;
  readonly expiresAt: number;
}

/** How long a record outlives its codes, so that a device hears `expired_token` and not that it was never there. */
const AFTERLIFE_MS = 600_000;

type Store = Pick<TokenStore, 'saveTransient' | 'findTransient' | 'replaceTransient' | 'takeTransient'>;

/** Remembers a request under both codes. The user code first: a device code that is answered can always be approved. */
export async function saveDeviceRequest(
  store: Store,
  codes: { readonly deviceCode: string; readonly userCode: string },
  request: DeviceRequest,
): Promise<void> {
  const hash = sha256Hex(codes.deviceCode);
  const expiresAt = request.endsAt + AFTERLIFE_MS;
  const id = userCodeId(readUserCode(codes.userCode) ?? '');
  await store.saveTransient({ kind: 'user-code', id, value: JSON.stringify({ hash }), expiresAt: request.endsAt });
  await store.saveTransient({ kind: 'device', id: hash, value: JSON.stringify(request), expiresAt });
}

/** True when a user code is in use. */
export async function isUserCodeTaken(store: Store, userCode: string, now: number): Promise<boolean> {
  return (await store.findTransient('user-code', userCodeId(readUserCode(userCode) ?? ''), now)) !== undefined;
}

/** The request of a device code; undefined when there is none or it is long over. */
export async function findDeviceRequest(
  store: Store,
  hash: string,
  now: number,
): Promise<StoredDeviceRequest | undefined> {
  const found = await store.findTransient('device', hash, now);
  if (found === undefined) return undefined;
  const { value, version, expiresAt } = found;
  return { hash, request: JSON.parse(value) as DeviceRequest, version, expiresAt };
}

/** The request that a typed user code stands for, still undecided; undefined when there is none. */
export async function findByUserCode(
  store: Store,
  typed: string,
  now: number,
): Promise<StoredDeviceRequest | undefined> {
  const letters = readUserCode(typed);
  if (letters === undefined) return undefined;
  const pointer = await store.findTransient('user-code', userCodeId(letters), now);
  if (pointer === undefined) return undefined;
  const { hash } = JSON.parse(pointer.value) as { hash: string };
  const found = await findDeviceRequest(store, hash, now);
  return found !== undefined && found.request.state === 'pending' && found.request.endsAt > now ? found : undefined;
}

/** Writes a change of a request, unless somebody else changed it meanwhile: then false. */
export function replaceDeviceRequest(
  store: Store,
  stored: StoredDeviceRequest,
  request: DeviceRequest,
): Promise<boolean> {
  const { hash, version, expiresAt } = stored;
  return store.replaceTransient({ kind: 'device', id: hash, value: JSON.stringify(request), expiresAt, version });
}

/** Says what the resource owner decided. A user code is good for one decision. False: it was decided or ended meanwhile. */
export async function decideDeviceRequest(
  store: Store,
  {
    typed,
    now,
    approval,
  }: { readonly typed: string; readonly now: number; readonly approval: DeviceApproval | undefined },
): Promise<boolean> {
  // A device that polls meanwhile changes the record too: then it is read again.
  for (let tries = 0; tries < 5; tries += 1) {
    const stored = await findByUserCode(store, typed, now);
    if (stored === undefined) return false;
    const state = approval === undefined ? 'denied' : 'approved';
    if (!(await replaceDeviceRequest(store, stored, { ...stored.request, state, approval }))) continue;
    await store.takeTransient('user-code', userCodeId(readUserCode(typed) ?? ''), now);
    return true;
  }
  return false;
}

function userCodeId(letters: string): string {
  return sha256Hex(letters);
}
