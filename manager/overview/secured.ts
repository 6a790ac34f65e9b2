import type { Endpoints } from '#core/model/endpoint';
import type { Project } from '#core/model/project';
import { isProxied } from '#core/model/project-kind';
import type { Reader } from '../database.ts';
import { parseProject } from '../records/project.ts';
import { listPartsOf } from '../records/project-part.ts';
import { parseResource } from '../records/resource.ts';
import type { ProjectTable } from '../tables.ts';

/** Policy types that let nobody through who is not known. */
const SECURING = ['oauth-verify-access-token'];

/**
 * The ids of those projects that nobody can call without being known: *Secure API with* is set, they are end points of the authorization server, or a policy that
 * asks who calls is on for every resource. Two statements for all.
 */
export async function securedProjects(reader: Reader, rows: readonly ProjectTable[]): Promise<ReadonlySet<string>> {
  const secured = new Set<string>();
  const unsure: Project[] = [];
  for (const row of rows) {
    const project = parseProject(row);
    if (!isProxied(project.kind) || project.secureWith !== 'none') secured.add(row.id);
    else unsure.push(project);
  }
  const ids = unsure.map(({ id }) => id);
  const policies = await listPartsOf(reader, 'policies', ids);
  const resources = await listPartsOf(reader, 'resources', ids);
  for (const project of unsure) {
    const securing = (policies.get(project.id) ?? []).filter(({ type }) => SECURING.includes(type));
    const names = new Set(securing.map(({ name }) => name));
    const isOn = ({ proxyRequest }: Endpoints) =>
      proxyRequest.some(({ policy, enabled }) => enabled && names.has(policy));
    const routes = (resources.get(project.id) ?? []).map(parseResource);
    if (names.size > 0 && (isOn(project.endpoints) || routes.every(({ endpoints }) => isOn(endpoints))))
      secured.add(project.id);
  }
  return secured;
}
