import { Button, Group, Stack, Text } from '@mantine/core';
import { type FormEvent, useMemo, useState } from 'react';
import type { Policy } from '#core/model/policy';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Failure } from '../../components/states.tsx';
import { readFields } from '../../schema-form/read-schema.ts';
import { FormOrJson, PolicyFields } from './policy-fields.tsx';
import type { PolicyType } from './policy-types.ts';
import { usePolicyDraft } from './use-policy-draft.ts';

interface NewPolicyProps {
  readonly project: string;
  readonly type: PolicyType;
  /** Display names that are taken. */
  readonly taken: readonly string[];
  readonly onClose: () => void;
  readonly onMade: (policy: Policy) => void;
}

/** Asks for the settings of a new policy. Closed without a type. */
export function NewPolicyDialog({
  type,
  ...rest
}: Omit<NewPolicyProps, 'type'> & { readonly type: PolicyType | undefined }) {
  return (
    <Dialog
      title={type === undefined ? 'Add policy' : `Add policy: ${type.title}`}
      isOpen={type !== undefined}
      onClose={rest.onClose}
      size="lg"
    >
      {type !== undefined && <NewPolicy key={type.name} type={type} {...rest} />}
    </Dialog>
  );
}

function NewPolicy({ project, type, taken, onClose, onMade }: NewPolicyProps) {
  const fields = useMemo(() => readFields(type.schema), [type]);
  const draft = usePolicyDraft(fields, { displayName: freeName(type.title, taken), settings: {} });
  const [problem, setProblem] = useState<unknown>();
  const [isSending, setSending] = useState(false);
  const save = async (event: FormEvent) => {
    event.preventDefault();
    event.stopPropagation();
    setProblem(undefined);
    if (!draft.check()) return;
    setSending(true);
    try {
      const { displayName, settings } = draft.content;
      const made = await addPolicy(project, { type: type.name, displayName, config: settings });
      onClose();
      onMade(made);
    } catch (error) {
      if (!draft.refuse(error)) setProblem(error);
    } finally {
      setSending(false);
    }
  };
  return (
    <form noValidate onSubmit={(event) => void save(event)}>
      <Stack gap="md">
        <Group justify="space-between" gap="xs" wrap="nowrap" align="flex-start">
          <Text size="sm" c="dimmed">
            {type.description} Attach it at an endpoint afterwards.
          </Text>
          <FormOrJson draft={draft} />
        </Group>
        {problem !== undefined && <Failure what="Could not add the policy." error={problem} />}
        <PolicyFields draft={draft} fields={fields} isReadOnly={false} />
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={isSending}>
            Save to draft
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** Makes a policy in the project's draft. @throws ApiProblem */
export async function addPolicy(
  project: string,
  policy: { readonly type: string; readonly displayName: string; readonly config?: object },
): Promise<Policy> {
  const made = await api.post<Policy>(path`/projects/${project}/policies`, policy);
  await refreshAll();
  return made;
}

/** A name that no other policy has: `Set Headers`, `Set Headers 2`. */
export function freeName(title: string, taken: readonly string[]): string {
  const isTaken = (name: string) => taken.some((other) => other.toLowerCase() === name.toLowerCase());
  let name = title;
  for (let number = 2; isTaken(name); number++) name = `${title} ${number}`;
  return name;
}
