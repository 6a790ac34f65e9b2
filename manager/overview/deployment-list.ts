import type { DeploymentRow } from '#core/model/overview/screens';
import type { ManagerContext } from '../context.ts';
import { listDeployments } from '../deployments/deployment-list.ts';
import type { Page } from '../list.ts';
import { effectOfDeployments } from '../metrics/deployment-effect.ts';

/** A page of deployments, newest first, with what each did to the traffic. */
export async function showDeployments(
  context: ManagerContext,
  asked: Parameters<typeof listDeployments>[1],
): Promise<Page<DeploymentRow>> {
  const { items, ...page } = await listDeployments(context, asked);
  const effects = await effectOfDeployments(context, items);
  return {
    ...page,
    items: items.map((deployment) => {
      const effect = effects.get(deployment.id);
      return { deployment, ...(effect !== undefined && { effect }) };
    }),
  };
}
