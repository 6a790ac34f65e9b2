import { Badge, Combobox, Kbd, Loader, Modal, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue, useDisclosure, useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import type { SearchHit } from '#core/model/overview/screens';
import { useApi } from '../components/loaded.tsx';
import { ownAddress } from '../components/own-address.ts';
import classes from './shell.module.css';

const REQUEST_ID = /^req_[0-9A-Za-z]{8,32}$/;

const KIND_TITLES: Readonly<Record<SearchHit['kind'], string>> = {
  project: 'API project',
  resource: 'Resource',
  product: 'Product',
  client: 'Client',
  subscription: 'Subscription',
  'server-group': 'Server group',
  request: 'Request',
  user: 'User',
  'resource-owner': 'Resource owner',
};

/** Acts that the search offers besides what it finds. */
const ACTIONS: readonly { readonly title: string; readonly link: string }[] = [
  { title: 'Add an OAuth Token End Point', link: '/projects?add=oauth-token-endpoint' },
  { title: 'Add an OAuth Authorization End Point', link: '/projects?add=oauth-authorization-endpoint' },
  { title: 'Add a REST/HTTP project', link: '/projects?add=http' },
  { title: 'Add a client', link: '/clients?add=client' },
  { title: 'Add a resource owner', link: '/resource-owners?add=resource-owner' },
  { title: 'Open the directories of resource owners', link: '/resource-owners/directories' },
  { title: 'Open the signing keys', link: '/settings/signing-keys' },
  { title: 'Open the token stores', link: '/settings/token-stores' },
  { title: 'Open the Monitor', link: '/monitor' },
  { title: 'Open the request log', link: '/requests' },
  { title: 'Open Try it', link: '/try' },
];

/** Search by Ctrl K: to anything by name, key or request id. */
export function Search() {
  const [isOpen, dialog] = useDisclosure(false);
  useHotkeys([['mod+K', dialog.open]], []);
  return (
    <>
      <button type="button" className={classes.search} onClick={dialog.open}>
        <IconSearch size={15} aria-hidden="true" />
        <span>Search or paste a request id…</span>
        <Kbd size="xs" className={classes.wideOnly ?? ''}>
          Ctrl K
        </Kbd>
      </button>
      <Modal
        opened={isOpen}
        onClose={dialog.close}
        withCloseButton={false}
        padding={0}
        size="lg"
        yOffset="12vh"
        transitionProps={{ duration: 0 }}
        attributes={{ content: { 'aria-label': 'Search' } }}
      >
        {isOpen && <SearchBox onDone={dialog.close} />}
      </Modal>
    </>
  );
}

function SearchBox({ onDone }: { readonly onDone: () => void }) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text.trim(), 150);
  const navigate = useNavigate();
  const combobox = useCombobox({ opened: true });
  const { data, isFetching } = useApi<{ readonly items: readonly SearchHit[] }>('/search', {
    query: { q: asked },
    enabled: asked !== '',
  });
  const hits = asked === '' ? [] : (data?.items ?? []);
  const acts = ACTIONS.filter(({ title }) => title.toLowerCase().includes(text.trim().toLowerCase()));
  // biome-ignore lint/correctness/useExhaustiveDependencies: other options, so the first of them is chosen
  useEffect(() => {
    combobox.selectFirstOption();
  }, [hits.length, acts.length, asked]);
  const go = (link: string) => {
    onDone();
    void navigate({ href: ownAddress(link) });
  };
  return (
    <Combobox store={combobox} onOptionSubmit={go}>
      <Combobox.EventsTarget>
        <TextInput
          data-autofocus
          size="md"
          variant="unstyled"
          px="md"
          py={4}
          aria-label="Search or paste a request id"
          placeholder="Project, client, consumer key, request id…"
          leftSection={<IconSearch size={16} />}
          rightSection={isFetching ? <Loader size={14} /> : undefined}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
          onKeyDown={(event) => {
            // The list is always open: Esc is about the dialog.
            if (event.key === 'Escape') return onDone();
            // Faster than the search: a pasted id needs no finding.
            if (event.key !== 'Enter' || !REQUEST_ID.test(text.trim())) return;
            event.preventDefault();
            event.stopPropagation();
            go(`/requests/${text.trim()}`);
          }}
        />
      </Combobox.EventsTarget>
      <Combobox.Options
        mah={380}
        style={{ overflowY: 'auto', borderTop: '1px solid var(--app-border)' }}
        p={6}
        aria-label="Found"
      >
        {hits.map((hit) => (
          <Combobox.Option value={hit.link} key={`${hit.kind} ${hit.link}`}>
            <div style={{ display: 'flex', gap: 10, alignItems: 'center' }}>
              <div style={{ minWidth: 0, flex: 1 }}>
                <Text size="sm" fw={550} className="clip">
                  {hit.title}
                </Text>
                <Text size="xs" c="dimmed" className="clip">
                  {hit.detail}
                </Text>
              </div>
              <Badge color="gray">{KIND_TITLES[hit.kind]}</Badge>
            </div>
          </Combobox.Option>
        ))}
        {acts.map(({ title, link }) => (
          <Combobox.Option value={link} key={link}>
            <Text size="sm">{title}</Text>
          </Combobox.Option>
        ))}
        {asked !== '' && hits.length === 0 && acts.length === 0 && !isFetching && (
          <Combobox.Empty>Nothing has “{asked}” in its name, key or id.</Combobox.Empty>
        )}
      </Combobox.Options>
    </Combobox>
  );
}
