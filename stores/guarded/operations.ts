import type { TokenStore } from '#core/token-store';

/** What a token store is asked. */
export type Operation = Exclude<keyof TokenStore, 'kind' | 'listen' | typeof Symbol.asyncDispose>;

/** Every operation, and whether it changes something: for the metric of how long it takes. */
export const OPERATIONS = {
  saveAccess: 'write',
  saveIssue: 'write',
  consumeCode: 'write',
  findRefresh: 'read',
  rotateRefresh: 'write',
  findGrant: 'read',
  revokeGrant: 'write',
  revokeGrantsOf: 'write',
  rememberOnce: 'write',
  saveTransient: 'write',
  findTransient: 'read',
  replaceTransient: 'write',
  takeTransient: 'write',
  saveConsent: 'write',
  findConsent: 'read',
  listConsents: 'read',
  revokeConsent: 'write',
  findAccess: 'read',
  revokeAccess: 'write',
  writeStandings: 'write',
  readStandings: 'read',
  readFeedMark: 'read',
  writeFeedMark: 'write',
  changesSince: 'read',
  countLive: 'read',
  sizes: 'read',
  copyOut: 'read',
  copyIn: 'write',
  warnings: 'read',
  purge: 'write',
} as const satisfies Record<Operation, 'read' | 'write'>;
