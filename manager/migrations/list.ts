import type { Migration } from 'kysely/migration';
import { configuration } from './0001-configuration.ts';
import { changeFeed } from './0002-change-feed.ts';
import { people } from './0003-people.ts';
import { auditChain } from './0004-audit-chain.ts';
import { joinedGateways } from './0005-joined-gateways.ts';
import { imports } from './0006-imports.ts';
import { lists } from './0007-lists.ts';
import { signingKeys } from './0008-signing-keys.ts';
import { resourceOwners } from './0009-resource-owners.ts';
import { readableSecrets } from './0010-readable-secrets.ts';
import { policyChains } from './0011-policy-chains.ts';
import { tokenStores } from './0012-token-stores.ts';
import { leases } from './0013-leases.ts';
import { storeMoves } from './0014-store-moves.ts';

/**
 * Every migration, by name, in order. A name that was released is never changed or removed. Portable: the schema builder and types that SQLite
 * and PostgreSQL share; expand before contract, so that the version before still works on the data (decision 37).
 */
export const migrations: Readonly<Record<string, Migration>> = {
  '0001-configuration': configuration,
  '0002-change-feed': changeFeed,
  '0003-people': people,
  '0004-audit-chain': auditChain,
  '0005-joined-gateways': joinedGateways,
  '0006-imports': imports,
  '0007-lists': lists,
  '0008-signing-keys': signingKeys,
  '0009-resource-owners': resourceOwners,
  '0010-readable-secrets': readableSecrets,
  '0011-policy-chains': policyChains,
  '0012-token-stores': tokenStores,
  '0013-leases': leases,
  '0014-store-moves': storeMoves,
};
