import { TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import type { Directory } from '#core/model/directory';
import type { ShownResourceOwner } from '#core/model/resource-owner';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { shellWord } from '../../components/shell-word.ts';
import { ShowCommand } from '../../components/show-command.tsx';
import { checkNewPassword, NewPasswordFields } from '../password/new-password-fields.tsx';
import { DirectorySelect } from './directory-select.tsx';
import { checkEmail } from './owner-checks.ts';

/** The directory that is there from the start. */
const LOCAL = 'local';

interface OwnerValues extends Record<string, unknown> {
  name: string;
  displayName: string;
  email: string;
  directory: string;
  /** Of that directory: only in local ones people have a password here. */
  kind: Directory['kind'];
  password: string;
  again: string;
}

/** Adds somebody who signs in with a password kept here, or makes somebody of another directory ready. */
export function AddOwner({
  onCancel,
  onMade,
}: {
  readonly onCancel: () => void;
  readonly onMade: (owner: ShownResourceOwner) => void;
}) {
  const form = useForm<OwnerValues>({
    initialValues: { name: '', displayName: '', email: '', directory: LOCAL, kind: LOCAL, password: '', again: '' },
    validateInputOnBlur: ['name', 'email'],
    validate: {
      name: (value) => (value.trim() === '' ? 'Give the name to sign in with.' : null),
      email: checkEmail,
      password: (value, values) => (values.kind === LOCAL ? checkNewPassword.password(value) : null),
      again: (value, values) => (values.kind === LOCAL ? checkNewPassword.again(value, values) : null),
    },
  });
  const { name, directory, kind } = form.values;
  return (
    <Form
      form={form}
      submit="Create"
      failure="Could not create the resource owner."
      onCancel={onCancel}
      onSubmit={async (values) => {
        const displayName = values.displayName.trim();
        const made = await api.post<ShownResourceOwner>('/resource-owners', {
          name: values.name,
          email: values.email.trim(),
          directory: values.directory,
          ...(displayName !== '' && { displayName }),
          ...(values.kind === LOCAL && { password: values.password }),
        });
        await refreshAll();
        tell(`${made.displayName} can sign in.`);
        onMade(made);
      }}
    >
      <TextInput
        label="User name"
        description="To sign in with. Capitals do not matter."
        required
        autoComplete="off"
        data-autofocus
        {...form.getInputProps('name')}
      />
      <TextInput label="Name" description="As others see it." {...form.getInputProps('displayName')} />
      <TextInput label="E-mail" type="email" autoComplete="off" {...form.getInputProps('email')} />
      <DirectorySelect
        label="Directory"
        description="What checks who they are. Elsewhere than here: the name is made ready for their first sign-in."
        allowDeselect={false}
        error={form.errors.directory}
        value={directory}
        onChange={(chosen) => form.setValues({ directory: chosen?.name ?? LOCAL, kind: chosen?.kind ?? LOCAL })}
      />
      {kind === LOCAL && <NewPasswordFields form={form} />}
      <ShowCommand
        command={`gatewright resource-owner create ${shellWord(name.trim())}${directory === LOCAL ? '' : ` directory=${shellWord(directory)}`}`}
      />
    </Form>
  );
}
