import type { AnyPolicyType } from '#core/policy';
import { assignVariables } from './assign-variables/policy.ts';
import { callPolicyChain } from './call-policy-chain/policy.ts';
import { mockAnswer } from './mock-answer/policy.ts';
import { oauthAuthorizationEndpoint } from './oauth-authorization-endpoint/policy.ts';
import { oauthTokenEndpoint } from './oauth-token-endpoint/policy.ts';
import { oauthVerifyAccessToken } from './oauth-verify-access-token/policy.ts';
import { quota } from './quota/policy.ts';
import { script } from './script/policy.ts';
import { serviceCallout } from './service-callout/policy.ts';
import { setHeaders } from './set-headers/policy.ts';
import { spikeArrest } from './spike-arrest/policy.ts';

/** Every policy type that is compiled in, in the order of the Add policy menu. */
export const policyTypes: readonly AnyPolicyType[] = [
  oauthTokenEndpoint,
  oauthAuthorizationEndpoint,
  oauthVerifyAccessToken,
  quota,
  spikeArrest,
  setHeaders,
  assignVariables,
  serviceCallout,
  script,
  callPolicyChain,
  mockAnswer,
];
