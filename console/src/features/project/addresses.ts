/** The tabs of a project, as their addresses end. */
const TABS = ['overview', 'resources', 'policies', 'chains', 'targets', 'deployments', 'settings'] as const;
export type ProjectTab = (typeof TABS)[number];

/** The tab that an address opens: `/projects/orders/policies/quota` → policies. */
export function tabOf(pathname: string): ProjectTab {
  const [, , , segment] = pathname.split('/');
  return TABS.find((tab) => tab === segment) ?? 'overview';
}

/** The resource that is open when the address names none. */
export const FIRST_RESOURCE = 'default-resource';

/** What stands in the address for the policies of the project itself; no resource can have the name. */
export const ALL_RESOURCES = '_all';
