import { stateChange } from '#core/model/client';
import { subscription } from '#core/model/subscription';
import { ProblemError } from '#core/problem';
import { operation, pathParams } from '../operation.ts';
import { standingColumns } from '../records/client.ts';
import { getProduct } from '../records/product.ts';
import { changedRecordColumns } from '../records/record.ts';
import { getSubscriptionRow, publishSubscription, stateAt, withName } from '../records/subscription.ts';
import { change } from '../unit-of-work.ts';

type Act = 'approve' | 'suspend' | 'resume' | 'end' | 'revoke-tokens';

/** Which states an act starts from, and the one it leads to. `end` is final. */
const ACTS: Readonly<
  Record<
    Act,
    {
      readonly from: readonly string[];
      readonly to: string | undefined;
      readonly summary: string;
      readonly changed: string;
    }
  >
> = {
  approve: { from: ['pending'], to: 'active', summary: 'Approve a pending subscription.', changed: 'was approved' },
  suspend: {
    from: ['active'],
    to: 'suspended',
    summary: 'Suspend a subscription: its token requests and tokens are refused at once, until it is resumed.',
    changed: 'was suspended',
  },
  resume: { from: ['suspended'], to: 'active', summary: 'Resume a suspended subscription.', changed: 'was resumed' },
  end: {
    from: ['pending', 'active', 'suspended'],
    to: 'ended',
    summary: 'End a subscription for good.',
    changed: 'was ended',
  },
  'revoke-tokens': {
    from: ['pending', 'active', 'suspended', 'ended'],
    to: undefined,
    summary: 'Revoke every token of a subscription. It can get new ones.',
    changed: 'had all its tokens revoked',
  },
};

/** What changes the state of a subscription: approve, suspend, resume, end; and revoking its tokens. Repeating an act changes nothing. */
export const subscriptionStateOperations = (['approve', 'suspend', 'resume', 'end', 'revoke-tokens'] as const).map(
  stateOperation,
);

function stateOperation(act: Act) {
  const { from, to, summary, changed } = ACTS[act];
  return operation({
    id: `subscriptions.${act === 'revoke-tokens' ? 'revokeTokens' : act}`,
    method: 'POST',
    path: `/subscriptions/:subscription/${act}`,
    permission: 'subscriptions:write',
    summary,
    params: pathParams('subscription'),
    body: stateChange,
    response: subscription,
    handler: async ({ context, actor, params, body }) => {
      const seen = await getSubscriptionRow(context.db.read, params.subscription);
      const now = context.clock.now();
      if (to !== undefined && stateAt(seen, now) === to)
        return { body: await withName(context.db.read, seen, now), revision: seen.revision };
      const after = await change(context, actor, async (unit) => {
        const row = await getSubscriptionRow(unit.tx, seen.id);
        const state = stateAt(row, unit.now);
        if (!from.includes(state))
          throw new ProblemError(
            'state_conflict',
            `The subscription ${row.name} is ${state}; only ${from.join(' and ')} ones can be changed so.`,
          );
        const columns = {
          ...changedRecordColumns(unit, row, {}),
          ...standingColumns(unit, body.reason),
          state: to ?? row.state,
          generation: to === undefined ? row.generation + 1 : row.generation,
        };
        await unit.tx.updateTable('subscriptions').set(columns).where('id', '=', row.id).execute();
        const { product } = await getProduct(unit.tx, row.product_id);
        publishSubscription(unit, { ...row, ...columns }, product);
        const before = await withName(unit.tx, row, unit.now);
        const updated = await withName(unit.tx, { ...row, ...columns }, unit.now);
        const because = body.reason === undefined ? '' : `: ${body.reason}`;
        unit.audit({
          objectKind: 'subscription',
          objectId: row.id,
          objectName: row.name,
          sentence: `Subscription ${row.name} ${changed}${because}.`,
          before,
          after: updated,
        });
        return updated;
      });
      return { body: after, revision: after.revision };
    },
  });
}
