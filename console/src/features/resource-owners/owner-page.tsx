import { Stack, Tabs, Text } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import type { ShownResourceOwner } from '#core/model/resource-owner';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { Dialog } from '../../components/dialog.tsx';
import { formatTime } from '../../components/format.ts';
import { GuardedButton } from '../../components/guarded.tsx';
import { Link } from '../../components/link.tsx';
import { Loaded, useApi } from '../../components/loaded.tsx';
import { tell, tellFailure } from '../../components/notify.ts';
import { Page } from '../../components/page.tsx';
import { Surface } from '../../components/surface.tsx';
import { useUrlState } from '../../components/url-state.ts';
import { OwnerConfirms } from './owner-confirms.tsx';
import { OwnerConsents } from './owner-consents.tsx';
import { OwnerForm } from './owner-form.tsx';
import { OwnerPages } from './owner-pages.tsx';
import { OwnerState } from './owner-state.tsx';
import { SetPassword } from './set-password.tsx';
import { useDirectories } from './use-directories.ts';

/** A resource owner: what they allowed clients, and what can be done about them. */
export function OwnerPage() {
  const { owner: id = '' } = useParams({ strict: false }) as { readonly owner?: string };
  const read = useRight('resource-owners:read');
  const result = useApi<ShownResourceOwner>(path`/resource-owners/${id}`, { enabled: read.allowed });
  if (!read.allowed)
    return (
      <OwnerPages part="/resource-owners" read={read} what="Resource owners" actions={undefined}>
        {undefined}
      </OwnerPages>
    );
  return (
    <Loaded result={result} what="the resource owner">
      {(owner) => <OwnerView key={owner.id} owner={owner} />}
    </Loaded>
  );
}

/** What is asked for in a dialog. */
export type OwnerAsk = 'password' | 'disable' | 'revoke' | 'delete';

function OwnerView({ owner }: { readonly owner: ShownResourceOwner }) {
  const [{ tab = 'consents' }, setUrl] = useUrlState();
  const [asks, setAsks] = useState<OwnerAsk>();
  const right = useRight('resource-owners:write');
  const others = useDirectories(owner.directory !== 'local');
  const isLocal =
    owner.directory === 'local' || others.some(({ name, kind }) => name === owner.directory && kind === 'local');
  const navigate = useNavigate();
  const address = path`/resource-owners/${owner.id}`;
  const close = () => setAsks(undefined);
  const act = async (verb: 'enable' | 'unlock', done: string) => {
    try {
      await api.post(`${address}/${verb}`);
      await refreshAll();
      tell(done);
    } catch (error) {
      tellFailure(`Could not ${verb} the resource owner.`, error);
    }
  };
  return (
    <Page
      title={owner.displayName}
      crumbs={[
        <Link key="owners" to="/resource-owners">
          Resource owners
        </Link>,
      ]}
      badges={<OwnerState owner={owner} />}
      actions={
        <>
          <GuardedButton right={right} variant="default" onClick={() => setAsks('delete')}>
            Delete…
          </GuardedButton>
          <GuardedButton right={right} variant="default" onClick={() => setAsks('revoke')}>
            Revoke tokens…
          </GuardedButton>
          {owner.lockedUntil !== undefined && (
            <GuardedButton
              right={right}
              variant="default"
              onClick={() => void act('unlock', `${owner.displayName} can try again.`)}
            >
              Unlock
            </GuardedButton>
          )}
          {isLocal && (
            <GuardedButton right={right} variant="default" onClick={() => setAsks('password')}>
              Set password…
            </GuardedButton>
          )}
          {owner.active ? (
            <GuardedButton right={right} variant="default" onClick={() => setAsks('disable')}>
              Disable…
            </GuardedButton>
          ) : (
            <GuardedButton right={right} onClick={() => void act('enable', `${owner.displayName} is enabled.`)}>
              Enable
            </GuardedButton>
          )}
        </>
      }
      tabs={
        <Tabs value={tab} onChange={(next) => setUrl({ tab: next === 'consents' ? undefined : (next ?? undefined) })}>
          <Tabs.List aria-label="Parts of the resource owner">
            <Tabs.Tab value="consents">Allowed clients</Tabs.Tab>
            <Tabs.Tab value="settings">Settings</Tabs.Tab>
          </Tabs.List>
        </Tabs>
      }
    >
      <Stack>
        {owner.lockedUntil !== undefined && (
          <Text size="sm">Has to wait until {formatTime(owner.lockedUntil)}, after too many wrong passwords.</Text>
        )}
        {tab === 'consents' && <OwnerConsents owner={owner} />}
        {tab === 'settings' && (
          <Stack maw={640}>
            <Surface title="Settings">
              <OwnerForm owner={owner} isLocal={isLocal} />
            </Surface>
          </Stack>
        )}
      </Stack>
      <Dialog title={`Set the password of ${owner.displayName}`} isOpen={asks === 'password'} onClose={close}>
        <SetPassword owner={owner} onDone={close} />
      </Dialog>
      <OwnerConfirms
        owner={owner}
        asks={asks}
        onClose={close}
        onDeleted={async () => {
          await navigate({ to: '/resource-owners' });
        }}
      />
    </Page>
  );
}
