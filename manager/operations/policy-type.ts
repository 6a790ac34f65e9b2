import * as z from 'zod';
import { PHASES } from '#core/model/endpoint';
import { type AnyPolicyType, POLICY_CATEGORIES } from '#core/policy';
import { ProblemError } from '#core/problem';
import { operation, pathParams } from '../operation.ts';
import { settingsSchema } from './settings-schema.ts';

const policyType = z.strictObject({
  name: z.string().describe('Stable name, e.g. oauth-token-endpoint.'),
  title: z.string().describe('As people read it.'),
  description: z.string().describe('What it does.'),
  category: z.enum(POLICY_CATEGORIES).describe('Group in the Add policy menu.'),
  phases: z.array(z.enum(PHASES)).describe('The endpoints at which it may be attached.'),
  schema: z.record(z.string(), z.unknown()).describe('Its settings as JSON Schema 2020-12.'),
});

/** Policy types: what there is to configure. */
export const policyTypeOperations = [
  operation({
    id: 'policyTypes.list',
    method: 'GET',
    path: '/policy-types',
    permission: 'policy-types:read',
    summary: 'List the policy types with the JSON Schema of their settings.',
    response: z.strictObject({ items: z.array(policyType), total: z.int() }),
    handler: ({ context }) => {
      const items = context.policyTypes.map(describe);
      return { body: { items, total: items.length } };
    },
  }),
  operation({
    id: 'policyTypes.get',
    method: 'GET',
    path: '/policy-types/:type',
    permission: 'policy-types:read',
    summary: 'Read a policy type.',
    params: pathParams('type'),
    response: policyType,
    handler: ({ context, params }) => {
      const type = context.policyTypes.find(({ name }) => name === params.type);
      if (type === undefined) throw new ProblemError('not_found', `There is no policy type ${params.type}.`);
      return { body: describe(type) };
    },
  }),
];

function describe(type: AnyPolicyType): z.infer<typeof policyType> {
  const { name, title, description, category, phases } = type;
  return { name, title, description, category, phases: [...phases], schema: settingsSchema(type.schema) };
}
