import type { RecordColumns } from '../tables.ts';

// The table of token stores. Conventions: ../tables.ts.

export interface TokenStoreTable extends RecordColumns {
  /** A kind of core/model/token-store.ts; `configured`: the store that each process's own configuration names. */
  kind: string;
  /** Password, sealed (context: table "token_stores", row id, column "credentials"); null: none. */
  credentials: string | null;
  /** 1 for exactly one of them. */
  is_default: number;
  /** Epoch ms until which it was the default; null: it is, or never was. */
  default_until: number | null;
  /** Name of the store to which it is, or was moved. */
  moves_to: string | null;
  /** Epoch ms at which that was done. */
  moved_at: number | null;
  /** How far that is: StoreMove of move.ts, as JSON. */
  move: string | null;
}

/** The tables of token stores. */
export interface TokenStoreTables {
  token_stores: TokenStoreTable;
}
