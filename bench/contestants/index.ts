import type { Contestant } from '../contestant.ts';
import { fastifyHttpProxy } from './fastify-http-proxy/contestant.ts';
import { gatewright } from './gatewright/contestant.ts';
import { keycloak } from './keycloak/contestant.ts';
import { nginx } from './nginx/contestant.ts';
import { nodeForm } from './node-form/contestant.ts';
import { nodeHttp } from './node-http/contestant.ts';
import { oidcProvider } from './oidc-provider/contestant.ts';

/** Everything that is measured, in the order of the tables. */
export const contestants: readonly Contestant[] = [
  nginx,
  nodeHttp,
  fastifyHttpProxy,
  nodeForm,
  oidcProvider,
  keycloak,
  gatewright,
];
