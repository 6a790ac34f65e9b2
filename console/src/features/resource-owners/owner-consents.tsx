import { useState } from 'react';
import type { OwnerConsent, ShownResourceOwner } from '#core/model/resource-owner';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Confirm } from '../../components/dialog.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { Moment } from '../../components/moment.tsx';
import { tell } from '../../components/notify.ts';
import { Empty } from '../../components/states.tsx';

/** What a resource owner allowed, and taking it back. */
export function OwnerConsents({ owner }: { readonly owner: ShownResourceOwner }) {
  const right = useRight('resource-owners:write');
  const [revoked, setRevoked] = useState<OwnerConsent>();
  const address = path`/resource-owners/${owner.id}`;
  const result = useApi<{ readonly items: readonly OwnerConsent[] }>(`${address}/consents`, { refreshMs: 10_000 });
  const columns: readonly Column<OwnerConsent>[] = [
    {
      id: 'client',
      title: 'Client',
      cell: ({ client, clientDisplayName }) => <Link to={path`/clients/${client}`}>{clientDisplayName}</Link>,
    },
    { id: 'scopes', title: 'Scopes', cell: ({ scopes }) => <span className="mono">{scopes.join(' ') || '–'}</span> },
    {
      id: 'project',
      title: 'Token end point',
      cell: ({ project }) => <Link to={path`/projects/${project}`}>{project}</Link>,
    },
    { id: 'granted', title: 'First allowed', cell: ({ grantedAt }) => <Moment at={grantedAt} /> },
    { id: 'updated', title: 'Last allowed', cell: ({ updatedAt }) => <Moment at={updatedAt} /> },
    {
      id: 'acts',
      title: 'Acts',
      isUnnamed: true,
      width: 110,
      cell: (consent) => (
        <GuardedButton
          right={right}
          variant="default"
          size="compact-sm"
          aria-label={`Revoke what ${consent.clientDisplayName} is allowed`}
          onClick={() => setRevoked(consent)}
        >
          Revoke…
        </GuardedButton>
      ),
    },
  ];
  return (
    <div className="surface">
      <Loaded result={result} what="what they allowed">
        {({ items }) =>
          items.length === 0 ? (
            <Empty title="No client is allowed anything">
              {owner.displayName} has not allowed a client anything that is remembered. Who signs in at an authorization
              end point is asked there.
            </Empty>
          ) : (
            <DataTable
              label="allowed clients"
              columns={columns}
              rows={items}
              rowKey={({ client, project }) => `${client} ${project}`}
            />
          )
        }
      </Loaded>
      <Confirm
        title={`Take back what ${revoked?.clientDisplayName ?? ''} is allowed?`}
        act="Revoke consent"
        isDestructive
        isOpen={revoked !== undefined}
        failure="Could not revoke the consent."
        onClose={() => setRevoked(undefined)}
        onConfirm={async () => {
          await api.post(`${address}/revoke-consent`, { client: revoked?.client, project: revoked?.project });
          await refreshAll();
          tell('It is taken back.');
        }}
      >
        The tokens that it got for {owner.displayName} are refused at once, and {owner.displayName} is asked again the
        next time.
      </Confirm>
    </div>
  );
}
