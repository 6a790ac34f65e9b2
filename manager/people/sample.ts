import { createProject } from '#core/model/project';
import { LOCAL_GROUP } from '#core/model/server-group';
import type { ManagerContext } from '../context.ts';
import { deploy } from '../deployments/deploy.ts';
import { createProjectDraft } from '../drafts/create-project.ts';
import { type Actor, change } from '../unit-of-work.ts';

/** What a first look needs: a token end point, and an API that answers and wants its tokens. As `gatewright quickstart` names them. */
const SAMPLE = [
  {
    name: 'access-token',
    displayName: 'AccessToken',
    kind: 'oauth-token-endpoint',
    contextPath: '/token',
    accessTokenExpiryMs: 600_000,
  },
  {
    name: 'orders-api',
    displayName: 'Orders API',
    kind: 'http',
    contextPath: '/orders',
    targetUrl: 'echo:',
    secureWith: 'oauth',
  },
];

/** Makes the sample and deploys it to Local. What is there already stays as it is; the rest of the setup does not hang on it. */
export async function makeSample(context: ManagerContext, actor: Actor): Promise<void> {
  for (const wish of SAMPLE) {
    const body = createProject.parse(wish);
    try {
      const { name } = await change(context, actor, async (unit) => {
        const made = await createProjectDraft(unit, context, body);
        const object = { objectKind: 'project', objectId: made.id, objectName: made.name };
        unit.audit({ ...object, sentence: `Project ${made.name} was created.`, after: made });
        return made;
      });
      await deploy(context, actor, { project: name, serverGroup: LOCAL_GROUP.name, note: 'Sample' });
    } catch (error) {
      context.logger.warn({ err: error, project: wish.name }, 'A sample project could not be made.');
    }
  }
}
