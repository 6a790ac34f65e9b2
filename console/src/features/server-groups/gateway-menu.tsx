import { Menu } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import type { Gateway } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Confirm } from '../../components/dialog.tsx';
import { formatNumber } from '../../components/format.ts';
import { tell, tellFailure } from '../../components/notify.ts';
import { GuardedItem, RowMenu } from '../../components/row-menu.tsx';

/** What can be done with a gateway: drain, undrain, remove. */
export function GatewayMenu({ gateway }: { readonly gateway: Gateway }) {
  const { id, name, serverGroup, isDrainWanted, state, connections, joined } = gateway;
  const right = useRight('gateways:write', serverGroup);
  const [isDraining, draining] = useDisclosure(false);
  const [isRemoving, removing] = useDisclosure(false);
  const order = async (what: 'drain' | 'undrain') => {
    await api.post(path`/gateways/${id}/${what}`);
    await refreshAll();
  };
  const undrain = async () => {
    try {
      await order('undrain');
      tell(`${name} takes calls again.`);
    } catch (error) {
      tellFailure(`Could not undrain ${name}.`, error);
    }
  };
  return (
    <>
      <RowMenu label={`Acts on ${name}`}>
        {isDrainWanted === true ? (
          <GuardedItem right={right} onClick={() => void undrain()}>
            Undrain
          </GuardedItem>
        ) : (
          <GuardedItem right={right} onClick={draining.open}>
            Drain…
          </GuardedItem>
        )}
        <Menu.Divider />
        <GuardedItem right={right} onClick={removing.open} isDestructive>
          Remove…
        </GuardedItem>
      </RowMenu>
      <Confirm
        title={`Drain ${name}?`}
        isOpen={isDraining}
        onClose={draining.close}
        act="Drain gateway"
        failure={`Could not drain ${name}.`}
        onConfirm={async () => {
          await order('drain');
          tell(`${name} drains.`);
        }}
      >
        It says that it is not ready, so that load balancers send calls elsewhere, takes no new connections, and
        finishes what is under way
        {connections === undefined ? '' : `: ${formatNumber(connections)} open connections now`}. Undrain takes it back.
      </Confirm>
      <Confirm
        title={`Remove ${name}?`}
        isOpen={isRemoving}
        onClose={removing.close}
        act="Remove gateway"
        isDestructive
        failure={`Could not remove ${name}.`}
        onConfirm={async () => {
          await api.remove(path`/gateways/${id}`);
          await refreshAll();
          tell(`${name} is removed.`);
        }}
      >
        {state === 'lost'
          ? 'It hears nothing more from the manager, also when it comes back. '
          : 'It hears nothing more from the manager at once, drains and stops serving. '}
        {joined === undefined
          ? 'It comes back only when it is started again.'
          : 'It comes back only by joining anew with a new token.'}
      </Confirm>
    </>
  );
}
