/** What can lose its standing (decision 4). A `subject` is a resource owner. */
export const STANDING_KINDS = ['client', 'subscription', 'secret', 'subject'] as const;
export type StandingKind = (typeof STANDING_KINDS)[number];

/**
 * Whether a client, subscription, secret or subject is active, and its generation. Revoking all its tokens raises the generation: a token
 * stores the generations at issue and is dead when one is lower. Suspending and disabling set `active` to false and can be undone.
 */
export interface Standing {
  readonly kind: StandingKind;
  readonly id: string;
  readonly generation: number;
  readonly active: boolean;
  /** Who changed it last, when (epoch ms) and why: what *explain* says. */
  readonly by: string;
  readonly at: number;
  readonly reason: string | undefined;
}

/** The generations in force when a token was issued. `subject` only when there is one. */
export interface Generations {
  readonly client: number;
  readonly subscription: number;
  /** Only when a secret was used. */
  readonly secret?: number | undefined;
  readonly subject?: number | undefined;
}
