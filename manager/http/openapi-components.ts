import * as z from 'zod';
import { client } from '#core/model/client';
import { consumerKeys, newSecret } from '#core/model/consumer-key';
import { deployment, diff } from '#core/model/deployment';
import { endpoints } from '#core/model/endpoint';
import { exchangeRecord } from '#core/model/exchange-record';
import { policy } from '#core/model/policy';
import { product } from '#core/model/product';
import { project } from '#core/model/project';
import { resource } from '#core/model/resource';
import { gateway, serverGroup } from '#core/model/server-group';
import { subscription } from '#core/model/subscription';
import { target } from '#core/model/target';
import { problem } from '#core/problem';

/** Schemas that many operations share: said once under `components`, referred to everywhere else. */
const COMPONENTS = {
  ...{ Problem: problem, Project: project, Policy: policy, Resource: resource, Target: target, Endpoints: endpoints },
  ...{ ServerGroup: serverGroup, Gateway: gateway, Deployment: deployment, Diff: diff },
  ...{ Product: product, Client: client, Subscription: subscription, ConsumerKeys: consumerKeys, NewSecret: newSecret },
  ...{ ExchangeRecord: exchangeRecord },
};

/** A registry of them, for the transforms that write OpenAPI. */
export function componentRegistry() {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(COMPONENTS)) registry.add(schema, { id });
  return registry;
}
