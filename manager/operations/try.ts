import { targetCheck, targetCheckRequest, tryAnswer, tryRequest } from '#core/model/try';
import { operation } from '../operation.ts';
import { checkTarget, tryIt } from '../try/try-it.ts';

/** Calls that the manager makes through a gateway: Try it, and the wizard's look at a target. */
export const tryOperations = [
  operation({
    id: 'try.send',
    method: 'POST',
    path: '/try',
    permission: 'try:write',
    summary:
      'Call what is deployed on a server group, through one of its gateways, with a token of a subscription or your own.',
    body: tryRequest,
    response: tryAnswer,
    handler: async ({ context, actor, body }) => ({ body: await tryIt(context, actor, body) }),
  }),
  operation({
    id: 'targets.check',
    method: 'POST',
    path: '/targets/check',
    permission: 'projects:write',
    summary: 'Let a gateway ask a target once: does it answer, with which class of status, and how fast.',
    body: targetCheckRequest,
    response: targetCheck,
    handler: async ({ context, actor, body }) => ({ body: await checkTarget(context, actor, body) }),
  }),
];
