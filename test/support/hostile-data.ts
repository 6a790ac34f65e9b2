import { generateKeyPairSync } from 'node:crypto';
import http from 'node:http';
import { join } from 'node:path';
import type { System } from './system.ts';

/** Texts that become a program wherever they are taken for markup, a template or an address; each tells by `m12m` where it was put. */
export interface HostileData {
  /** What was put where: `clients.create /tags/*`. The number in the text is the index. */
  readonly places: readonly string[];
  /** Texts that the API refused, with the answer: addresses that are none. */
  readonly refused: readonly { readonly place: string; readonly status: number }[];
}

/** Id of the request whose record is hostile in every field. */
export const HOSTILE_REQUEST = 'req_HOSTILE000000001';
/** A display name as long as it may be. */
export const LONG_NAME = `W${'w'.repeat(62)}W`;

/** Where no text of somebody's own stays: names of things that must exist, secrets, what is only looked at. */
const NOT_KEPT = [
  /^projects\.create \/(?:targetUrl|scopes\/\*)$/, // an address; scopes are checked by their own rule
  /^policies\.create \/type$/,
  /^targets\.\w+ \/urls\/\*\/url$/,
  /^imports\.(?:preview\w+|into|createProject) /, // shown to who sends them: the wizards below
  /^imports\.\w+ \/(?:targetUrl|service|port|tags\/\*|scopes\/\*)$/,
  /^deployments\.\w+ \/(?:project|serverGroup)$/,
  /^serverGroups\.\w+ \/publicUrl$/,
  /^products\.\w+ \/projects\/\*$/,
  /^subscriptions\.create /,
  /^(?:try\.send|targets\.check|audit\.verify) /,
  /^session\.(?:create|changePassword|\w+SecondFactor) /,
  /^users\.\w+ \/(?:password|token)$/,
  /^identityProviders\.\w+ \/clientSecret$/,
  /^setup\.redeem /, // settings.update has the same team name
  /^serverGroups\.\w+ \/authorizationUrl$/,
  /^clients\.\w+ \/(?:redirectUris\/\*|jwks\/keys\/\*\/(?:n|e|x|y|x5c\/\*|\*))$/, // addresses and keys are checked by rules of their own
  /^directories\.\w+ \/(?:ldap\/(?:ca|userDn|searchFilter|bindPassword)|oidc\/clientSecret)$/,
  /^directories\.check /,
  /^tokenStores\.\w+ \/(?:\w+\/(?:ca|password)|sqlite\/file)$/, // what is tried as a certificate or a path
  /^tokenStores\.(?:test|migrate) /,
  /^resourceOwners\.(?:create \/(?:name|password)|setPassword \/password)$/,
  /^resourceOwners\.revoke(?:Consent|Grants) \/(?:client|project)$/,
];

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly enum?: unknown;
  readonly const?: unknown;
  readonly format?: string;
  readonly pattern?: string;
  readonly allOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
}

/** How a text is written that is put somewhere: its number, and how long it may be. Up to 64 it is a word of one line. */
export type HostileText = (number: number, limit: number) => string;

const markup: HostileText = (number, limit) => {
  const whole =
    `m${number}m"'><img src=x onerror=window.__pwned=1><script>window.__pwned=1</script>` +
    `<svg/onload=window.__pwned=1>{{7*7}}#{7*7}javascript:window.__pwned=1</textarea></title><!--\`\u202e`;
  // Words in one line have no marks that turn the reading direction: core/model/name.ts.
  return whole.length <= limit ? whole : `m${number}m"><img src=x onerror=window.__pwned=1>`;
};

/** Puts hostile texts into every field that takes them, over the API and in a gateway's report. */
export async function plantHostileData(system: System, text: HostileText = markup): Promise<HostileData> {
  const places: string[] = [];
  const covered = new Set<string>();
  const refused: { place: string; status: number }[] = [];
  /** A text for a place. */
  const evil = (place: string, limit = 2000): string => {
    covered.add(place);
    return text(places.push(place) - 1, limit);
  };
  const must = system.must;

  await plantWhoSignsIn(must, evil);
  await must('PATCH', '/settings', { teamName: evil('settings.update /teamName', 64) });
  await must('PATCH', '/projects/orders-api', { description: evil('projects.update /description') });
  await must('POST', '/projects', {
    ...{ displayName: LONG_NAME, name: 'long', kind: 'http', contextPath: '/long', targetUrl: 'echo:' },
    description: evil('projects.create /description'),
  });
  covered.add('policies.create /config/*').add('policies.update /config/*');
  const config = (place: string) => ({
    body: evil(`${place} /config/body`),
    headers: [{ name: 'x-evil', value: evil(`${place} /config/headers`, 64) }],
  });
  await must('POST', '/projects/orders-api/policies', {
    ...{ type: 'mock-answer', name: 'evil', displayName: LONG_NAME, config: config('policies.create') },
  });
  await must('PATCH', '/projects/orders-api/policies/evil', { config: config('policies.update') });
  await must('PUT', '/projects/orders-api/resources/default-resource/endpoints/targetRequest', {
    attachments: [{ policy: 'evil', enabled: false }],
  });

  for (const [kind, place, source] of [
    ['openapi', 'imports.createOpenApi', openApi(evil)],
    ['wsdl', 'imports.createWsdl', wsdl(evil)],
  ] as const) {
    covered.add(`${place} /source`);
    await must('POST', `/imports/${kind}`, {
      ...{ source, displayName: `Evil ${kind}`, contextPath: `/evil-${kind}`, targetUrl: 'http://192.0.2.1' },
      fileName: evil(`${place} /fileName`, 255),
      description: evil(`${place} /description`),
    });
  }

  const group = { displayName: 'Edge', description: evil('serverGroups.create /description') };
  await must('POST', '/server-groups', group);
  await must('PATCH', '/server-groups/local', { description: evil('serverGroups.update /description') });
  await must('PUT', '/server-groups/local/variables/evil', { value: evil('groupVariables.put /value') });

  await must('POST', '/products', { displayName: 'Evil', description: evil('products.create /description') });
  await must('PATCH', '/products/shop', { description: evil('products.update /description') });
  await must('POST', '/clients', {
    ...{ displayName: 'Evil', description: evil('clients.create /description') },
    tags: [evil('clients.create /tags/*', 64)],
  });
  await must('PATCH', '/clients/mobile-shop', {
    ...{ description: evil('clients.update /description'), tags: [evil('clients.update /tags/*', 64)] },
  });
  await must('PATCH', '/products/evil', { approval: 'by-hand' });
  for (const client of ['evil', 'mobile-shop']) await must('POST', '/subscriptions', { client, product: 'evil' });
  const reason = (place: string) => ({ reason: evil(`${place} /reason`, 500) });
  await must('POST', '/subscriptions/evil-evil/approve', reason('subscriptions.approve'));
  await must('POST', '/subscriptions/evil-evil/keys', { name: evil('keys.create /name', 64) });
  await must('POST', '/subscriptions/evil-evil/keys/rotate', { name: evil('keys.rotate /name', 64) });
  const { secrets } = await must<{ secrets: { id: string }[] }>('GET', '/subscriptions/evil-evil/keys');
  const [secret] = secrets;
  await must('POST', `/subscriptions/evil-evil/secrets/${secret?.id}/end`, reason('secrets.end'));
  await must('POST', '/subscriptions/evil-evil/revoke-tokens', reason('subscriptions.revokeTokens'));
  await must('POST', '/subscriptions/evil-evil/suspend', reason('subscriptions.suspend'));
  await must('POST', '/subscriptions/evil-evil/resume', reason('subscriptions.resume'));
  await must('POST', '/subscriptions/mobile-shop-evil/end', reason('subscriptions.end'));
  await must('POST', '/clients/evil/revoke-tokens', reason('clients.revokeTokens'));
  await must('POST', '/clients/evil/disable', reason('clients.disable'));
  await must('POST', '/clients/evil/enable', reason('clients.enable'));
  await must('POST', '/clients/evil/disable', { reason: text(places.indexOf('clients.disable /reason'), 500) });

  const place = { project: 'orders-api', serverGroup: 'local' };
  await must('POST', '/deployments', { ...place, note: evil('deployments.create /note', 500) });
  await must('POST', '/deployments/rollback', { ...place, reason: evil('deployments.rollback /reason', 500) });
  await must('POST', '/deployments/undeploy', { ...place, note: evil('deployments.undeploy /note', 500) });
  await must('PATCH', '/projects/orders-api', { keepContextPath: true });

  const roles = [{ role: 'viewer' }];
  await must('POST', '/users', {
    ...{ name: 'evil', roles, password: 'a calm sea and prosperous voyage' },
    displayName: evil('users.create /displayName', 64),
  });
  await must('PATCH', '/users/ben', { displayName: evil('users.update /displayName', 64) });
  await must('POST', '/management-keys', { displayName: LONG_NAME, name: 'long', roles, owner: 'machine' });
  const mapping = (name: string) => [{ value: evil(`${name} /roleMapping/*/value`, 256), roles }];
  await must('POST', '/identity-providers', {
    ...{ displayName: LONG_NAME, name: 'evil', issuer: 'https://id.example/', clientSecret: 'b', roleClaim: 'groups' },
    ...{ clientId: evil('identityProviders.create /clientId', 512) },
    roleMapping: mapping('identityProviders.create'),
  });
  await must('PATCH', '/identity-providers/harbour-id', {
    ...{
      clientId: evil('identityProviders.update /clientId', 512),
      roleMapping: mapping('identityProviders.update'),
      roleClaim: 'groups',
    },
  });

  await report(system, evil);
  for (const [method, path, field, value] of [
    ['PATCH', '/server-groups/edge', 'publicUrl', 'javascript:window.__pwned=1'],
    ['PATCH', '/server-groups/edge', 'publicUrl', 'https://evil.example/"><script>'],
    ['PATCH', '/identity-providers/evil', 'issuer', 'javascript:window.__pwned=1'],
    ['PATCH', '/users/ben', 'displayName', 'Anna\u202egro.elpmaxe@nna'],
    ['PATCH', '/settings', 'teamName', 'Team\u2066'],
    ['PATCH', '/clients/evil', 'ownerEmail', 'javascript:window.__pwned=1'],
    ['POST', '/clients', 'displayName', '<b>Evil</b>'],
    ['POST', '/products', 'displayName', 'Evil\u202e'],
    ['POST', '/projects/orders-api/targets', 'urls', [{ url: 'javascript:window.__pwned=1' }]],
  ] as const) {
    const body = { ...(path.endsWith('targets') && { displayName: 'Evil' }), [field]: value };
    refused.push({ place: `${method} ${path} ${field}`, status: (await system.api(method, path, body)).status });
  }
  covered.add('session.updateUser /displayName'); // users.update writes the same field
  const { paths, components } = await must<Description>('GET', '/openapi.json');
  for (const { place: field } of freeTexts(paths, components?.schemas ?? {}))
    if (!covered.has(field) && !NOT_KEPT.some((known) => known.test(field)))
      throw new Error(`${field} takes any text, and no hostile one is put there: test/support/hostile-data.ts.`);
  return { places, refused };
}

interface Description {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedRequest>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}
interface DescribedRequest {
  readonly operationId: string;
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}

/** Every field of a body that takes a text of markup, as the API describes itself. */
function freeTexts(paths: Description['paths'], known: Readonly<Record<string, Schema>>): { place: string }[] {
  const found: { place: string }[] = [];
  const walk = (schema: Schema | undefined, place: string, depth: number): void => {
    if (schema === undefined || depth > 14 || schema.enum !== undefined || schema.const !== undefined) return;
    if (schema.$ref !== undefined) walk(known[schema.$ref.split('/').at(-1) ?? ''], place, depth + 1);
    if (schema.type === 'string') {
      const patterns = [schema.pattern, ...(schema.allOf ?? []).map(({ pattern }) => pattern)];
      const takesIt = patterns.every(
        (pattern) => pattern === undefined || new RegExp(pattern, 'u').test(markup(1, 64)),
      );
      if (schema.format === undefined && takesIt) found.push({ place });
      return;
    }
    for (const part of [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])])
      walk(part, place, depth + 1);
    for (const [name, part] of Object.entries(schema.properties ?? {})) walk(part, `${place}/${name}`, depth + 1);
    if (schema.items !== undefined) walk(schema.items, `${place}/*`, depth + 1);
    if (typeof schema.additionalProperties !== 'object') return;
    if (Object.keys(schema.additionalProperties).length === 0) found.push({ place: `${place}/*` });
    else walk(schema.additionalProperties, `${place}/*`, depth + 1);
  };
  for (const methods of Object.values(paths))
    for (const { operationId, requestBody } of Object.values(methods))
      walk(requestBody?.content['application/json']?.schema, `${operationId} `, 0);
  return found;
}

type Evil = (place: string, limit?: number) => string;

/** Policy chains, keys and certificates of clients, directories and resource owners. */
async function plantWhoSignsIn(must: System['must'], evil: Evil): Promise<void> {
  const chain = { displayName: LONG_NAME, name: 'evil', description: evil('policyChains.create /description') };
  await must('POST', '/projects/orders-api/policy-chains', chain);
  await must('PATCH', '/projects/orders-api/policy-chains/evil', {
    description: evil('policyChains.update /description'),
  });
  const certificateName = (place: string) => ({
    field: 'subject_dn',
    value: `CN=${evil(`${place} /certificateName/value`, 64).replace(/[\\",+]/g, String.raw`\$&`)}`, // RFC 4514 §2.4
  });
  const byCertificate = { displayName: 'Evil certificate', name: 'evil-certificate', authMethod: 'tls_client_auth' };
  await must('POST', '/clients', { ...byCertificate, certificateName: certificateName('clients.create') });
  await must('PATCH', '/clients/evil-certificate', { certificateName: certificateName('clients.update') });
  const { publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const jwks = (place: string) => {
    const kid = evil(`${place} /jwks/keys/*/kid`, 64);
    return { jwks: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid }] } };
  };
  const byKey = { displayName: 'Evil key', name: 'evil-key', authMethod: 'private_key_jwt' };
  await must('POST', '/clients', { ...byKey, ...jwks('clients.create') });
  await must('PATCH', '/clients/evil-key', jwks('clients.update'));
  const ldap = (place: string) => ({
    ...{ searchBase: evil(`${place} /ldap/searchBase`, 1000), bindDn: evil(`${place} /ldap/bindDn`, 1000) },
  });
  const url = 'ldaps://ldap.example';
  await must('POST', '/directories', {
    ...{ displayName: LONG_NAME, name: 'evil-ldap', kind: 'ldap' },
    ldap: { url, bindPassword: 'b', ...ldap('directories.create') },
  });
  await must('PATCH', '/directories/evil-ldap', { ldap: ldap('directories.update') });
  await must('POST', '/directories', {
    ...{ displayName: 'Evil provider', name: 'evil-oidc', kind: 'oidc' },
    oidc: {
      issuer: 'https://id.example/',
      clientId: evil('directories.create /oidc/clientId', 512),
      clientSecret: 'b',
    },
  });
  await must('PATCH', '/directories/evil-oidc', { oidc: { clientId: evil('directories.update /oidc/clientId', 512) } });
  const owner = { name: 'evil', password: 'a calm sea and prosperous voyage' };
  const { id } = await must<{ id: string }>('POST', '/resource-owners', {
    ...{ ...owner, displayName: evil('resourceOwners.create /displayName', 64) },
  });
  await must('PATCH', `/resource-owners/${id}`, { displayName: evil('resourceOwners.update /displayName', 64) });
  for (const [operation, path] of [
    ['disable', 'disable'],
    ['enable', 'enable'],
    ['revokeTokens', 'revoke-tokens'],
    ['revokeGrants', 'revoke-grants'],
  ]) {
    const reason = evil(`resourceOwners.${operation} /reason`, 500);
    await must('POST', `/resource-owners/${id}/${path}`, { reason });
  }
  const consent = { client: 'evil', project: 'orders-api', reason: evil('resourceOwners.revokeConsent /reason', 500) };
  await must('POST', `/resource-owners/${id}/revoke-consent`, consent).catch(() => undefined); // there is none to take back
  await plantStores(must, evil);
}

/** Token stores that nobody reaches. */
async function plantStores(must: System['must'], evil: Evil): Promise<void> {
  const settings = (place: string) => ({
    redis: { sentinelName: evil(`${place} /redis/sentinelName`, 64), user: evil(`${place} /redis/user`, 64) },
    postgres: { database: evil(`${place} /postgres/database`, 63), user: evil(`${place} /postgres/user`, 64) },
    cassandra: { dataCentre: evil(`${place} /cassandra/dataCentre`, 64), user: evil(`${place} /cassandra/user`, 64) },
  });
  const made = settings('tokenStores.create');
  const changed = settings('tokenStores.update');
  const nowhere = {
    redis: { mode: 'sentinel', nodes: ['127.0.0.1:1'] },
    postgres: { host: '127.0.0.1', port: 1 },
    cassandra: { contactPoints: ['127.0.0.1:1'] },
  };
  for (const kind of ['redis', 'postgres', 'cassandra'] as const) {
    const own = { [kind]: { ...nowhere[kind], ...made[kind] } };
    await must('POST', '/token-stores', { displayName: `Evil ${kind}`, kind, ...own });
    await must('PATCH', `/token-stores/evil-${kind}`, { [kind]: changed[kind] });
  }
}

/** An OpenAPI document that is hostile in every text. */
export function openApi(evil: Evil): string {
  const name = (what: string) => evil(`openapi ${what}`);
  return JSON.stringify({
    openapi: '3.1.0',
    info: { title: name('title'), version: name('version'), description: name('info description') },
    servers: [{ url: 'https://shop.example.com', description: name('server') }],
    tags: [{ name: name('tag'), description: name('tag description') }],
    paths: {
      '/a/{id}': {
        parameters: [{ name: 'id', in: 'path', required: true, schema: { type: 'string' } }],
        get: {
          operationId: name('operationId'),
          summary: name('summary'),
          description: name('description'),
          tags: [name('operation tag')],
          callbacks: { [name('callback')]: {} },
          responses: { 200: { description: name('answer') } },
        },
      },
    },
    'x-evil': name('extension'),
  });
}

/** A WSDL that is hostile in every text. */
export function wsdl(evil: Evil): string {
  const escaped = (value: string) => value.replace(/[<>&"']/g, (sign) => `&#${sign.charCodeAt(0)};`);
  const name = (what: string) => escaped(evil(`wsdl ${what}`, 64));
  return `<definitions name="Evil" targetNamespace="urn:evil" xmlns:tns="urn:evil" xmlns="http://schemas.xmlsoap.org/wsdl/"
    xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/"><documentation>${name('documentation')}</documentation>
    <portType name="P"><operation name="count"><documentation>${name('operation documentation')}</documentation></operation></portType>
    <binding name="B" type="tns:P"><soap:binding style="rpc" transport="http://schemas.xmlsoap.org/soap/http"/>
      <operation name="count"><soap:operation soapAction="${name('action')}"/></operation></binding>
    <service name="Evil"><documentation>${name('service documentation')}</documentation>
      <port name="Port" binding="tns:B"><soap:address location="http://192.0.2.1/x"/></port></service></definitions>`;
}

/** A gateway's report, as somebody who took one over could send it: hostile in every field. */
async function report(system: System, evil: Evil): Promise<void> {
  const at = Date.now();
  const field = (name: string) => evil(`report ${name}`, 1000);
  const record = {
    ...{ id: HOSTILE_REQUEST, at, gatewayId: 'gtw_evil', gateway: field('gateway'), serverGroup: 'local' },
    ...{ method: field('method'), host: field('host'), path: `/${field('path')}`, queryNames: [field('query name')] },
    ...{ remoteAddress: field('address'), status: 502, tookMs: 1, requestBytes: 0, responseBytes: 0 },
    ...{ code: 'target_refused', facts: { error: field('fact') }, clientName: field('client') },
    ...{ clientDisplayName: field('client display name'), callerRequestId: field('caller request id') },
    ...{
      project: 'orders-api',
      projectDisplayName: field('project'),
      resource: field('resource'),
      triedBy: field('tried by'),
    },
    tokenPrefix: field('token'),
    policies: [
      {
        ...{ policy: field('policy'), displayName: field('policy display name'), type: 'mock-answer' },
        ...{
          phase: 'proxyRequest',
          outcome: 'failed',
          ms: 1,
          code: 'policy_error',
          facts: { error: field('policy fact') },
        },
      },
    ],
    target: { target: field('target'), url: field('target url'), outcome: 'failed', tries: 1, error: field('error') },
  };
  const body = JSON.stringify({
    ...{
      gatewayId: 'gtw_evil',
      name: 'evil-1',
      serverGroup: 'edge',
      address: '',
    },
    ...{ softwareVersion: field('version'), startedAt: at, epoch: '', seq: 0, state: 'ready', workers: 1 },
    ...{
      problem: field('problem'),
      machine: field('machine').slice(0, 128),
      tokenStore: { kind: 'sqlite', place: field('place') },
    },
    ...{ refused: [], batchId: 'evil', records: [record], counts: [], dropped: [], secretsUsed: [] },
  });
  const answer = await sendReport(system, body);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  for (const wrong of [
    { address: 'javascript:window.__pwned=1' },
    { address: 'http://a/?<b>' },
    { name: '"><b>' },
    { name: '$(id)' },
  ]) {
    const refused = await sendReport(system, JSON.stringify({ ...JSON.parse(body), ...wrong }));
    if (refused.status !== 422) throw new Error(`${JSON.stringify(wrong)}: ${refused.status}`);
  }
}

function sendReport(system: System, body: string): Promise<{ status: number; text: string }> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json' };
    const options = {
      socketPath: join(system.dataDir, 'manager.sock'),
      method: 'POST',
      path: '/internal/v1/reports',
      headers,
    };
    const request = http.request(options, async (response) =>
      resolve({ status: response.statusCode ?? 0, text: (await response.toArray()).join('') }),
    );
    request.once('error', reject);
    request.end(body);
  });
}
