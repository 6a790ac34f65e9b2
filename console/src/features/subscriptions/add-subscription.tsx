import { Select, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { ClientRow, ProductRow } from '#core/model/overview/screens';
import type { Subscription } from '#core/model/subscription';
import { api } from '../../api/client.ts';
import type { ListPage } from '../../api/page.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { useApi } from '../../components/loaded.tsx';
import { ShowCommand } from '../../components/show-command.tsx';
import { epochOf } from './instant.ts';

/** Subscribes a client to a product. */
export function AddSubscription({
  client,
  isOpen,
  onClose,
}: {
  /** Left out: it is chosen too. */
  readonly client?: string;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}) {
  return (
    <Dialog title="Add a subscription" isOpen={isOpen} onClose={onClose}>
      <SubscriptionForm {...(client !== undefined && { client })} onClose={onClose} />
    </Dialog>
  );
}

function SubscriptionForm({ client, onClose }: { readonly client?: string; readonly onClose: () => void }) {
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { client: client ?? '', product: '', startsAt: '', endsAt: '' },
    validate: {
      client: (value) => (value === '' ? 'Choose a client.' : null),
      product: (value) => (value === '' ? 'Choose a product.' : null),
      endsAt: (value, { startsAt }) =>
        value !== '' && startsAt !== '' && value <= startsAt ? 'It has to end after it starts.' : null,
    },
  });
  return (
    <Form
      form={form}
      submit="Subscribe"
      failure="Could not subscribe the client."
      onCancel={onClose}
      onSubmit={async (values) => {
        const made = await api.post<Subscription>('/subscriptions', {
          client: values.client,
          product: values.product,
          ...(values.startsAt !== '' && { startsAt: epochOf(values.startsAt) }),
          ...(values.endsAt !== '' && { endsAt: epochOf(values.endsAt) }),
        });
        await refreshAll();
        onClose();
        await navigate({ to: `/subscriptions/${made.name}` });
      }}
    >
      {client === undefined && (
        <Picker<ClientRow>
          label="Client"
          address="/overview/clients"
          optionOf={(row) => ({ value: row.client.name, label: row.client.displayName })}
          {...form.getInputProps('client')}
        />
      )}
      <Picker<ProductRow>
        label="Product"
        description="Published products only."
        address="/overview/products"
        filter={{ state: 'published' }}
        optionOf={(row) => ({ value: row.product.name, label: row.product.displayName })}
        {...form.getInputProps('product')}
      />
      <TextInput
        type="datetime-local"
        label="Starts"
        description="Left empty: at once."
        {...form.getInputProps('startsAt')}
      />
      <TextInput
        type="datetime-local"
        label="Ends"
        description="Left empty: not by itself."
        {...form.getInputProps('endsAt')}
      />
      <ShowCommand
        command={`gatewright subscription create client=${form.values.client || 'CLIENT'} product=${form.values.product || 'PRODUCT'}`}
      />
    </Form>
  );
}

/** Chooses a record by typing a part of its name; the server finds. */
function Picker<Row>({
  address,
  filter,
  optionOf,
  value = '',
  ...rest
}: {
  readonly label: string;
  readonly description?: string;
  readonly address: string;
  readonly filter?: Readonly<Record<string, string>>;
  readonly optionOf: (row: Row) => { readonly value: string; readonly label: string };
  readonly value?: string;
  readonly onChange: (name: string) => void;
  readonly error?: React.ReactNode;
}) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text, 200);
  const { data } = useApi<ListPage<Row>>(address, { query: { ...filter, q: asked, limit: 25 } });
  return (
    <Select
      required
      searchable
      nothingFoundMessage="Nothing has this in its name."
      searchValue={text}
      onSearchChange={setText}
      data={(data?.items ?? []).map(optionOf)}
      // The server has found already; what it found by another field must not be hidden here.
      filter={({ options }) => options}
      {...rest}
      value={value === '' ? null : value}
      onChange={(name) => rest.onChange(name ?? '')}
    />
  );
}
