import type { ServerGroupRow } from '#core/model/overview/screens';
import type { Gateway } from '#core/model/server-group';
import type { ListPage } from '../../api/page.ts';
import { useApi } from '../../components/loaded.tsx';

/** Where clients reach a gateway: the first server group's public URL, or else where one of its gateways listens; undefined until known. */
export function useGatewayUrl(): string | undefined {
  const groups = useApi<ListPage<ServerGroupRow>>('/overview/server-groups', { query: { limit: 50 } });
  const gateways = useApi<ListPage<Gateway>>('/gateways', { query: { limit: 50 } });
  const publicUrl = groups.data?.items.map(({ serverGroup }) => serverGroup.publicUrl).find((url) => url !== '');
  return publicUrl ?? gateways.data?.items[0]?.address;
}

/** The server group whose gateways check whether a target answers: the first that has one that is ready. */
export function useCheckingGroup(): string | undefined {
  const groups = useApi<ListPage<ServerGroupRow>>('/overview/server-groups', { query: { limit: 50 } });
  return groups.data?.items.find(({ gateways }) => gateways.ready > 0)?.serverGroup.name;
}
