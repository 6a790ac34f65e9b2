import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { ServerGroup } from '#core/model/server-group';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { checkDisplayName } from '../../components/checks.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';

interface CreateServerGroupProps {
  readonly isOpen: boolean;
  readonly onClose: () => void;
  readonly onCreated: (group: ServerGroup) => void;
}

/** Adds a server group; its gateways are added on its own page. */
export function CreateServerGroup(props: CreateServerGroupProps) {
  return (
    <Dialog title="Add server group" isOpen={props.isOpen} onClose={props.onClose}>
      <CreateForm {...props} />
    </Dialog>
  );
}

function CreateForm({ onClose, onCreated }: CreateServerGroupProps) {
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: { displayName: '', description: '' },
    validate: { displayName: checkDisplayName },
  });
  const { displayName } = form.values;
  return (
    <Form
      form={form}
      failure="Could not create the server group."
      submit="Create server group"
      onCancel={onClose}
      onSubmit={async (values) => {
        const made = await api.post<ServerGroup>('/server-groups', {
          displayName: values.displayName.trim(),
          description: values.description.trim(),
        });
        await refreshAll();
        tell(`${made.displayName} is made. Add a gateway to it next.`);
        onClose();
        onCreated(made);
      }}
    >
      <TextInput label="Name" required data-autofocus placeholder="Production" {...form.getInputProps('displayName')} />
      <TextInput label="Description" maxLength={2000} {...form.getInputProps('description')} />
      <ShowCommand command={`gatewright group create ${shellWord(displayName.trim() || 'Production')}`} />
    </Form>
  );
}
