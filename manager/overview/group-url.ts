import type { Gateway, ServerGroup } from '#core/model/server-group';

/**
 * Where clients reach a server group: its public URL, else the address of one of its gateways, a ready one first; undefined when there is
 * neither.
 */
export function groupUrl(
  { name, publicUrl }: Pick<ServerGroup, 'name' | 'publicUrl'>,
  gateways: readonly Gateway[],
): string | undefined {
  if (publicUrl !== '') return publicUrl;
  const own = gateways.filter((gateway) => gateway.serverGroup === name && gateway.address !== '');
  return (own.find(({ state }) => state === 'ready') ?? own[0])?.address;
}

/** The URL of a context path there; on the first host name that the project answers on, where it names any. */
export function projectUrl(base: string, { contextPath, hosts }: { contextPath: string; hosts: readonly string[] }) {
  const url = new URL(base);
  const [host] = hosts;
  if (host !== undefined && !hosts.includes(url.hostname)) url.hostname = host;
  return url.origin + (contextPath === '/' ? '/' : contextPath);
}
