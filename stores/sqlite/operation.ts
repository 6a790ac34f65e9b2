import type { Standing } from '#core/standing';
import type {
  Consent,
  ConsumedCode,
  CopiedRow,
  Issue,
  OnceKind,
  RevocationNote,
  Rotated,
  Rotation,
  Transient,
  TransientKind,
} from '#core/token-store';

/** What names a consent. */
export type ConsentKey = Pick<Consent, 'subject' | 'clientId' | 'projectId'>;

/**
 * What the writer thread can be asked for, beside saving access tokens: each with what it is given and what it gives. An operation is carried
 * out within the one transaction of its batch, so what it looks up there is still so when it is committed.
 */
export interface Operations {
  readonly saveIssue: (issue: Issue) => void;
  readonly consumeCode: (attempt: { readonly hash: string; readonly id: string; readonly now: number }) => ConsumedCode;
  readonly rotateRefresh: (rotation: Rotation) => Rotated;
  readonly revokeAccess: (revocation: { readonly hash: string; readonly note: RevocationNote }) => boolean;
  readonly revokeGrant: (revocation: { readonly id: string; readonly note: RevocationNote }) => boolean;
  readonly revokeGrantsOf: (revocation: {
    readonly subject: string;
    readonly clientId: string | undefined;
    readonly note: RevocationNote;
  }) => number;
  readonly rememberOnce: (once: { readonly kind: OnceKind; readonly id: string; readonly until: number }) => boolean;
  readonly saveTransient: (transient: Transient) => void;
  readonly replaceTransient: (transient: Transient & { readonly version: number }) => boolean;
  readonly takeTransient: (which: {
    readonly kind: TransientKind;
    readonly id: string;
    readonly now: number;
  }) => string | undefined;
  readonly saveConsent: (consent: Consent) => void;
  readonly revokeConsent: (revocation: { readonly whose: ConsentKey; readonly note: RevocationNote }) => boolean;
  readonly writeStandings: (standings: readonly Standing[]) => void;
  readonly writeMark: (mark: { readonly epoch: string; readonly seq: number }) => void;
  readonly copyIn: (rows: readonly CopiedRow[]) => void;
  /** `before`: what an explanation needs goes when it ended before this; `now`: the rest goes when it ended before this. */
  readonly purge: (purge: { readonly now: number; readonly before: number; readonly limit: number }) => number;
}
export type OperationName = keyof Operations;
/** What an operation is given. */
export type Input<Name extends OperationName> = Parameters<Operations[Name]>[0];
/** What it gives. */
export type Result<Name extends OperationName> = ReturnType<Operations[Name]>;

/** One operation, as it goes to the writer thread. */
export interface Operation<Name extends OperationName = OperationName> {
  readonly name: Name;
  readonly input: Input<Name>;
}
