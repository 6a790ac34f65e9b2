import { Button, Group, Radio, Stack, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import type { TokenStoreTest, TokenStoreView } from '#core/model/token-store';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { checkDisplayName } from '../../components/checks.ts';
import { Form, showAtFields } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { Failure } from '../../components/states.tsx';
import { SettingsFields } from './settings-fields.tsx';
import { STORE_KINDS, type StoreKind } from './store-kinds.ts';
import { checkSettings, createBody, fieldOf, patchBody, type StoreValues, testBody, valuesOf } from './store-values.ts';
import { TestResult } from './test-result.tsx';

function useStoreForm(store: TokenStoreView | undefined) {
  return useForm<StoreValues>({
    initialValues: valuesOf(store),
    validate: (values) => {
      const name = checkDisplayName(values.displayName);
      return {
        ...(store?.isConfigured === true ? {} : checkSettings(values)),
        ...(name !== null && { displayName: name }),
      };
    },
  });
}

/** Adds a token store. It can be tested before it is saved. */
export function AddStore({
  onCancel,
  onMade,
}: {
  readonly onCancel: () => void;
  readonly onMade: (store: TokenStoreView) => void;
}) {
  const right = useRight('token-stores:write');
  const form = useStoreForm(undefined);
  const [result, setResult] = useState<TokenStoreTest>();
  const [problem, setProblem] = useState<unknown>();
  const [isTesting, setTesting] = useState(false);
  const { settings } = STORE_KINDS[form.values.kind];
  const runTest = async () => {
    setResult(undefined);
    setProblem(undefined);
    const missing = checkSettings(form.getValues());
    if (Object.keys(missing).length > 0) return void form.setErrors(missing);
    setTesting(true);
    try {
      setResult(await api.post<TokenStoreTest>('/token-stores/test', testBody(form.getValues())));
    } catch (error) {
      setProblem(showAtFields(form, error, fieldOf));
    } finally {
      setTesting(false);
    }
  };
  return (
    <Form
      form={form}
      submit="Add"
      right={right}
      failure="Could not add the token store."
      fieldOf={fieldOf}
      onCancel={onCancel}
      onSubmit={async (values) => {
        const made = await api.post<TokenStoreView>('/token-stores', createBody(values));
        await refreshAll();
        tell(`${made.displayName} is added. Policies may name it.`);
        onMade(made);
      }}
      footer={() => (
        <Stack gap="xs">
          <Group>
            <Button variant="default" loading={isTesting} onClick={() => void runTest()}>
              Test
            </Button>
          </Group>
          {result !== undefined && <TestResult result={result} />}
          {problem !== undefined && <Failure what="Could not test the token store." error={problem} />}
        </Stack>
      )}
    >
      <TextInput label="Name" required data-autofocus {...form.getInputProps('displayName')} />
      <Radio.Group
        label="Kind"
        description="It cannot change later."
        {...form.getInputProps('kind')}
        onChange={(kind) => {
          setResult(undefined);
          form.setFieldValue('kind', kind as StoreKind);
        }}
      >
        <Stack gap={6} mt={6}>
          {Object.entries(STORE_KINDS).map(([kind, { title, hint }]) => (
            <Radio key={kind} value={kind} label={title} description={hint} />
          ))}
        </Stack>
      </Radio.Group>
      {settings !== undefined && <SettingsFields key={settings} form={form} name={settings} hasPassword={false} />}
    </Form>
  );
}

/** The settings of a token store that there is. */
export function StoreForm({ store }: { readonly store: TokenStoreView }) {
  const right = useRight('token-stores:write');
  const form = useStoreForm(store);
  const { title, settings } = STORE_KINDS[store.kind];
  const address = path`/token-stores/${store.name}`;
  return (
    <Form
      form={form}
      guard
      submit="Save"
      right={right}
      failure="Could not save the token store."
      fieldOf={fieldOf}
      edited={{ address, revision: store.revision }}
      onSubmit={async (values, ifMatch) => {
        const saved = await api.patch<TokenStoreView>(address, patchBody(values, store.isConfigured), ifMatch);
        if (settings !== undefined) form.setFieldValue(`${settings}.password`, '');
        await refreshAll();
        tell('Saved.');
        return saved;
      }}
    >
      <TextInput label="Name" required {...form.getInputProps('displayName')} />
      <TextInput
        label="Kind"
        readOnly
        value={title}
        description={
          store.isConfigured ? 'With its place it stands in the configuration: tokenStore.url.' : 'Stays as it is.'
        }
      />
      {settings !== undefined && !store.isConfigured && (
        <SettingsFields
          form={form}
          name={settings}
          hasPassword={store.hasPassword}
          isReadOnly={store.kind === 'sqlite' || !right.allowed}
        />
      )}
    </Form>
  );
}
