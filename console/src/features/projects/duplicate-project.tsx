import { Text, TextInput } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import type { ProjectRow } from '#core/model/overview/screens';
import type { Project } from '#core/model/project';
import { api, path } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { checkContextPath, checkDisplayName } from '../../components/checks.ts';
import { Dialog } from '../../components/dialog.tsx';
import { Form } from '../../components/form.tsx';
import { tell } from '../../components/notify.ts';
import { nameTakenAtField } from './name-taken.ts';

interface DuplicateProjectProps {
  readonly project: ProjectRow;
  readonly isOpen: boolean;
  readonly onClose: () => void;
}

/** Copies a project's draft under another name and path. */
export function DuplicateProject(props: DuplicateProjectProps) {
  return (
    <Dialog title={`Duplicate ${props.project.displayName}`} isOpen={props.isOpen} onClose={props.onClose}>
      <DuplicateForm {...props} />
    </Dialog>
  );
}

function DuplicateForm({ project, onClose }: DuplicateProjectProps) {
  const navigate = useNavigate();
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: {
      displayName: `${project.displayName.slice(0, 59)} copy`,
      contextPath: project.contextPath === '/' ? '/copy' : `${project.contextPath}-copy`,
    },
    validate: { displayName: checkDisplayName, contextPath: checkContextPath },
  });
  return (
    <Form
      form={form}
      failure={`Could not duplicate ${project.displayName}.`}
      submit="Duplicate"
      onCancel={onClose}
      onSubmit={async (values) => {
        const body = { displayName: values.displayName.trim(), contextPath: values.contextPath.trim() };
        const made = await nameTakenAtField(
          body.displayName,
          api.post<Project>(path`/projects/${project.name}/duplicate`, body),
        );
        await refreshAll();
        tell(`${made.displayName} is made.`);
        onClose();
        await navigate({ to: `/projects/${made.name}` });
      }}
    >
      <Text size="sm">
        The copy has the draft's resources, policies and targets. Versions, deployments and products stay with the
        original.
      </Text>
      <TextInput label="Display Name" required data-autofocus {...form.getInputProps('displayName')} />
      <TextInput
        label="Proxy Context Path"
        description="Two projects cannot share a path on one server group."
        required
        {...form.getInputProps('contextPath')}
      />
    </Form>
  );
}
