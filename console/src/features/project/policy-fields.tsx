import { SegmentedControl, Stack, TextInput } from '@mantine/core';
import { CodeEditor } from '../../components/code-editor.tsx';
import { ErrorSummary } from '../../components/form.tsx';
import type { Field } from '../../schema-form/field.ts';
import { lineOf } from '../../schema-form/json-text.ts';
import { SchemaForm } from '../../schema-form/schema-form.tsx';
import { type PolicyDraft, settingErrors } from './use-policy-draft.ts';

/** Chooses between a policy's form and its settings as JSON. */
export function FormOrJson({ draft }: { readonly draft: PolicyDraft }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Show the settings as"
      data={[
        { value: 'form', label: 'Form', disabled: draft.json?.problem !== undefined },
        { value: 'json', label: 'JSON' },
      ]}
      value={draft.json === undefined ? 'form' : 'json'}
      onChange={(view) => draft.showJson(view === 'json')}
    />
  );
}

/** A policy's name and settings. `focus`: JSON pointer of the setting that has the focus at first. */
export function PolicyFields({
  draft,
  fields,
  isReadOnly,
  focus,
}: {
  readonly draft: PolicyDraft;
  readonly fields: readonly Field[];
  readonly isReadOnly: boolean;
  readonly focus?: string | undefined;
}) {
  const { content, json, errors } = draft;
  const inSettings = settingErrors(errors);
  return (
    <Stack gap="md">
      <ErrorSummary
        errors={[
          // Before that each stands at its field only: a list that comes when a field is left moves what one is about to press.
          ...(draft.isTried ? [...errors] : []).map(
            ([pointer, message]) => [pointer, `${titleAt(fields, pointer)}${message}`] as const,
          ),
          ...(json?.problem === undefined
            ? []
            : [['/json', `Line ${json.problem.line}: ${json.problem.message}`] as const]),
        ]}
      />
      <div data-pointer="/displayName">
        <TextInput
          label="Display name"
          withAsterisk
          maxLength={64}
          autoComplete="off"
          readOnly={isReadOnly}
          error={errors.get('/displayName')}
          value={content.displayName}
          onBlur={() => draft.leave('/displayName')}
          onChange={(event) => draft.setDisplayName(event.currentTarget.value)}
        />
      </div>
      {json === undefined ? (
        <SchemaForm
          fields={fields}
          settings={content.settings}
          onChange={draft.setSettings}
          errors={inSettings}
          onLeave={(pointer) => draft.leave(`/config${pointer}`)}
          isReadOnly={isReadOnly}
          focus={focus}
        />
      ) : (
        <CodeEditor
          value={json.text}
          onChange={draft.setJsonText}
          language="json"
          label="Settings as JSON"
          readOnly={isReadOnly}
          minHeight={240}
          problems={
            json.problem !== undefined
              ? [json.problem]
              : [...inSettings].map(([pointer, message]) => ({ line: lineOf(json.text, pointer), column: 1, message }))
          }
        />
      )}
    </Stack>
  );
}

/** What a field is called, before what is wrong with it: `Set, row 2: `. Nothing for a pointer to no field. */
function titleAt(fields: readonly Field[], pointer: string): string {
  if (pointer === '/displayName') return 'Display name: ';
  const [, , name, row] = pointer.split('/');
  const field = fields.find((known) => known.name === name);
  if (field === undefined) return '';
  return `${field.title}${row !== undefined && /^\d+$/.test(row) ? `, row ${Number(row) + 1}` : ''}: `;
}
