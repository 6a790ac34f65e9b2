import type { GrantHandler } from './grant.ts';

/** The grant types that a token end point can offer. A new one: its file, and its line here. */
export const GRANTS: readonly GrantHandler[] = [];
