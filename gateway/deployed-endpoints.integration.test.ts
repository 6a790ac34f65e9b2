import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import type { AuthorizationEndpointSettings } from '#core/authorization-endpoint';
import type { FeedServerGroup } from '#core/change-feed';
import { HeaderList } from '#core/headers';
import type { AnyPolicyType, PolicyServices } from '#core/policy';
import { policyTypes } from '#policies/registry';
import { attach, deploymentOf, openPlane, testGroup } from '#test/support/data-plane';
import { createPresentEndpoints, noteEndpoints } from './deployed-endpoints.ts';

const context = {
  project: { id: 'prj_1', name: 'access-token', displayName: 'AccessToken', contextPath: '/token', version: 1 },
  serverGroup: {
    id: 'grp_1',
    name: 'local',
    publicUrl: 'https://api.example.com',
    authorizationUrl: 'https://login.example.com',
  },
  policy: { name: 'p', displayName: 'P' },
  phase: 'proxyRequest',
} as const;

test('what is deployed is what was compiled; a swap changes it', () => {
  const answer = () => undefined;
  const services: Pick<PolicyServices, 'tokenIssuer' | 'authorizationEndpoint'> = {
    tokenIssuer: { compileEndpoint: () => answer },
    authorizationEndpoint: { compileAuthorization: () => answer },
  };
  const noted = noteEndpoints(services);
  const settings = policyTypes.find(({ name }) => name === 'oauth-token-endpoint')?.schema.parse({});
  assert.equal(noted.services.tokenIssuer.compileEndpoint(settings, context), answer);
  const project = { ...context.project, name: 'sign-in', contextPath: '/authorize' };
  const authorization = { tokenProject: 'access-token' } as AuthorizationEndpointSettings;
  noted.services.authorizationEndpoint.compileAuthorization(authorization, { ...context, project });
  const present = createPresentEndpoints();
  assert.equal(present.findTokenProject('access-token'), undefined);
  present.use([{ id: 'prj_T', name: 'access-token', endpoints: noted.found() }]);
  assert.equal(present.findProjectId('access-token'), 'prj_T');
  assert.equal(present.findTokenProject('access-token')?.issuer, 'https://api.example.com/token');
  assert.deepEqual(present.authorizationProjectsOf('access-token'), [
    { name: 'sign-in', url: 'https://login.example.com/authorize', settings: authorization },
  ]);
  assert.deepEqual(present.authorizationProjectsOf('other'), []);
  present.use([]);
  assert.equal(present.findProjectId('access-token'), undefined);
  assert.equal(present.findTokenProject('access-token'), undefined);
});

/** Answers with its project's name. */
const named: AnyPolicyType = {
  name: 'named',
  title: 'Named',
  description: 'Says which project answers.',
  category: 'test',
  phases: ['proxyRequest'],
  schema: policyTypes[0]?.schema as AnyPolicyType['schema'],
  summarize: () => '',
  compile: (_, { context: { project } }) => ({
    proxyRequest: () => ({ status: 200, headers: new HeaderList(), body: project.name }),
  }),
};

test('a host of sign-in pages has nothing else on it, and they are not on the host of the public URL', async () => {
  const group: FeedServerGroup = { ...testGroup(), authorizationUrl: 'http://login.example.com' };
  const publicGroup = { ...group, publicUrl: 'http://api.example.com' };
  await using plane = await openPlane([named], {}, publicGroup);
  const policies = [{ name: 'named', type: 'named' }];
  const endpoints = attach({ proxyRequest: ['named'] });
  const deployed = plane.deploy(
    deploymentOf({ name: 'orders', contextPath: '/authorize/orders', policies, endpoints }),
    deploymentOf({
      ...{ name: 'sign-in', contextPath: '/authorize', policies, endpoints, urls: [] },
      project: { kind: 'oauth-authorization-endpoint' },
    }),
  );
  assert.deepEqual(deployed.refused, []);
  const call = (host: string, path: string) =>
    new Promise<string>((resolve, reject) => {
      const sent = request({ port: plane.port, path, headers: { Host: host } }, async (answer) => {
        let text = '';
        for await (const chunk of answer) text += chunk;
        resolve(answer.statusCode === 200 ? text : String(answer.statusCode));
      });
      sent.on('error', reject).end();
    });
  assert.equal(await call('api.example.com', '/authorize/orders/1'), 'orders');
  assert.equal(await call('api.example.com', '/authorize/sign-in'), '404');
  assert.equal(await call('login.example.com', '/authorize/sign-in'), 'sign-in');
  assert.equal(await call('login.example.com', '/authorize/orders/1'), 'sign-in');
  assert.equal(await call('LOGIN.example.com:8443', '/orders'), '404');
});
