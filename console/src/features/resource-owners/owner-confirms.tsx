import type { ShownResourceOwner } from '#core/model/resource-owner';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Confirm } from '../../components/dialog.tsx';
import { tell } from '../../components/notify.ts';
import type { OwnerAsk } from './owner-page.tsx';

/** What is asked before access of a resource owner ends. */
export function OwnerConfirms({
  owner,
  asks,
  onClose,
  onDeleted,
}: {
  readonly owner: ShownResourceOwner;
  readonly asks: OwnerAsk | undefined;
  readonly onClose: () => void;
  readonly onDeleted: () => Promise<void>;
}) {
  const address = path`/resource-owners/${owner.id}`;
  const act = async (verb: 'disable' | 'revoke-tokens', done: string) => {
    await api.post(`${address}/${verb}`);
    await refreshAll();
    tell(done);
  };
  return (
    <>
      <Confirm
        title={`Disable ${owner.displayName}?`}
        act="Disable resource owner"
        isDestructive
        isOpen={asks === 'disable'}
        failure="Could not disable the resource owner."
        onClose={onClose}
        onConfirm={() => act('disable', `${owner.displayName} is disabled.`)}
      >
        They cannot sign in, and every token that they allowed is refused at once. They can be enabled again.
      </Confirm>
      <Confirm
        title={`Revoke the tokens of ${owner.displayName}?`}
        act="Revoke tokens"
        isDestructive
        isOpen={asks === 'revoke'}
        failure="Could not revoke the tokens."
        onClose={onClose}
        onConfirm={() => act('revoke-tokens', 'Every token that was issued until now is revoked.')}
      >
        Every token that they allowed, at every client, is refused from now on, and they are signed out. What they
        allowed stays: they can sign in again. This cannot be undone.
      </Confirm>
      <Confirm
        title={`Delete ${owner.displayName}?`}
        act="Delete resource owner"
        isDestructive
        isOpen={asks === 'delete'}
        failure="Could not delete the resource owner."
        onClose={onClose}
        onConfirm={async () => {
          await api.remove(address);
          await onDeleted();
          await refreshAll();
          tell(`${owner.displayName} is deleted.`);
        }}
      >
        Their tokens and all that they allowed end at once. Nobody ever gets their subject{' '}
        <span className="mono">{owner.id}</span> again, also not somebody with the same name.
      </Confirm>
    </>
  );
}
