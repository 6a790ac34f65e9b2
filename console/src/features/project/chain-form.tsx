import { Button, Group, Text, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useState } from 'react';
import type { Attachment } from '#core/model/endpoint';
import type { Policy } from '#core/model/policy';
import type { PolicyChain } from '#core/model/policy-chain';
import { api, path } from '../../api/client.ts';
import { isConflict } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { ConflictDialog } from '../../components/conflict-dialog.tsx';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell, tellFailure } from '../../components/notify.ts';
import { ChainMembers } from './chain-members.tsx';

interface Values extends Record<string, unknown> {
  readonly displayName: string;
  readonly description: string;
  readonly policies: readonly Attachment[];
}

interface ChainFormProps {
  readonly project: string;
  /** Left out: a new one. */
  readonly chain: PolicyChain | undefined;
  readonly policies: readonly Policy[];
  readonly onDone: () => void;
}

/** A policy chain: its name and its policies in their order. */
export function ChainForm({ project, chain, policies, onDone }: ChainFormProps) {
  const right = useRight('projects:write');
  const isReadOnly = !right.allowed;
  const [theirs, setTheirs] = useState<PolicyChain>();
  const form = useForm<Values>({
    initialValues: chain === undefined ? { displayName: '', description: '', policies: [] } : valuesOf(chain),
    validateInputOnBlur: true,
    validate: { displayName: (name) => (name.trim() === '' ? 'Give it a name.' : null) },
  });
  const send = async (values: Values, revision: number | undefined) => {
    const base = path`/projects/${project}/policy-chains`;
    if (chain === undefined) await api.post(base, values);
    else await api.patch(`${base}/${encodeURIComponent(chain.name)}`, values, revision);
    onDone();
    tell(`${values.displayName} is saved to the draft.`);
    await refreshAll();
  };
  const submit = async (values: Values) => {
    try {
      await send(values, chain?.revision);
    } catch (error) {
      if (chain !== undefined && isConflict(error))
        setTheirs(await api.get<PolicyChain>(path`/projects/${project}/policy-chains/${chain.name}`));
      throw error;
    }
  };
  return (
    <>
      <Form
        form={form}
        onSubmit={submit}
        failure="Could not save the policy chain."
        footer={({ isSending }) => (
          <Group justify="space-between" gap="xs">
            {chain === undefined ? <span /> : <DeleteChain project={project} chain={chain} onDone={onDone} />}
            <Group gap="xs">
              <Button variant="default" onClick={onDone}>
                Cancel
              </Button>
              <GuardedButton right={right} type="submit" loading={isSending} disabled={!form.isDirty()}>
                Save to draft
              </GuardedButton>
            </Group>
          </Group>
        )}
      >
        <TextInput
          label="Display name"
          withAsterisk
          data-autofocus
          maxLength={64}
          readOnly={isReadOnly}
          {...form.getInputProps('displayName')}
        />
        <Textarea
          label="Description"
          autosize
          maxRows={6}
          readOnly={isReadOnly}
          {...form.getInputProps('description')}
        />
        <ChainMembers
          value={form.getValues().policies}
          onChange={(next) => form.setFieldValue('policies', next)}
          policies={policies}
          isReadOnly={isReadOnly}
        />
        {typeof form.errors.policies === 'string' && (
          <Text size="xs" c="red">
            {form.errors.policies}
          </Text>
        )}
      </Form>
      <ConflictDialog
        conflict={
          theirs && {
            by: theirs.updatedBy,
            at: theirs.updatedAt,
            theirs: valuesOf(theirs),
            mine: form.getValues(),
          }
        }
        onSaveMine={async () => theirs && send(form.getValues(), theirs.revision)}
        onClose={() => setTheirs(undefined)}
      />
    </>
  );
}

function DeleteChain({
  project,
  chain,
  onDone,
}: Pick<ChainFormProps, 'project' | 'onDone'> & { readonly chain: PolicyChain }) {
  const right = useRight('projects:write');
  const remove = async () => {
    try {
      await api.remove(path`/projects/${project}/policy-chains/${chain.name}`, { ifMatch: chain.revision });
      onDone();
      tell(`${chain.displayName} is deleted from the draft; its policies stay.`);
      await refreshAll();
    } catch (error) {
      tellFailure(`Could not delete ${chain.displayName}.`, error);
    }
  };
  return (
    <GuardedButton right={right} variant="default" onClick={() => void remove()}>
      Delete policy chain
    </GuardedButton>
  );
}

function valuesOf({ displayName, description, policies }: PolicyChain): Values {
  return { displayName, description, policies };
}
