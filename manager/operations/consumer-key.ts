import * as z from 'zod';
import { usesSecret } from '#core/model/client-rules';
import {
  type ConsumerKeys,
  consumerKeys,
  consumerSecret,
  createSecret,
  endSecret,
  newSecret,
  rotateSecret,
} from '#core/model/consumer-key';
import { ProblemError } from '#core/problem';
import { wrongValue } from '../http/validation.ts';
import { operation, pathParams } from '../operation.ts';
import { getClientRow, parseClient } from '../records/client.ts';
import { getSecretRow, hasEnded, listSecrets, parseSecret, publishConsumerKey } from '../records/secret.ts';
import { getSubscriptionRow, pagesOfSubscriptions, stateAt } from '../records/subscription.ts';
import { keysOf } from '../registry/keys-view.ts';
import { addSecret, endSecretAt } from '../registry/secrets.ts';
import type { SubscriptionTable } from '../tables.ts';
import { change } from '../unit-of-work.ts';

/** Consumer keys and secrets of subscriptions. A secret's value leaves only with the answer that made it. */
export const consumerKeyOperations = [
  operation({
    id: 'keys.list',
    method: 'GET',
    path: '/subscriptions/:subscription/keys',
    permission: 'keys:read',
    summary: 'Read the consumer key of a subscription and its secrets, without their values.',
    params: pathParams('subscription'),
    response: consumerKeys,
    handler: async ({ context, params }) => {
      const row = await getSubscriptionRow(context.db.read, params.subscription);
      const [keys] = await keysOf(context.db.read, [row], context.clock.now());
      if (keys === undefined) throw new ProblemError('not_found', 'There is no such subscription.');
      return { body: keys };
    },
  }),
  operation({
    id: 'keys.listOfClient',
    method: 'GET',
    path: '/clients/:client/keys',
    permission: 'keys:read',
    summary: 'Read the consumer keys of all subscriptions of a client.',
    params: pathParams('client'),
    response: z.strictObject({ items: z.array(consumerKeys) }),
    handler: async ({ context, params }) => {
      const client = await getClientRow(context.db.read, params.client);
      const items: ConsumerKeys[] = [];
      for await (const page of pagesOfSubscriptions(context.db.read, 'client_id', client.id))
        items.push(...(await keysOf(context.db.read, page, context.clock.now())));
      return { body: { items } };
    },
  }),
  operation({
    id: 'keys.create',
    method: 'POST',
    path: '/subscriptions/:subscription/keys',
    permission: 'keys:write',
    summary:
      'Generate consumer key and secret; further calls add a secret, up to five. Clients that prove themselves otherwise get the key alone.',
    params: pathParams('subscription'),
    body: createSecret,
    response: newSecret,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const answer = await change(context, actor, async (unit) => {
        const row = await getSubscriptionRow(unit.tx, params.subscription);
        checkNotEnded(row, unit.now);
        if (body.endsAt !== undefined && body.endsAt <= unit.now)
          throw wrongValue('/endsAt', 'too_small', 'The end must be in the future.');
        const added = await addSecret(unit, context, { subscription: row, wish: body });
        await publishConsumerKey(unit, added.subscription);
        const { secret } = added;
        const what = secret === undefined ? 'The consumer key' : `Secret ${secret.name}`;
        unit.audit({
          ...objectOf(row),
          sentence: `${what} was generated for subscription ${row.name}.`,
          after: secret,
        });
        return added.answer;
      });
      return { body: answer, location: `/subscriptions/${answer.subscription}/keys` };
    },
  }),
  operation({
    id: 'keys.rotate',
    method: 'POST',
    path: '/subscriptions/:subscription/keys/rotate',
    permission: 'keys:write',
    summary: 'Generate a new secret and let the old ones end after an overlap.',
    params: pathParams('subscription'),
    body: rotateSecret,
    response: newSecret,
    status: 201,
    handler: async ({ context, actor, params, body }) => {
      const answer = await change(context, actor, async (unit) => {
        const row = await getSubscriptionRow(unit.tx, params.subscription);
        checkNotEnded(row, unit.now);
        if (row.consumer_key === null)
          throw new ProblemError(
            'state_conflict',
            `The subscription ${row.name} has no keys yet. Generate them first.`,
          );
        const { authMethod } = parseClient(await getClientRow(unit.tx, row.client_id));
        if (!usesSecret(authMethod))
          throw new ProblemError('state_conflict', `The client of ${row.name} uses no secret (${authMethod}).`);
        const old = (await listSecrets(unit.tx, [row.id])).filter((secret) => !hasEnded(secret, unit.now));
        const end = { endsAt: unit.now + body.keepOldMs, revokeTokens: body.revokeTokens, reason: 'rotated' };
        for (const secret of old) await endSecretAt(unit, secret, end);
        const added = await addSecret(unit, context, { subscription: row, wish: { name: body.name } });
        await publishConsumerKey(unit, added.subscription);
        const { secret } = added;
        const kept = body.keepOldMs === 0 ? 'ended' : 'ends in a while';
        const sentence = `The secret of subscription ${row.name} was rotated: ${secret?.name} is new, ${old.map(({ name }) => name).join(', ') || 'none'} ${kept}.`;
        unit.audit({ ...objectOf(row), sentence, after: secret });
        return added.answer;
      });
      return { body: answer, location: `/subscriptions/${answer.subscription}/keys` };
    },
  }),
  operation({
    id: 'secrets.end',
    method: 'POST',
    path: '/subscriptions/:subscription/secrets/:secret/end',
    permission: 'keys:write',
    summary: 'End a secret at once, and revoke its tokens if asked to.',
    params: pathParams('subscription', 'secret'),
    body: endSecret,
    response: consumerSecret,
    handler: async ({ context, actor, params, body }) => {
      const ended = await change(context, actor, async (unit) => {
        const row = await getSubscriptionRow(unit.tx, params.subscription);
        const secret = await getSecretRow(unit.tx, row.id, params.secret);
        const after = await endSecretAt(unit, secret, {
          endsAt: unit.now,
          revokeTokens: body.revokeTokens,
          reason: body.reason,
        });
        await publishConsumerKey(unit, row);
        const tokens = body.revokeTokens ? ' and its tokens were revoked' : '';
        const sentence = `Secret ${secret.name} of subscription ${row.name} was ended${tokens}.`;
        const shown = parseSecret(after, unit.now);
        unit.audit({ ...objectOf(row), sentence, before: parseSecret(secret, unit.now), after: shown });
        return shown;
      });
      return { body: ended };
    },
  }),
];

function objectOf(row: SubscriptionTable) {
  return { objectKind: 'subscription', objectId: row.id, objectName: row.name };
}

function checkNotEnded(row: SubscriptionTable, now: number): void {
  if (stateAt(row, now) === 'ended')
    throw new ProblemError('state_conflict', `The subscription ${row.name} has ended; it gets no new secrets.`);
}
