import { Radio, Stack, Textarea, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ServerGroup } from '#core/model/server-group';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { useRight } from '../../api/session.ts';
import { checkDisplayName, checkOrigin } from '../../components/checks.ts';
import { Form } from '../../components/form.tsx';
import { GuardedButton } from '../../components/guarded.tsx';
import { tell } from '../../components/notify.ts';

/** The settings of a server group. Its gateways take them over at once. */
export function GroupSettings({ group }: { readonly group: ServerGroup }) {
  const right = useRight('server-groups:write');
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: {
      displayName: group.displayName,
      description: group.description,
      publicUrl: group.publicUrl,
      errorDetail: group.errorDetail,
      whenStale: group.whenStale,
    },
    validate: { displayName: checkDisplayName, publicUrl: checkOrigin },
  });
  const isReadOnly = !right.allowed;
  return (
    <Form
      form={form}
      failure="Could not save the settings."
      guard
      onSubmit={async (values) => {
        await api.patch(
          path`/server-groups/${group.name}`,
          { ...values, displayName: values.displayName.trim(), publicUrl: values.publicUrl.trim() },
          group.revision,
        );
        form.resetDirty();
        await refreshAll();
        tell('Saved. Its gateways take it over at once.');
      }}
      footer={({ isSending }) => (
        <div>
          <GuardedButton right={right} type="submit" loading={isSending} disabled={!form.isDirty()}>
            Save
          </GuardedButton>
        </div>
      )}
    >
      <TextInput label="Name" required readOnly={isReadOnly} {...form.getInputProps('displayName')} />
      <Textarea
        label="Description"
        autosize
        minRows={2}
        maxLength={2000}
        readOnly={isReadOnly}
        {...form.getInputProps('description')}
      />
      <TextInput
        label="Public URL"
        description="Where clients reach its gateways; token end points and shown URLs use it. Empty: the address that its gateways listen on."
        placeholder="https://api.example.com"
        readOnly={isReadOnly}
        {...form.getInputProps('publicUrl')}
      />
      <Radio.Group
        label="Error detail"
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
        label="When a gateway is stale"
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
  );
}
