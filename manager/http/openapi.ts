import swagger from '@fastify/swagger';
import Fastify, { type FastifyInstance, type FastifySchema } from 'fastify';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import * as z from 'zod';
import { PROBLEM_MEDIA_TYPE, problem } from '#core/problem';
import type { Operation } from '../operation.ts';
import { componentRegistry } from './openapi-components.ts';
import { API_PREFIX } from './route.ts';

const ifMatchHeader = z.object({
  'if-match': z.string().describe('ETag of what is changed, e.g. "3", or * for whatever it is now.'),
});

/**
 * The management API as OpenAPI 3.1, made of the same schemas that check its requests. It comes from an app that is never served, so that
 * nothing of it is paid for at start.
 */
export async function describeApi(operations: readonly Operation[], version: string): Promise<Record<string, unknown>> {
  const config = { schemaRegistry: componentRegistry(), zodToJsonConfig: { unrepresentable: 'any' } } as const;
  const app = Fastify({ exposeHeadRoutes: false });
  app.setValidatorCompiler(() => () => true);
  app.setSerializerCompiler(() => JSON.stringify);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Gatewright management API',
        version,
        description:
          'Configures, deploys, watches and explains. Names: every noun has an immutable name; path parameters take name or id. Lists page by cursor. Changes take If-Match. Errors are problem documents (RFC 9457).',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      tags: [...new Set(operations.map(tagOf))].map((name) => ({ name })),
      components: {
        securitySchemes: {
          managementKey: { type: 'http', scheme: 'bearer', description: 'A management key, gwm_…' },
        },
      },
    },
    transform: createJsonSchemaTransform(config),
    transformObject: createJsonSchemaTransformObject(config),
  });
  for (const operation of operations) describe(app, operation);
  await app.ready();
  return { ...app.swagger() };
}

function describe(app: FastifyInstance, operation: Operation): void {
  const schema: FastifySchema & Record<string, unknown> = {
    operationId: operation.id,
    summary: operation.summary,
    description: operation.permission === 'open' ? 'Needs no key.' : `Permission: ${operation.permission}.`,
    tags: [tagOf(operation)],
    ...(operation.permission === 'open' ? {} : { security: [{ managementKey: [] }] }),
    ...(hasFields(operation.params) ? { params: operation.params } : {}),
    ...(hasFields(operation.query) ? { querystring: operation.query } : {}),
    ...(operation.body === undefined ? {} : { body: operation.body }),
    ...(operation.ifMatch ? { headers: ifMatchHeader } : {}),
    response: {
      [operation.status]: answerOf(operation),
      default: { description: 'A problem.', content: { [PROBLEM_MEDIA_TYPE]: { schema: problem } } },
    },
  };
  app.route({ method: operation.method, url: API_PREFIX + operation.path, schema, handler: async () => undefined });
}

function answerOf(operation: Operation): object {
  if (operation.response === undefined) return z.null().describe('Done.');
  const schema = operation.media === 'application/json' ? operation.response : z.string();
  return { description: 'Done.', content: { [operation.media]: { schema } } };
}

function hasFields(schema: z.ZodType): boolean {
  return !(schema instanceof z.ZodObject) || Object.keys(schema.shape).length > 0;
}

function tagOf(operation: Operation): string {
  return operation.id.split('.')[0] ?? operation.id;
}
