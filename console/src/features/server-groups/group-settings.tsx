import { Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useEffect, useState } from 'react';
import type { ServerGroup } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { isConflict } from '../../api/problem.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { checkDisplayName, checkOrigin } from '../../components/checks.ts';
import { ConflictDialog } from '../../components/conflict-dialog.tsx';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell } from '../../components/notify.ts';

type Values = Pick<
  ServerGroup,
  'displayName' | 'description' | 'publicUrl' | 'authorizationUrl' | 'errorDetail' | 'whenStale'
>;

const TITLES: Readonly<Record<keyof Values, string>> = {
  displayName: 'Name',
  description: 'Description',
  publicUrl: 'Public URL',
  authorizationUrl: 'Authorization URL',
  errorDetail: 'Error detail',
  whenStale: 'When a gateway is stale',
};

/** The settings of a server group. Its gateways take them over at once. */
export function GroupSettings({ group }: { readonly group: ServerGroup }) {
  const right = useRight('server-groups:write');
  const [base, setBase] = useState(group);
  const [theirs, setTheirs] = useState<ServerGroup>();
  const form = useForm<Values>({
    validateInputOnBlur: true,
    initialValues: valuesOf(group),
    validate: { displayName: checkDisplayName, publicUrl: checkOrigin, authorizationUrl: checkOrigin },
  });
  const isDirty = form.isDirty();
  const take = (next: ServerGroup) => {
    setBase(next);
    form.setInitialValues(valuesOf(next));
    form.setValues(valuesOf(next));
    form.resetDirty(valuesOf(next));
  };
  // Saved elsewhere: it is taken over while nobody edits it here. Otherwise saving says that somebody was first.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is about the group having changed
  useEffect(() => {
    if (!isDirty && group.revision > base.revision) take(group);
  }, [group]);

  const save = async (values: Values, revision: number) => {
    const body = {
      ...values,
      displayName: values.displayName.trim(),
      publicUrl: values.publicUrl.trim(),
      authorizationUrl: values.authorizationUrl.trim(),
    };
    take(await api.patch<ServerGroup>(path`/server-groups/${group.name}`, body, revision));
    tell('Saved. Its gateways take it over at once.');
    await refreshAll();
  };
  const submit = async (values: Values) => {
    try {
      await save(values, base.revision);
    } catch (error) {
      if (isConflict(error)) setTheirs(await api.get<ServerGroup>(path`/server-groups/${group.name}`));
      throw error;
    }
  };
  const isReadOnly = !right.allowed;
  return (
    <>
      <Form
        form={form}
        failure="Could not save the settings."
        guard
        onSubmit={submit}
        footer={({ isSending }) => (
          <div>
            <GuardedButton right={right} type="submit" loading={isSending} disabled={!isDirty}>
              Save
            </GuardedButton>
          </div>
        )}
      >
        <TextInput label={TITLES.displayName} required readOnly={isReadOnly} {...form.getInputProps('displayName')} />
        <Textarea
          label={TITLES.description}
          autosize
          minRows={2}
          maxLength={2000}
          readOnly={isReadOnly}
          {...form.getInputProps('description')}
        />
        <TextInput
          label={TITLES.publicUrl}
          description="Where clients reach its gateways; token end points and shown URLs use it. Empty: the address that its gateways listen on."
          placeholder="https://api.example.com"
          readOnly={isReadOnly}
          {...form.getInputProps('publicUrl')}
        />
        <TextInput
          label={TITLES.authorizationUrl}
          description="Where people sign in, with a host of its own so that no published API shares their pages' origin. Empty: the public URL, for development."
          placeholder="https://login.example.com"
          readOnly={isReadOnly}
          {...form.getInputProps('authorizationUrl')}
        />
        <Radio.Group
          label={TITLES.errorDetail}
          description="What callers are told when a request is refused. People of the console always see everything."
          readOnly={isReadOnly}
          {...form.getInputProps('errorDetail')}
        >
          <Stack gap={6} mt={8}>
            <Radio value="standard" label="Standard" description="Status, title and request id." />
            <Radio
              value="verbose"
              label="Verbose"
              description="The fine reason and its sentence too. For development, not for the open internet."
            />
          </Stack>
        </Radio.Group>
        <Radio.Group
          label={TITLES.whenStale}
          description="When it has heard nothing of revoked tokens for 5 s, because it cannot reach the manager."
          readOnly={isReadOnly}
          {...form.getInputProps('whenStale')}
        >
          <Stack gap={6} mt={8}>
            <Radio
              value="refuse"
              label="Refuse"
              description="What OAuth protects is answered with 503 until it hears again."
            />
            <Radio value="serve" label="Serve" description="It goes on, and says so in the request log." />
          </Stack>
        </Radio.Group>
      </Form>
      <ConflictDialog
        conflict={
          theirs && {
            by: theirs.updatedBy,
            at: theirs.updatedAt,
            theirs: valuesOf(theirs),
            mine: form.getValues(),
            titles: TITLES,
          }
        }
        onSaveMine={() => save(form.getValues(), theirs?.revision ?? base.revision)}
        onClose={() => setTheirs(undefined)}
      />
    </>
  );
}

function valuesOf({
  displayName,
  description,
  publicUrl,
  authorizationUrl,
  errorDetail,
  whenStale,
}: ServerGroup): Values {
  return { displayName, description, publicUrl, authorizationUrl, errorDetail, whenStale };
}
