import { PasswordInput, Select, Stack } from '@mantine/core';
import type { UseFormReturnType } from '@mantine/form';
import type { SubscriptionRow } from '#core/model/overview/screens';
import type { ListPage } from '../../api/page.ts';
import { useApi } from '../../components/loaded.tsx';
import type { Call } from './call.ts';

/** How the call proves itself. */
export function AuthInput({ form }: { readonly form: UseFormReturnType<Call> }) {
  const { auth } = form.values;
  const { data } = useApi<ListPage<SubscriptionRow>>('/overview/subscriptions', {
    query: { state: 'active', limit: 200 },
  });
  const known = (data?.items ?? []).map((row) => ({
    value: row.subscription.name,
    label: `${row.clientDisplayName} · ${row.productDisplayName}`,
  }));
  const byId = data?.items.find(({ subscription }) => subscription.id === form.values.subscription);
  return (
    <Stack gap="xs">
      <Select
        label="Access token"
        allowDeselect={false}
        data={[
          { value: 'none', label: 'None' },
          { value: 'subscription', label: 'Get one for a subscription' },
          { value: 'token', label: 'Paste one' },
        ]}
        {...form.getInputProps('auth')}
      />
      {auth === 'subscription' && (
        <Select
          label="Subscription"
          description="A short token is made for it; its secret is neither needed nor shown."
          searchable
          nothingFoundMessage="No active subscription has this in its name."
          data={known}
          {...form.getInputProps('subscription')}
          value={byId?.subscription.name ?? (form.values.subscription || null)}
        />
      )}
      {auth === 'token' && (
        <PasswordInput
          label="Token"
          description="It is sent, and kept nowhere."
          autoComplete="off"
          visibilityToggleButtonProps={{ 'aria-label': 'Show the token' }}
          {...form.getInputProps('token')}
        />
      )}
    </Stack>
  );
}
