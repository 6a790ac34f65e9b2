import { api, path } from '../../api/client.ts';
import { download } from '../../components/download.ts';

/** Downloads a project (by name) as one JSON document, without secrets. @throws ApiProblem, ApiUnreachable */
export async function exportProject(name: string): Promise<void> {
  const document = await api.get<unknown>(path`/projects/${name}/export`);
  download(`${name}.gatewright.json`, `${JSON.stringify(document, undefined, 2)}\n`, 'application/json');
}
