import type { CopiedKind, CopiedRow, TokenStore } from '#core/token-store';
import { COPIED_KINDS } from '#core/token-store';
import { codeRow, grantRow, refreshRow } from './batch.ts';
import type { PostgresConnection, Row } from './connection.ts';
import * as rows from './rows.ts';

export function createCopies(_c: PostgresConnection, _o: object): Pick<TokenStore, 'copyOut' | 'copyIn'> {
  return {};
}
void [COPIED_KINDS, codeRow, grantRow, refreshRow, rows];
export type X = [CopiedKind, CopiedRow, Row];
