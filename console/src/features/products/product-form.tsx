import { MultiSelect, Radio, Select, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { ProjectRow } from '#core/model/overview/screens';
import type { ProductPlan } from '#core/model/period';
import type { Product } from '#core/model/product';
import { isProxied } from '#core/model/project-kind';
import type { RegisteredScope } from '#core/model/scope';
import { path } from '../../api/client.ts';
import type { ListPage } from '../../api/page.ts';
import type { Right } from '../../api/session.ts';
import { Form } from '../../components/form.tsx';
import { useApi } from '../../components/loaded.tsx';
import { PlanInput } from './plan-input.tsx';
import { ScopesInput } from './scopes-input.tsx';

/** What the form asks for. */
export interface ProductValues extends Record<string, unknown> {
  displayName: string;
  description: string;
  projects: string[];
  scopes: RegisteredScope[];
  approval: Product['approval'];
  state: Product['state'];
  /** null: none. */
  plan: ProductPlan | null;
}

/** A product's settings, for a new one and for one that is there. */
export function ProductForm({
  product,
  titles = {},
  submit,
  failure,
  onSubmit,
  onCancel,
  right,
}: {
  readonly product?: Product;
  /** Display names of the projects it has, by name. */
  readonly titles?: Readonly<Record<string, string>>;
  readonly submit: string;
  readonly failure: string;
  readonly onSubmit: (values: ProductValues, ifMatch: number | '*') => Promise<unknown>;
  readonly onCancel?: () => void;
  readonly right?: Right;
}) {
  const form = useForm<ProductValues>({
    initialValues: {
      displayName: product?.displayName ?? '',
      description: product?.description ?? '',
      projects: product?.projects ?? [],
      scopes: product?.scopes ?? [],
      approval: product?.approval ?? 'automatic',
      state: product?.state ?? 'draft',
      plan: product?.plan ?? null,
    },
    validateInputOnBlur: ['displayName'],
    validate: {
      displayName: (value) => (value.trim() === '' ? 'Give it a name.' : null),
      projects: (value) => (value.length === 0 ? 'Add one API project at least.' : null),
      scopes: (value) =>
        value.some(({ scope }) => scope === '') ? 'Give every scope a name, or remove its row.' : null,
    },
  });
  return (
    <Form
      form={form}
      submit={submit}
      failure={failure}
      onSubmit={onSubmit}
      guard={product !== undefined}
      {...(product && { edited: { address: path`/products/${product.name}`, revision: product.revision } })}
      {...(onCancel && { onCancel })}
      {...(right && { right })}
    >
      <TextInput label="Name" required data-autofocus {...form.getInputProps('displayName')} />
      <Textarea label="Description" autosize minRows={2} {...form.getInputProps('description')} />
      <ProjectPicker titles={titles} {...form.getInputProps('projects')} />
      <ScopesInput
        label="Scopes"
        description="What its subscriptions may ask for. Default ones are granted when a token request names none."
        {...form.getInputProps('scopes')}
      />
      <PlanInput {...form.getInputProps('plan')} />
      <Radio.Group label="New subscriptions" {...form.getInputProps('approval')}>
        <Stack gap={6} mt={6}>
          <Radio value="automatic" label="Are active at once" />
          <Radio value="by-hand" label="Wait until somebody approves them" />
        </Stack>
      </Radio.Group>
      {product !== undefined && (
        <Select
          label="State"
          description="Draft and retired products take no new subscriptions."
          allowDeselect={false}
          data={[
            { value: 'draft', label: 'Draft' },
            { value: 'published', label: 'Published' },
            { value: 'retired', label: 'Retired' },
          ]}
          {...form.getInputProps('state')}
        />
      )}
    </Form>
  );
}

/** Chooses API projects: finds them by name while one types. */
function ProjectPicker({
  titles,
  value = [],
  ...rest
}: {
  readonly titles: Readonly<Record<string, string>>;
  readonly value?: string[];
  readonly onChange: (names: string[]) => void;
  readonly error?: React.ReactNode;
}) {
  const [text, setText] = useState('');
  const [asked] = useDebouncedValue(text, 200);
  const { data } = useApi<ListPage<ProjectRow>>('/overview/projects', { query: { q: asked, limit: 25 } });
  const found = (data?.items ?? []).filter(({ kind }) => isProxied(kind));
  const options = new Map([
    ...value.map((name) => [name, titles[name] ?? name] as const),
    ...found.map((project) => [project.name, project.displayName] as const),
  ]);
  return (
    <MultiSelect
      label="API projects"
      description="What is offered together; one at least."
      required
      searchable
      nothingFoundMessage="No API project has this in its name."
      searchValue={text}
      onSearchChange={setText}
      data={[...options].map(([name, title]) => ({ value: name, label: title }))}
      value={value}
      {...rest}
    />
  );
}
