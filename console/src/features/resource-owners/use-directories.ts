import type { Directory } from '#core/model/directory';
import type { ListPage } from '../../api/page.ts';
import { useApi } from '../../components/loaded.tsx';

/** Directories that are offered; there are few. */
const OFFERED = 100;

/** The directories of resource owners, once they are needed. Whoever may read resource owners may read them. */
export function useDirectories(isNeeded: boolean): readonly Directory[] {
  const { data } = useApi<ListPage<Directory>>('/directories', { query: { limit: OFFERED }, enabled: isNeeded });
  return data?.items ?? [];
}
