import type { Api } from '../api.ts';
import { CliError } from '../cli-error.ts';
import type { Thing } from '../noun.ts';
import type { Session } from '../session.ts';
import type { FileKind } from './layout.ts';

/** All things of a kind; undefined, and said, when the caller's roles may not read them and most may not. */
export async function listThings(session: Session, api: Api, kind: FileKind): Promise<readonly Thing[] | undefined> {
  try {
    return await api.list<Thing>(kind.path);
  } catch (error) {
    if (kind.isGuarded !== true || !(error instanceof CliError) || error.status !== 403) throw error;
    session.out.warn(`The ${kind.folder} are left alone: your roles may not read them.`);
    return undefined;
  }
}
