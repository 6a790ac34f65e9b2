import { Text } from '@mantine/core';
import { useForm } from '@mantine/form';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { PROJECT_DOCUMENT_MARK } from '#core/model/import-format';
import type { Project } from '#core/model/project';
import { PROJECT_KIND_TITLES, PROJECT_KINDS } from '#core/model/project-kind';
import { api } from '../../api/client.ts';
import { refreshAll } from '../../api/query-client.ts';
import { checkContextPath, checkDisplayName } from '../../components/checks.ts';
import { Form } from '../../components/form.tsx';
import { plural } from '../../components/format.ts';
import { Failure } from '../../components/states.tsx';
import { BasicsFields } from '../project-wizards/basics-fields.tsx';
import { WizardButtons } from '../project-wizards/wizard-buttons.tsx';
import { WizardPage } from '../project-wizards/wizard-page.tsx';
import { nameTakenAtField } from '../projects/name-taken.ts';
import { textOfFile } from './document.ts';
import classes from './imports.module.css';
import { DropArea } from './source-picker.tsx';

/** What is known of an export before the manager has checked it. */
interface Export {
  readonly document: unknown;
  readonly displayName: string;
  readonly contextPath: string;
  readonly sentence: string;
}

/** Takes over a project as it was exported, under the same name and path or others. */
export function FromExport() {
  const navigate = useNavigate();
  const [file, setFile] = useState<File>();
  const [found, setFound] = useState<Export>();
  const [problem, setProblem] = useState<unknown>();
  const form = useForm({
    validateInputOnBlur: true,
    initialValues: { displayName: '', contextPath: '' },
    validate: { displayName: checkDisplayName, contextPath: checkContextPath },
  });
  const take = async (next: File) => {
    setFile(next);
    setFound(undefined);
    setProblem(undefined);
    try {
      const read = readExport(await textOfFile(next), next.name);
      setFound(read);
      form.setValues({ displayName: read.displayName, contextPath: read.contextPath });
    } catch (error) {
      setProblem(error);
    }
  };
  return (
    <WizardPage
      title="From a project export"
      description="Takes over a project as Export wrote it: its draft with resources, policies and targets, without secrets."
    >
      <Form
        form={form}
        failure="Could not take over the project."
        guard
        onSubmit={async (values) => {
          if (found === undefined) return;
          const body = {
            document: found.document,
            displayName: values.displayName.trim(),
            contextPath: values.contextPath.trim(),
          };
          const made = await nameTakenAtField(body.displayName, api.post<Project>('/imports/project', body));
          await refreshAll();
          await navigate({ to: `/projects/${made.name}`, search: { created: '1' } as never });
        }}
        footer={({ isSending }) => <WizardButtons isLast isSending={isSending} isBlocked={found === undefined} />}
      >
        <DropArea
          what="an export of a project"
          accept=".json,application/json"
          file={file}
          onFile={(next) => void take(next)}
        />
        {problem !== undefined && <Failure what="Could not read the file." error={problem} />}
        {found !== undefined && (
          <>
            <Text size="sm" className={classes.box} role="status">
              {found.sentence}
            </Text>
            <BasicsFields form={form} placeholder={{ displayName: 'Orders API', contextPath: '/orders' }} />
          </>
        )}
      </Form>
    </WizardPage>
  );
}

/** @throws Error when it is no export of a project */
function readExport(text: string, fileName: string): Export {
  const document = parse(text, fileName);
  const project = recordOf(recordOf(document)?.project);
  if (recordOf(document)?.[PROJECT_DOCUMENT_MARK] !== 1 || project === undefined)
    throw new Error(`${fileName} is no export of a project. Export in the menu of a project writes one.`);
  const kind = PROJECT_KINDS.find((known) => known === project.kind);
  const count = (part: string) => {
    const list = recordOf(document)?.[part];
    return Array.isArray(list) ? list.length : 0;
  };
  const parts = [
    plural(count('resources'), 'resource', 'resources'),
    plural(count('policies'), 'policy', 'policies'),
    plural(count('targets'), 'target', 'targets'),
  ];
  return {
    document,
    displayName: String(project.displayName ?? ''),
    contextPath: String(project.contextPath ?? ''),
    sentence: `Read: ${kind === undefined ? 'a project' : PROJECT_KIND_TITLES[kind]} with ${parts.join(', ')}`,
  };
}

function parse(text: string, fileName: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error(`${fileName} is no JSON.`);
  }
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}
