import { CliError } from '#cli/cli-error';
import { EXIT } from '#cli/exit-code';
import type { Clock } from '#core/clock';
import { UnavailableError } from '#core/errors';
import type { Logger } from '#core/logger';
import { CONFIGURED_STORE } from '#core/model/token-store';
import { systemRandom } from '#core/random';
import { SecretBox } from '#core/secret-box';
import type { CopiedKind, CopiedRow, TokenStore } from '#core/token-store';
import type { Reader } from '#manager/database';
import { readWantedStores } from '#manager/records/token-store';
import type { Config } from '../config-schema.ts';
import type { DataDir } from '../data-dir.ts';
import { describeTokenStore, tokenStoreOpener } from '../token-store.ts';

const PAGE_SIZE = 500;

/** A token store of the manager's data, opened here. */
export interface StoreHere {
  readonly name: string;
  readonly store: TokenStore;
}

/** The token stores that keep anything, and the names of those that do not (`memory`). Closed together. */
export interface StoresHere extends AsyncDisposable {
  readonly stores: readonly StoreHere[];
  readonly left: readonly string[];
}

/** What opening stores takes. */
export interface StoresWish {
  readonly config: Config;
  readonly dir: DataDir;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Gives the box that opens passwords; asked only when there are any. */
  readonly box: () => SecretBox;
}

/** Where the token stores are that the manager's data name. */
export type Wanted = Awaited<ReturnType<typeof readWantedStores>>;

/** Reads where the token stores are. @throws SealError when a password does not open */
export async function readStores(reader: Reader, box: () => SecretBox): Promise<Wanted> {
  const sealed = await reader.selectFrom('token_stores').select('id').where('credentials', 'is not', null).execute();
  return readWantedStores(reader, sealed.length > 0 ? box() : opensNothing());
}

/** Opens them. Without a single one in the data (from before there were records of them) that of the configuration. */
export async function openStores(wanted: Wanted, { config, dir, clock, logger }: StoresWish): Promise<StoresHere> {
  const open = tokenStoreOpener(config, dir, { clock, logger, sweepIntervalMs: 0 });
  const listed = wanted.length > 0 ? wanted : [{ name: CONFIGURED_STORE, place: undefined }];
  const stores: StoreHere[] = [];
  const left: string[] = [];
  const close = async () => {
    for (const { store } of stores) await store[Symbol.asyncDispose]();
  };
  try {
    for (const { name, place } of listed) {
      const kind = place?.kind ?? describeTokenStore(config, dir).kind;
      if (kind === 'memory') left.push(name);
      else stores.push({ name, store: await opened(name, () => open(name, place)) });
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { stores, left, [Symbol.asyncDispose]: close };
}

async function opened(name: string, open: () => Promise<TokenStore>): Promise<TokenStore> {
  try {
    return await open();
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new CliError(`The token store ${name} cannot be reached: ${error.message}`, { exit: EXIT.unreachable });
  }
}

/** All rows of a kind, page by page; empty pages are left out. */
export async function* pagesOf(store: TokenStore, kind: CopiedKind): AsyncGenerator<readonly CopiedRow[]> {
  let after: string | undefined;
  do {
    const page = await store.copyOut(kind, after, PAGE_SIZE);
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  } while (after !== undefined);
}

function opensNothing(): SecretBox {
  return new SecretBox([{ id: 'none', key: systemRandom.bytes(32) }], systemRandom);
}
