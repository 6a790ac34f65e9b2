import type { AuthorizationEndpointSettings } from '#core/authorization-endpoint';
import { Refusal } from '#core/errors';
import type { TokenEndpointSettings } from '#core/token-issuer';
import { grantScopes } from '../checks/scope.ts';
import { type AuthorizationParameters, checkReadable } from './parameters.ts';
import type { Requester } from './requester.ts';

export type ResponseType = AuthorizationEndpointSettings['responseTypes'][number];
export type ResponseMode = AuthorizationEndpointSettings['responseModes'][number];

/** How the client is answered: known as soon as the requester is, for errors too. */
export interface AnswerForm {
  readonly mode: ResponseMode;
  readonly state: string | undefined;
}

/** An authorization request in which everything is allowed. */
export interface AuthorizationRequest extends Requester {
  readonly responseType: ResponseType;
  readonly answer: AnswerForm;
  /** S256 challenge (RFC 7636 §4.2). */
  readonly codeChallenge: string | undefined;
  /** What would be granted. */
  readonly scopes: readonly string[];
  /** What the answer says of the scope; undefined when it is what was asked for. */
  readonly scope: string | undefined;
  readonly resources: readonly string[];
}

/** What requests are held against. */
export interface RequestRules {
  readonly settings: AuthorizationEndpointSettings;
  /** Of the token end point project that makes tokens of the answer. */
  readonly tokenSettings: TokenEndpointSettings;
}

/** How errors of a request are answered; a mode that is not offered, or cannot be read, is the default of its response type. */
export function answerFormOf(
  { values, repeated }: AuthorizationParameters,
  settings: AuthorizationEndpointSettings,
): AnswerForm {
  const asked = settings.responseModes.find((mode) => mode === values.response_mode);
  const fallback = defaultModeOf(values.response_type);
  const isFit = asked !== undefined && !(asked === 'query' && fallback === 'fragment');
  return { mode: isFit ? asked : fallback, state: repeated.includes('state') ? undefined : values.state };
}

/**
 * Checks all of a request but who sent it, in the order in which the checks stand here. What fails is told to the client.
 * @throws Refusal `authorization_request`, `response_type_off`, `resource_invalid`, `oauth_scope`
 */
export function checkRequest(
  parameters: AuthorizationParameters,
  requester: Requester,
  { settings, tokenSettings }: RequestRules,
): AuthorizationRequest {
  checkReadable(parameters);
  checkRequestObject(parameters);
  const responseType = findResponseType(parameters, settings, tokenSettings);
  checkResponseMode(parameters, settings);
  const codeChallenge = responseType === 'code' ? findChallenge(parameters, requester, settings) : undefined;
  for (const resource of parameters.resources) checkResource(resource);
  const granted = grantScopes(parameters.values.scope, requester, tokenSettings.scopeMatch);
  return {
    ...requester,
    responseType,
    answer: answerFormOf(parameters, settings),
    codeChallenge,
    scopes: granted.scopes,
    scope: granted.scope,
    resources: parameters.resources,
  };
}

/** Requests as JWT (RFC 9101) are not taken; a pushed one has become plain parameters before. */
function checkRequestObject({ values }: AuthorizationParameters): void {
  for (const parameter of ['request', 'request_uri'])
    if (values[parameter] !== undefined)
      throw new Refusal('authorization_request', { parameter, problem: 'not_offered', detail: 'a request object' });
}

function findResponseType(
  { values }: AuthorizationParameters,
  settings: AuthorizationEndpointSettings,
  tokenSettings: TokenEndpointSettings,
): ResponseType {
  const given = values.response_type;
  if (given === undefined)
    throw new Refusal('authorization_request', { parameter: 'response_type', problem: 'missing' });
  const offered = offeredTypes(settings, tokenSettings);
  const found = offered.find((type) => type === given);
  if (found === undefined) throw new Refusal('response_type_off', { responseType: given.slice(0, 60), offered });
  return found;
}

/** Response types that lead to a token: codes only where the token end point takes them. */
export function offeredTypes(
  settings: Pick<AuthorizationEndpointSettings, 'responseTypes'>,
  { grantTypes }: Pick<TokenEndpointSettings, 'grantTypes'>,
): readonly ResponseType[] {
  return settings.responseTypes.filter((type) => type === 'token' || grantTypes.includes('authorization_code'));
}

/** OAuth 2.0 Multiple Response Types §2.1: a token never stands in a query. */
function checkResponseMode({ values }: AuthorizationParameters, settings: AuthorizationEndpointSettings): void {
  const { response_mode: given, response_type: type } = values;
  const isFit = given === undefined || settings.responseModes.some((mode) => mode === given);
  if (!isFit || (given === 'query' && defaultModeOf(type) === 'fragment'))
    throw new Refusal('authorization_request', {
      ...{ parameter: 'response_mode', problem: 'not_offered', detail: given?.slice(0, 60) },
      offered: settings.responseModes.filter((mode) => mode !== 'query' || defaultModeOf(type) !== 'fragment'),
    });
}

function defaultModeOf(responseType: string | undefined): 'query' | 'fragment' {
  return responseType?.split(' ').includes('token') === true ? 'fragment' : 'query';
}

/** RFC 7636 §4.3, §4.4.1: S256 only; a method that is left out means `plain`. Public clients always need one (RFC 9700 §2.1.1). */
function findChallenge(
  { values }: AuthorizationParameters,
  { client }: Requester,
  { requirePkce }: AuthorizationEndpointSettings,
): string | undefined {
  const { code_challenge: challenge, code_challenge_method: method } = values;
  if (challenge === undefined) {
    if (method !== undefined)
      throw new Refusal('authorization_request', { parameter: 'code_challenge', problem: 'missing' });
    if (requirePkce === 'always' || client.kind === 'public' || client.authMethod === 'none')
      throw new Refusal('authorization_request', {
        ...{ parameter: 'code_challenge', problem: 'challenge_missing', client: client.displayName },
      });
    return undefined;
  }
  if (method !== 'S256')
    throw new Refusal('authorization_request', { parameter: 'code_challenge_method', problem: 'challenge_plain' });
  if (!/^[A-Za-z0-9_-]{43}$/.test(challenge))
    throw new Refusal('authorization_request', {
      ...{ parameter: 'code_challenge', problem: 'malformed', detail: 'S256 gives 43 base64url characters' },
    });
  return challenge;
}

/** RFC 8707 §2: an absolute URI, without fragment. */
function checkResource(resource: string): void {
  const detail = resource.includes('#')
    ? 'it has a fragment'
    : !/^[a-z][a-z0-9+.-]*:/i.test(resource) || !URL.canParse(resource)
      ? 'it is no absolute URI'
      : undefined;
  if (detail !== undefined) throw new Refusal('resource_invalid', { resource: resource.slice(0, 300), detail });
}
